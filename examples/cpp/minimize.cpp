// Ten lines: an objective, a call, an answer. And a callback that stops the run.
#include <cstdio>

#include "bowl.hpp"
#include <optex/minimize/minimize.hpp>

int main() {
  optex::MinimizeOptions options;
  options.learning_rate = 0.05;
  options.on_iteration = [](const optex::RunState&, const optex::IterationReport& report) {
    return report.best_value < 1.0 + 1e-9 ? optex::Wish::stop : optex::Wish::go_on;
  };
  const optex::Outcome outcome = optex::minimize(Bowl(), options);
  std::printf("F = %.12f, theta[0] = %.6f, ended by %s\n", outcome.final_value, outcome.solution[0],
              outcome.reason.c_str());
  return static_cast<int>(outcome.code);
}
