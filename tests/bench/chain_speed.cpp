// How near rank 0's own work comes to the speed of memory. Before every repetition of a row one pass over
// memory is timed with the same threads (the read limit). The table shows the best of each, as STREAM does
// (other processes can only slow things down), and the share is bytes / seconds / limit.
//
//   chain_speed --dimension 1000000 --history 48 --points 8 --precision f64 f32 --threads 1 2 --json FILE

#include "optex/core/kept_memory.hpp"
#include "optex/core/parallel_for.hpp"
#include "optex/estimation/gaussian_process.hpp"
#include "optex/estimation/posterior.hpp"
#include "optex/kernels/matern.hpp"
#include "optex/methods/proxy_chain.hpp"
#include "optex/methods/replay.hpp"
#include "optex/optimizers/adagrad.hpp"
#include "optex/optimizers/adam.hpp"
#include "optex/optimizers/rmsprop.hpp"
#include "optex/optimizers/sgd.hpp"

#include <algorithm>
#include <exception>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "read_bandwidth.hpp"
#include <boost/program_options.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace optex::bench {
namespace {

using Json = nlohmann::json;

struct Case {
  Index dimension = 0, history = 0, points = 0;
  Precision precision = Precision::f64;
  int threads = 1;
  int repetitions = 5;
};

/// Numbers in (-1, 1) that no prefetcher can guess: a hash of the index (SplitMix64).
Vector noise(Index d, std::uint64_t seed) {
  Vector v(d);
  parallel_for((d + 4095) / 4096, 1, [&](Index block) {
    for (Index i = block * 4096; i < std::min(d, (block + 1) * 4096); ++i) {
      std::uint64_t x = (seed << 40U) + static_cast<std::uint64_t>(i) * 0x9e3779b97f4a7c15U;
      x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
      x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
      v[i] = static_cast<double>(static_cast<std::int64_t>(x ^ (x >> 31U))) * 0x1p-63;
    }
  });
  return v;
}

/// Takes points and throws them away, as an evaluator with workers at hand would send them.
class Taker final : public Evaluator {
 public:
  explicit Taker(Index d) : point_(Vector::Zero(d)) {}
  Index dimension() const override { return point_.size(); }
  void begin(Index) override {}
  void submit(const SampleKey&, ConstVectorRef theta) override { point_ = theta; }
  std::vector<Evaluation> collect() override { return {}; }
  EvaluationTimes times() const override { return {}; }

 private:
  Vector point_;
};

/// Rows of one group: measured with the same history and threads.
class Group {
 public:
  Group(const Case& what, Json& rows) : case_(what), rows_(rows) {
    const double number = what.precision == Precision::f32 ? 4.0 : 8.0;
    pass_ = 2.0 * number * static_cast<double>(what.history * what.dimension);
    constexpr double most = 1e9;  // beyond the caches of any machine
    bandwidth_ = std::make_unique<ReadBandwidth>(static_cast<std::size_t>(std::min(pass_, most)));
    fmt::print("\nd = {}, T0 = {}, N = {}, {}, {} thread{}\n", what.dimension, what.history, what.points,
               what.precision == Precision::f32 ? "f32" : "f64", what.threads, what.threads == 1 ? "" : "s");
    fmt::print("  {:<22}{:>12}{:>12}{:>10}{:>10}{:>8}\n", "what", "ms", "MB", "GB/s", "limit", "share");
  }

  /// Bytes of one pass over the history.
  double pass() const { return pass_; }

  /// The best of some repetitions of `work`, which moves `bytes` at least (0: nothing of size d). `prepare`
  /// is not timed.
  void measure(const std::string& what, double bytes, const std::function<void()>& work,
               const std::function<void()>& prepare = {}) {
    std::vector<double> seconds, limits;
    for (int k = 0; k < case_.repetitions; ++k) {
      if (prepare) prepare();
      limits.push_back(bandwidth_->measure());
      const double begin = seconds_now();
      work();
      seconds.push_back(seconds_now() - begin);
    }
    const double best = *std::min_element(seconds.begin(), seconds.end());
    const double limit = *std::max_element(limits.begin(), limits.end());
    Json row{{"dimension", case_.dimension},
             {"history", case_.history},
             {"points", case_.points},
             {"precision", case_.precision == Precision::f32 ? "f32" : "f64"},
             {"threads", case_.threads},
             {"what", what},
             {"seconds", best},
             {"bytes", bytes},
             {"read_limit", limit}};
    std::string rates;
    if (bytes > 0.0) {
      row["share"] = bytes / best / limit;
      rates = fmt::format("{:>12.1f}{:>10.2f}{:>10.2f}{:>8.2f}", bytes / 1e6, bytes / best / 1e9, limit / 1e9,
                          bytes / best / limit);
    }
    fmt::print("  {:<22}{:>12.3f}{}\n", what, 1e3 * best, rates);
    std::fflush(stdout);
    rows_.push_back(std::move(row));
  }

