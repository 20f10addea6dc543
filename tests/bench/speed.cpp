// How near rank 0's own work comes to the speed of memory, as Google Benchmark tells it. Before every
// repetition of a row one pass over memory is timed with the same threads (the read limit). Times, limits and
// shares are the best of a row's repetitions, as STREAM does (other processes can only slow things down);
// share = bytes / seconds / limit.
//
//   speed --quick                                        the daily look
//   speed --benchmark_out=speed.json                     everything; then: speed_table.py speed.json
//   speed --quick --benchmark_filter='^chain/'           Google Benchmark's own options work, too

#include "optex/core/kept_memory.hpp"
#include "optex/core/parallel_for.hpp"

#include <algorithm>
#include <exception>
#include <iostream>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "speed_rows.hpp"
#include <benchmark/benchmark.h>
#include <boost/program_options.hpp>
#include <fmt/format.h>

namespace optex::bench {
namespace {

struct Grid {
  std::vector<Index> dimensions, histories, points;
  std::vector<std::string> precisions;
  std::vector<int> threads;
  int repetitions = 5;
  double seconds = 4.0;  // for a row; two repetitions at least
};

/// The scene of the rows that run now; rows with the same one follow each other.
Scene& scene_of(const SceneSize& size) {
  static std::unique_ptr<Scene> scene;
  if (!scene || !(scene->size == size)) {
    scene.reset();
    const int threads = thread_count();
    set_thread_count(static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
    scene = std::make_unique<Scene>(size);
    set_thread_count(threads);
  }
  return *scene;
}

void time(benchmark::State& state, const Row& row, const SceneSize& size, Index points, int threads) {
  set_thread_count(threads);
  Scene& scene = scene_of(size);
  const Work work = row.set_up(scene, points);
  double best = std::numeric_limits<double>::infinity(), limit = 0.0;
  for ([[maybe_unused]] auto one : state) {
    if (work.prepare) work.prepare();
    limit = std::max(limit, scene.bandwidth.measure());
    const double begin = seconds_now();
    work.run();
    const double seconds = seconds_now() - begin;
    best = std::min(best, seconds);
    state.SetIterationTime(seconds);
  }
  state.counters["best_ms"] = 1e3 * best;
  state.counters["limit_GB/s"] = 1e-9 * limit;
  if (work.bytes > 0.0) {
    state.counters["MB"] = 1e-6 * work.bytes;
    state.counters["GB/s"] = 1e-9 * work.bytes / best;
    state.counters["share"] = work.bytes / best / limit;
  }
}

/// Five repetitions of what is quick, fewer of what is not: 10 GB/s and as many bytes as all points read.
std::int64_t repetitions(const Grid& grid, const SceneSize& size, Index points) {
  const double bytes = 16.0 * static_cast<double>(size.dimension * size.history * std::max<Index>(points, 1));
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(grid.seconds / (bytes / 1e10)), 2,
                                  grid.repetitions);
}

void register_rows(const std::vector<Row>& rows, const Grid& grid, const SceneSize& size, Index points,
                   const std::vector<int>& threads) {
  for (const Row& row : rows)
    for (const int count : threads) {
      std::string name = fmt::format("{}/d:{}", row.name, size.dimension);
      if (points >= 0) name += fmt::format("/T0:{}/{}", size.history, to_text(size.precision));
      if (points > 0) name += fmt::format("/N:{}", points);
      name += fmt::format("/threads:{}", count);
      benchmark::RegisterBenchmark(name.c_str(), time, row, size, std::max<Index>(points, 1), count)
          ->UseManualTime()
          ->Unit(benchmark::kMillisecond)
          ->Iterations(repetitions(grid, size, points));
    }
}

void register_scene(const Grid& grid, const SceneSize& size, bool first_of_dimension) {
  const Index most = *std::max_element(grid.points.begin(), grid.points.end());
  const double need = bytes_needed(size, most), room = 0.9 * bytes_available();
  if (need > room) {
    const std::string what =
        fmt::format("d = {}, T0 = {}, {}", size.dimension, size.history, to_text(size.precision));
    const std::string why = fmt::format("needs {:.1f} GB, {:.1f} GB can be had", 1e-9 * need, 1e-9 * room);
    std::cerr << "left out: " << what << ": " << why << '\n';
    benchmark::AddCustomContext("left out: " + what, why);
    return;
  }
  if (first_of_dimension) register_rows(rows_of_dimension(), grid, size, -1, grid.threads);
  register_rows(rows_of_history(), grid, size, 0, grid.threads);
  for (const Index points : grid.points)
    if (points <= size.history) {
      register_rows(rows_with_points(), grid, size, points, grid.threads);
      if (size.precision == Precision::f64)
        register_rows(rows_of_surrogate(), grid, size, points, grid.threads);
    }
}

void check(const Grid& grid) {
  const auto least = [](const char* name, const auto& values, auto bound) {
    for (const auto value : values)
      if (value < bound)
        throw std::runtime_error(fmt::format("--{}: {} is less than {}", name, value, bound));
  };
  least("dimension", grid.dimensions, Index{1});
  least("history", grid.histories, Index{2});
  least("points", grid.points, Index{2});
  least("threads", grid.threads, 1);
  least("repetitions", std::vector<int>{grid.repetitions}, 2);
  for (const std::string& precision : grid.precisions)
    if (precision != "f64" && precision != "f32")
      throw std::runtime_error("--precision: f64 or f32, not " + precision);
}

/// False when there is nothing to run.
bool read_options(int argc, char** argv, Grid& grid) {
  namespace po = boost::program_options;
  bool quick = false, processor_time = false;
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  const std::vector<int> threads = cores > 1 ? std::vector<int>{1, cores} : std::vector<int>{1};
  po::options_description options("How near rank 0's own work comes to the speed of memory");
  options.add_options()("help", "this and Google Benchmark's options")  //
      ("quick", po::bool_switch(&quick), "d = 1e5 and 1e6, T0 = 48, N = 8 instead of everything")(
          "dimension", po::value(&grid.dimensions)->multitoken(), "d, default 1e4 1e5 1e6 1e7")(
          "history", po::value(&grid.histories)->multitoken(), "T0, default 20 50 100")(
          "points", po::value(&grid.points)->multitoken(), "N, default 4 8 16")(
          "precision", po::value(&grid.precisions)->multitoken()->default_value({"f64", "f32"}, "f64 f32"),
          "of the history")("threads",
                            po::value(&grid.threads)->multitoken()->default_value(threads, "1 and all"),
                            "of this process")(
          "repetitions", po::value(&grid.repetitions)->default_value(grid.repetitions), "of a row, at most")(
          "seconds", po::value(&grid.seconds)->default_value(grid.seconds),
          "for the repetitions of a row, if two are done before")(
          "processor-time", po::bool_switch(&processor_time),
          "of this process instead of the clock on the wall: for a machine that others use, too");
  po::variables_map given;
  po::store(po::parse_command_line(argc, argv, options), given);
  po::notify(given);
  if (given.count("help") > 0) {
    std::cout << options;
    return false;
  }
  const auto otherwise = [&](std::vector<Index>& values, const std::vector<Index>& daily,
                             const std::vector<Index>& all) {
    if (values.empty()) values = quick ? daily : all;
  };
  otherwise(grid.dimensions, {100'000, 1'000'000}, {10'000, 100'000, 1'000'000, 10'000'000});
  otherwise(grid.histories, {48}, {20, 50, 100});
  otherwise(grid.points, {8}, {4, 8, 16});
  check(grid);
  measure_processor_time(processor_time);
  benchmark::AddCustomContext("clock", processor_time ? "processor time of this process" : "on the wall");
  return true;
}

int start(int argc, char** argv) {
  std::vector<char*> arguments(argv, argv + argc);
  std::string tabular = "--benchmark_counters_tabular=true";
  arguments.insert(arguments.begin() + 1, tabular.data());
  int count = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  benchmark::Initialize(&count, arguments.data());  // takes its own options out
  Grid grid;
  if (!read_options(count, arguments.data(), grid)) return 0;
  for (const Index d : grid.dimensions) {
    bool first = true;
    for (const Index n : grid.histories)
      for (const std::string& precision : grid.precisions) {
        register_scene(grid, {d, n, precision == "f32" ? Precision::f32 : Precision::f64}, first);
        first = false;
      }
  }
  return benchmark::RunSpecifiedBenchmarks() == 0 ? 1 : 0;
}

}  // namespace
}  // namespace optex::bench

int main(int argc, char** argv) {
  optex::keep_freed_memory();  // as the program does
  try {
    return optex::bench::start(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "speed: " << error.what() << '\n';
    return 2;
  }
}
