#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include <fmt/format.h>

namespace optex::test {

/// A run's folder as `optex run` leaves it, with F = offset + start / (1 + speed * round).
struct WrittenRun {
  std::filesystem::path folder;
  std::string problem = "rosenbrock";
  std::string method = "optex";
  std::string more_config = {};
  int seed = 0;
  int rounds = 40;
  double speed = 1.0;
  std::string state = "finished";
  std::string reason = "iterations";
  double seconds = 1.0;  ///< a round
  double offset = 0.0;   ///< of F

  double value_after(int round) const { return offset + 100.0 / (1.0 + speed * round); }

  void write() const {
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "resolved.toml") << fmt::format(
        "[run]\nseed = {}\n[problem]\nname = \"{}\"\ndimension = 100\n[method]\nname = \"{}\"\n{}", seed,
        problem, method, more_config);
    std::ofstream metrics(folder / "metrics.jsonl");
    for (int t = 1; t <= rounds; ++t)
      metrics << fmt::format(
          R"({{"iteration":{},"value":{},"best_value":{},"gradient_norm":{},"evaluations":{},"seconds":{},"accepted":3,"reach":4,)"
          R"("update":"replay","lengthscale":2.0,"nugget":1e-8,"prediction_error":[0,0.01,0.1],"dropped_points":0,)"
          R"("seconds_in":{{"fit":0.1,"chain":0.1,"evaluate":0.2,"wait":0.5,"update":0.0,"checkpoint":0.0}}}})"
          "\n",
          t, value_after(t - 1), value_after(t), 1.0 / t, 4 * t, seconds * t);
    std::ofstream(folder / "status.json") << fmt::format(
        R"({{"state":"{}","reason":"{}","iteration":{},"value":{},"best_value":{},"final_value":{},"evaluations":{},)"
        R"("seconds":{},"exit_code":0,"message":"","ranks":{{"seconds":{},"busy_seconds":[{},{}]}}}})",
        state, reason, rounds, value_after(rounds - 1), value_after(rounds), value_after(rounds), 4 * rounds,
        rounds, rounds, 0.8 * rounds, 0.2 * rounds);
    std::ofstream(folder / "provenance.json")
        << R"({"version":"0.1.0","git_commit":"abc","ranks":2,"hosts":{"node<1>":[0,1]},"cpu":"a & b","command_line":["run","x.toml"]})";
    std::ofstream(folder / "events.jsonl")
        << R"({"time":"2026-01-01T00:00:00.000Z","kind":"start","text":"100 parameters"})"
           "\n"
           R"({"time":"2026-01-01T00:00:01.000Z","kind":"diagnosis","text":"diverging: <b>look</b>"})"
           "\n";
  }
};

}  // namespace optex::test
