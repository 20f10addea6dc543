#include "bench/smooth_rounds.hpp"

#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/methods/surrogate.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sstream>

#include "bench/gaps.hpp"
#include "bench/smooth_baselines.hpp"
#include <fmt/core.h>

namespace optex::bench {
namespace {

/// A quotient of rounds, and where the smallest was.
struct Quotients {
  std::vector<double> logarithms;
  std::string worst;
  void add(double rounds, int ours, const std::string& where) {
    const double logarithm = ours == never ? std::log(0.5) : std::log(rounds / ours);
    if (logarithms.empty() || logarithm < *std::min_element(logarithms.begin(), logarithms.end()))
      worst = where;
    logarithms.push_back(logarithm);
  }
  std::string text() const {
    if (logarithms.empty()) return "-";
    double sum = 0.0;
    for (const double value : logarithms) sum += value;
    return fmt::format("{:.2f} ({:.2f})", std::exp(sum / static_cast<double>(logarithms.size())),
                       std::exp(*std::min_element(logarithms.begin(), logarithms.end())));
  }
};
using AtGaps = std::array<Quotients, 4>;

/// Whether the name has one of the texts, which semicolons part, in it.
bool is_wanted(const std::string& name, const std::string& only) {
  std::stringstream texts(only);
  for (std::string text; std::getline(texts, text, ';');)
    if (name.find(text) != std::string::npos) return true;
  return only.empty();
}

void print(const std::string& what, const AtGaps& at_gaps) {
  std::string text, worst;
  for (const Quotients& quotients : at_gaps) {
    text += (text.empty() ? "" : " / ") + quotients.text();
    worst += (worst.empty() ? "" : "; ") + quotients.worst;
  }
  fmt::print("{}: {} [smallest at {}]\n", what, text, worst);
}

}  // namespace

void print_smooth_rounds(const SmoothTable& table) {
  std::string header = "| problem | L-BFGS, memory 10 | memory 60 | exact Newton |";
  std::string line = "|--|--|--|--|";
  for (const Index n : table.points) {
    header += fmt::format(" surrogate, N = {} |", n);
    line += "--|";
  }
  fmt::print("rounds to 1e-2/1e-4/1e-6/1e-8 of the first gap\n\n{}\n{}\n", header, line);
  std::vector<AtGaps> to_best(table.points.size()), to_guard(table.points.size()),
      to_fewer(table.points.size());
  AtGaps newton;
  for (const SmoothProblem& problem : smooth_suite(table.data)) {
    if (!is_wanted(problem.name, table.only)) continue;
    const std::shared_ptr<const Objective> objective = problem.make();
    SerialEvaluator evaluator(*objective);
    const Baselines others = baselines_of(problem, *objective, table.starts, table.budget, table.baselines);
    const bool limited = objective->dimension() <= 700;
    fmt::print("| {} | {} | {} | {} |", problem.name, text_of(others.lbfgs10), text_of(others.lbfgs60),
               limited ? text_of(others.newton) : "");
    FourHits before;
    for (std::size_t p = 0; p < table.points.size(); ++p) {
      Surrogate method(evaluator,
                       {.parallelism = table.points[p], .known_hessian = known_hessian_of(*objective)});
      const FourHits hits = median_of(table.starts, [&](int start) {
        return hits_of(method, moved_start(*objective, start), others.targets, table.budget);
      });
      fmt::print(" {} |", text_of(hits));
      std::fflush(stdout);
      for (std::size_t k = 0; k < hits.size(); ++k) {
        if (others.best(k) != never) to_best[p][k].add(others.best(k), hits[k], problem.name);
        if (others.lbfgs60[k] != never) to_guard[p][k].add(others.lbfgs60[k], hits[k], problem.name);
        if (p > 0 && before[k] != never) to_fewer[p][k].add(before[k], hits[k], problem.name);
      }
      before = hits;
    }
    for (std::size_t k = 0; k < smooth_gaps.size() && limited; ++k)
      if (others.best(k) != never) newton[k].add(others.best(k), others.newton[k], problem.name);
    fmt::print("\n");
  }
  fmt::print("\nGeometric means (smallest), at the four gaps:\n");
  for (std::size_t p = 0; p < table.points.size(); ++p) {
    const std::string n = fmt::format("N = {}", table.points[p]);
    print(n + ", rounds of the better L-BFGS over its own", to_best[p]);
    print(n + ", of memory 60", to_guard[p]);
    if (p > 0) print(fmt::format("{}, of N = {}", n, table.points[p - 1]), to_fewer[p]);
  }
  print("exact Newton, where it was measured", newton);
}

}  // namespace optex::bench
