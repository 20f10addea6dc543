// How many rounds each update rule needs to a loose and a tight gap on the suite of problems, as a Markdown
// table.
//   rounds [--points 4,8,16] [--starts 5] [--rules two_track] [--only TEXT] [--budget 500] [--history T0]
// A cell is the median over starts that differ by 1e-12; "-" means not within the budget.
#include "optex/core/errors.hpp"
#include "optex/core/random.hpp"
#include "optex/estimation/gaussian_process.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/kernels/matern.hpp"
#include "optex/methods/lbfgs.hpp"
#include "optex/methods/optex.hpp"
#include "optex/methods/sequential.hpp"
#include "optex/methods/two_track.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <sstream>

#include "bench/suite.hpp"
#include <boost/program_options.hpp>
#include <fmt/core.h>
#include <fmt/ranges.h>

namespace optex::bench {
namespace {

constexpr int never = std::numeric_limits<int>::max();
using Hits = std::pair<int, int>;  // rounds to the loose and to the tight gap

struct Limits {
  int rounds = 500;   // after so many a gap counts as not met
  Index history = 0;  // pairs that are kept; 0: the rule's default
};

std::unique_ptr<Method> make_rule(const std::string& rule, Index points, Evaluator& evaluator,
                                  const std::shared_ptr<const Optimizer>& optimizer, Index history) {
  const auto kernel = std::make_shared<Matern52>();
  if (rule == "vanilla") return std::make_unique<Sequential>(evaluator, optimizer, 1, 0);
  if (rule == "target") return std::make_unique<Sequential>(evaluator, optimizer, points, 0);
  if (rule == "two_track")
    return std::make_unique<TwoTrack>(evaluator, optimizer,
                                      TwoTrack::Options{.parallelism = points, .history = history});
  if (rule == "lbfgs") return std::make_unique<Lbfgs>(evaluator, Lbfgs::Options{});
  Optex::Options options{.parallelism = points, .history = history};
  if (rule == "replay")
    return std::make_unique<Optex>(
        evaluator, optimizer,
        std::make_shared<GaussianProcess>(kernel, PriorMean::constant, HyperparameterRules{}), options);
  if (rule == "paper") {
    options.update = UpdateRule::last;
    const HyperparameterRules rules{.lengthscale_rule = LengthscaleRule::paper, .nugget = 1e-3};
    return std::make_unique<Optex>(
        evaluator, optimizer, std::make_shared<GaussianProcess>(kernel, PriorMean::zero, rules), options);
  }
  throw UsageError("unknown rule " + rule);
}

Hits rounds_to_gaps(const SuiteProblem& problem, const std::string& rule, Index points, int start,
                    const Limits& limits) {
  SerialEvaluator evaluator(*problem.objective);
  const auto method = make_rule(rule, points, evaluator, problem.optimizer, limits.history);
  Vector theta = problem.objective->initial_point();
  const CounterRandom random({.seed = static_cast<std::uint64_t>(start)}, Stream::direction);
  if (start > 0)
    for (Index i = 0; i < theta.size(); ++i) theta[i] += 1e-12 * random.normal(static_cast<std::uint64_t>(i));
  RunState run = method->initial_state(theta);
  Hits hits{never, never};
  Vector gradient(theta.size());
  try {
    for (int t = 1; t <= limits.rounds && hits.second == never; ++t) {
      method->iterate(run);
      double value = problem.objective->value_and_gradient(run.theta, SampleKey::exact(), 0, gradient);
      if (rule == "two_track" || rule == "lbfgs") value = std::min(value, run.best_value);
      if (!std::isfinite(value)) break;
      if (value <= problem.gaps.first) hits.first = std::min(hits.first, t);
      if (value <= problem.gaps.second) hits.second = t;
    }
  } catch (const Error&) {
    // diverged: the gaps that were not met stay "never"
  }
  return hits;
}

Hits median_hits(const SuiteProblem& problem, const std::string& rule, Index points, int starts,
                 const Limits& limits) {
  std::vector<int> loose, tight;
  for (int start = 0; start < starts; ++start) {
    const Hits hits = rounds_to_gaps(problem, rule, points, start, limits);
    loose.push_back(hits.first);
    tight.push_back(hits.second);
  }
  const auto median = [](std::vector<int>& values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  };
  return {median(loose), median(tight)};
}

std::string cell(const Hits& hits) {
  const auto text = [](int rounds) { return rounds == never ? std::string("-") : std::to_string(rounds); };
  return text(hits.first) + "/" + text(hits.second);
}

/// Logarithms of the speed-up over vanilla; a gap that is never met counts as half of vanilla's speed.
struct SpeedUps {
  std::vector<double> logarithms;
  void add(int vanilla, int rounds) {
    logarithms.push_back(rounds == never
                             ? std::log(0.5)
                             : std::log(static_cast<double>(vanilla) / static_cast<double>(rounds)));
  }
  double geometric_mean() const {
    double total = 0.0;
    for (const double l : logarithms) total += l;
    return std::exp(total / static_cast<double>(logarithms.size()));
  }
  double minimum() const { return std::exp(*std::min_element(logarithms.begin(), logarithms.end())); }
};

template <class T>
std::vector<T> list_of(const std::string& text) {
  std::vector<T> values;
  std::stringstream stream(text);
  for (std::string item; std::getline(stream, item, ',');) {
    std::stringstream one(item);
    values.emplace_back();
    one >> values.back();
  }
  return values;
}

int run(int argc, char** argv) {
  namespace po = boost::program_options;
  po::options_description options("options");
  options.add_options()("help", "show this")("points", po::value<std::string>()->default_value("4,8,16"))(
      "starts", po::value<int>()->default_value(5))("rules",
                                                    po::value<std::string>()->default_value("two_track"))(
      "only", po::value<std::string>()->default_value(""))("budget", po::value<int>()->default_value(500))(
      "history", po::value<Index>()->default_value(0));
  po::variables_map given;
  po::store(po::parse_command_line(argc, argv, options), given);
  if (given.contains("help")) {
    fmt::print("{}", (std::stringstream() << options).str());
    return 0;
  }
  const auto points = list_of<Index>(given["points"].as<std::string>());
  const auto rules = list_of<std::string>(given["rules"].as<std::string>());
  const int starts = given["starts"].as<int>();
  const Limits limits{.rounds = given["budget"].as<int>(), .history = given["history"].as<Index>()};

  std::string header = "| problem | gaps | vanilla |";
  std::string line = "|--|--|--|";
  for (const auto& rule : rules)
    for (const Index n : points) {
      header += fmt::format(" {} N={} |", rule, n);
      line += "--|";
    }
  fmt::print("{}\n{}\n", header, line);
  std::map<std::pair<std::string, Index>, SpeedUps> speed_ups;
  for (const SuiteProblem& problem : suite()) {
    if (problem.name.find(given["only"].as<std::string>()) == std::string::npos) continue;
    const Hits vanilla = rounds_to_gaps(problem, "vanilla", 1, 0, {.rounds = 3000});
    fmt::print("| {} | {:g}/{:g} | {} |", problem.name, problem.gaps.first, problem.gaps.second,
               cell(vanilla));
    for (const auto& rule : rules)
      for (const Index n : points) {
        const Hits hits = median_hits(problem, rule, n, starts, limits);
        fmt::print(" {} |", cell(hits));
        std::fflush(stdout);
        speed_ups[{rule, n}].add(vanilla.first, hits.first);
        speed_ups[{rule, n}].add(vanilla.second, hits.second);
      }
    fmt::print("\n");
  }
  for (const auto& rule : rules)
    for (const Index n : points)
      fmt::print("{} N={}: geometric mean of the speed-up {:.2f}, smallest {:.2f}\n", rule, n,
                 speed_ups[{rule, n}].geometric_mean(), speed_ups[{rule, n}].minimum());
  return 0;
}

}  // namespace
}  // namespace optex::bench

int main(int argc, char** argv) {
  try {
    return optex::bench::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "rounds: {}\n", error.what());
    return 2;
  }
}