 private:
  const Case& case_;
  Json& rows_;
  std::unique_ptr<ReadBandwidth> bandwidth_;
  double pass_ = 0.0;
};

void measure_optimizers(Group& group, const Case& what) {
  const Vector gradient = noise(what.dimension, 3);
  const double row = 8.0 * static_cast<double>(what.dimension);
  const std::vector<std::pair<std::string, std::shared_ptr<const Optimizer>>> rules{
      {"sgd", std::make_shared<Sgd>(Sgd::Options{.learning_rate = 1e-3})},
      {"momentum", std::make_shared<Sgd>(Sgd::Options{.learning_rate = 1e-3, .momentum = 0.9})},
      {"nesterov",
       std::make_shared<Sgd>(Sgd::Options{.learning_rate = 1e-3, .momentum = 0.9, .nesterov = true})},
      {"adagrad", std::make_shared<AdaGrad>(AdaGrad::Options{})},
      {"rmsprop", std::make_shared<RmsProp>(RmsProp::Options{})},
      {"adam", std::make_shared<Adam>(Adam::Options{})}};
  for (const auto& [name, rule] : rules) {
    Vector theta = noise(what.dimension, 4);
    OptimizerState state = rule->initial_state(what.dimension);
    // Reads gradient, theta and moments, writes theta and moments. One thread: as the whole vector is
    // updated.
    const double bytes = row * (3.0 + 2.0 * static_cast<double>(rule->moment_count()));
    group.measure("step of " + name, bytes, [&] { rule->step(theta, gradient, state); });
  }
}

void measure_case(const Case& what, Json& rows) {
  set_thread_count(what.threads);
  const Index d = what.dimension, n = what.history, points = what.points;
  Group group(what, rows);
  const double row = 8.0 * static_cast<double>(d);
  const Adam adam({.learning_rate = 1e-3});
  const double optimizer_bytes = 6.0 * row;  // theta and two moments, read and written

  GradientHistory history(d, n, {}, what.precision);
  for (Index first = 0; first < n; first += 8) {
    std::vector<Vector> numbers;
    for (Index k = first; k < std::min(n, first + 8); ++k)
      for (const std::uint64_t kind : {0U, 1U})
        numbers.push_back(noise(d, 100 + 2 * static_cast<std::uint64_t>(k) + kind));
    std::vector<NewPair> pairs;
    for (std::size_t k = 0; k + 1 < numbers.size(); k += 2)
      pairs.push_back({numbers[k], numbers[k + 1], 0.0, 0});
    history.append(pairs);
  }

  const GaussianProcess estimator(std::make_shared<Matern52>(), PriorMean::constant, {});
  group.measure("fit", 0.0, [&] { estimator.fit(history); });

  const std::unique_ptr<GradientModel> model = estimator.fit(history);
  Vector theta = noise(d, 1);
  OptimizerState state = adam.initial_state(d);
  {
    const std::unique_ptr<ModelWalk> walk = model->walk(theta, {});
    const BlockMove move = [&](Index first, VectorRef part, VectorRef mean) {
      adam.update(state.step, first, part, mean, state.moments);
    };
    group.measure("step of the chain", group.pass() + optimizer_bytes, [&] {
      ++state.step;
      walk->advance(move, nullptr);
    });
  }

  std::vector<Index> depths;
  for (Index k = 0; k < points; ++k) depths.push_back(k);
  Taker taker(d);
  ProxyChain chain;
  // N places: distances and prediction at each, a step between two, and every point copied.
  const double steps = static_cast<double>(points - 1), places = static_cast<double>(points);
  group.measure(
      "chain", places * group.pass() + steps * optimizer_bytes,
      [&] {
        chain = walk_chain(
            theta, state, [&] { return ChainGuide{model.get()}; }, adam, depths, {}, false, taker);
      },
      [&] { chain = {}; });

  std::vector<Evaluation> truth;
  for (const Vector& prediction : chain.predictions) {
    Evaluation evaluation;
    evaluation.value = 0.0;
    evaluation.gradient = prediction;
    truth.push_back(std::move(evaluation));
  }
  const std::vector<bool> usable(truth.size(), true);
  Vector end;
  OptimizerState end_state;
  group.measure(
      "replay", places * group.pass() + places * optimizer_bytes,
      [&] {
        replay(end, end_state, model.get(), adam, {depths, truth, usable, 1.0, 1e9});
      },
      [&] {
        end = theta;
        end_state = state;
      });

  std::vector<NewPair> pairs;
  for (std::size_t k = 0; k < chain.points.size(); ++k)
    pairs.push_back({chain.points[k], truth[k].gradient, 0.0, 0});
  group.measure("append N pairs", group.pass() + 2.0 * places * row, [&] { history.append(pairs); });
  measure_optimizers(group, what);
}

double machine_bytes() {
  return static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

int start(int argc, char** argv) {
  namespace po = boost::program_options;
  std::vector<Index> dimensions, histories, points;
  std::vector<std::string> precisions;
  std::vector<int> threads;
  int repetitions = 5;
  std::string json;
  bool processor_time = false;
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  po::options_description options("How near rank 0's own work comes to the speed of memory");
  options.add_options()("help", "this")  //
      ("dimension",
       po::value(&dimensions)->multitoken()->default_value({10'000, 100'000, 1'000'000}, "1e4 1e5 1e6"),
       "d")("history", po::value(&histories)->multitoken()->default_value({48}, "48"), "T0")  //
      ("points", po::value(&points)->multitoken()->default_value({8}, "8"), "N")              //
      ("precision", po::value(&precisions)->multitoken()->default_value({"f64", "f32"}, "f64 f32"),
       "of the history")("threads", po::value(&threads)->multitoken()->default_value({1, cores}, "1 and all"),
                         "of this process")("repetitions", po::value(&repetitions)->default_value(5),
                                            "the best of so many counts")  //
      ("json", po::value(&json), "write all rows to this file, too")(
          "processor-time", po::bool_switch(&processor_time),
          "of this process instead of the clock on the wall: for a machine that others use, too");
  po::variables_map given;
  po::store(po::parse_command_line(argc, argv, options), given);
  po::notify(given);
  if (given.count("help") > 0) {
    std::cout << options;
    return 0;
  }
  measure_processor_time(processor_time);
  Json rows = Json::array();
  for (const Index d : dimensions)
    for (const Index n : histories)
      for (const Index N : points)
        for (const std::string& precision : precisions)
          for (const int count : threads) {
            if (d < 1 || n < 2 || N < 2 || N > n || count < 1 || repetitions < 1 ||
                (precision != "f64" && precision != "f32"))
              throw std::runtime_error(fmt::format(
                  "d = {}, T0 = {}, N = {}, {}, {} threads: need d >= 1, 2 <= N <= T0, f64 or f32, a thread",
                  d, n, N, precision, count));
            const Case what{d,     n,          N, precision == "f32" ? Precision::f32 : Precision::f64,
                            count, repetitions};
            const double need =
                static_cast<double>(d) * ((precision == "f32" ? 8.0 : 16.0) * 2.0 * static_cast<double>(n) +
                                          8.0 * (4.0 * static_cast<double>(N) + 16.0));
            if (need > 0.8 * machine_bytes())
              fmt::print("\nd = {}, T0 = {}, N = {}, {}: left out, it needs {:.1f} GB\n", d, n, N, precision,
                         need / 1e9);
            else
              measure_case(what, rows);
          }
  if (!json.empty()) {
    std::ofstream file(json);
    file << rows.dump(1) << '\n';
    if (!file) throw std::runtime_error(json + ": cannot be written");
  }
  return 0;
}

}  // namespace
}  // namespace optex::bench

int main(int argc, char** argv) {
  optex::keep_freed_memory();  // as the program does
  try {
    return optex::bench::start(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "chain_speed: {}\n", error.what());
    return 2;
  }
}
