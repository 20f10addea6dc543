#include "bench/smooth_rounds.hpp"

#include "optex/core/random.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/methods/lbfgs.hpp"
#include "optex/methods/surrogate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>

#include "bench/gaps.hpp"
#include "bench/smooth_suite.hpp"
#include <Eigen/Eigenvalues>
#include <fmt/core.h>

namespace optex::bench {
namespace {

constexpr std::array<double, 4> gaps = {1e-2, 1e-4, 1e-6, 1e-8};
using FourHits = std::array<int, 4>;

/// F that a method is to reach: F* + gap (F0 - F*).
struct Targets {
  double start = 0.0, optimum = 0.0;
  double at(std::size_t k) const { return optimum + gaps[k] * (start - optimum); }
};

double value_at(const Objective& objective, const Vector& theta, Vector& gradient) {
  return objective.value_and_gradient(theta, SampleKey::exact(), 0, gradient);
}

Vector moved_start(const Objective& objective, int number) {
  Vector theta = objective.initial_point();
  const CounterRandom random({.seed = static_cast<std::uint64_t>(number)}, Stream::direction);
  const double length = 1e-6 * std::max(1.0, theta.cwiseAbs().maxCoeff());
  for (Index i = 0; i < theta.size() && number > 0; ++i)
    theta[i] += length * random.normal(static_cast<std::uint64_t>(i));
  return theta;
}

/// best: the smallest F after each round, or infinity when there is no further one.
FourHits hits_of(const Targets& targets, int budget, const std::function<double()>& next_best) {
  FourHits hits;
  hits.fill(never);
  for (int round = 1; round <= budget && hits.back() == never; ++round) {
    const double best = next_best();
    for (std::size_t k = 0; k < gaps.size(); ++k)
      if (best <= targets.at(k)) hits[k] = std::min(hits[k], round);
  }
  return hits;
}

FourHits hits_of(Method& method, const Vector& start, const Targets& targets, int budget) {
  RunState run = method.initial_state(start);
  return hits_of(targets, budget, [&] {
    if (!method.finished(run)) method.iterate(run);
    return run.best_value;
  });
}

/// Exact Newton: the best of 22 dampings a round. Hessians from differences of gradients.
FourHits newton_hits(const Objective& objective, const Vector& start, const Targets& targets, int budget) {
  Vector theta = start;
  Vector gradient(theta.size());
  double value = value_at(objective, theta, gradient);
  bool first = true;
  return hits_of(targets, budget, [&] {
    if (std::exchange(first, false)) return value;
    Matrix hessian(theta.size(), theta.size());
    Vector above(theta.size()), below(theta.size());
    const double step = 1e-5 * std::max(1.0, theta.cwiseAbs().maxCoeff());
    for (Index i = 0; i < theta.size(); ++i) {
      Vector moved = theta;
      moved[i] = theta[i] + step;
      value_at(objective, moved, above);
      moved[i] = theta[i] - step;
      value_at(objective, moved, below);
      hessian.col(i) = (above - below) / (2.0 * step);
    }
    const Eigen::SelfAdjointEigenSolver<Matrix> eigen(0.5 * (hessian + hessian.transpose()));
    const double largest = eigen.eigenvalues().cwiseAbs().maxCoeff();
    const Vector turned = eigen.eigenvectors().transpose() * gradient;
    Vector best = theta;
    for (int k = 0; k < 22; ++k) {
      const double damping = k == 0 ? 0.0 : largest * std::pow(10.0, -9.0 + 0.5 * k);
      const Vector lifted = eigen.eigenvalues().cwiseAbs().array() + damping + 1e-14 * largest;
      const Vector tried = theta - eigen.eigenvectors() * turned.cwiseQuotient(lifted);
      const double found = value_at(objective, tried, above);
      if (found < value) {
        value = found;
        best = tried;
      }
    }
    theta = best;
    value_at(objective, theta, gradient);
    return value;
  });
}

FourHits median_of(int starts, const std::function<FourHits(int)>& run) {
  std::array<std::vector<int>, 4> all;
  for (int start = 0; start < starts; ++start) {
    const FourHits hits = run(start);
    for (std::size_t k = 0; k < gaps.size(); ++k) all[k].push_back(hits[k]);
  }
  FourHits medians;
  for (std::size_t k = 0; k < gaps.size(); ++k) {
    std::sort(all[k].begin(), all[k].end());
    medians[k] = all[k][all[k].size() / 2];
  }
  return medians;
}

std::string text_of(const FourHits& hits) {
  std::string text;
  for (const int rounds : hits)
    text += (text.empty() ? "" : "/") + (rounds == never ? "-" : std::to_string(rounds));
  return text;
}

double optimum_of(const Objective& objective, const Vector& start) {
  SerialEvaluator evaluator(objective);
  Lbfgs method(evaluator, {.memory = 60});
  RunState run = method.initial_state(start);
  for (int round = 0; round < 6000 && !method.finished(run); ++round) method.iterate(run);
  return run.best_value;
}

}  // namespace

void print_smooth_rounds(const std::vector<Index>& points, int starts, const std::string& only, int budget) {
  constexpr Index newton_up_to = 300;  // coordinates
  std::string header = "| problem | L-BFGS, memory 10 | memory 60 | exact Newton |";
  std::string line = "|--|--|--|--|";
  for (const Index n : points) {
    header += fmt::format(" surrogate, N = {} |", n);
    line += "--|";
  }
  fmt::print("rounds to 1e-2/1e-4/1e-6/1e-8 of the first gap\n\n{}\n{}\n", header, line);
  std::vector<std::array<std::vector<double>, 4>> logarithms(points.size());
  for (const SmoothProblem& problem : smooth_suite()) {
    if (problem.name.find(only) == std::string::npos) continue;
    const Objective& objective = *problem.objective;
    SerialEvaluator evaluator(objective);
    Vector gradient(objective.dimension());
    const Targets targets{value_at(objective, objective.initial_point(), gradient),
                          optimum_of(objective, objective.initial_point())};
    const auto rounds_of = [&](Method& method) {
      return median_of(
          starts, [&](int start) { return hits_of(method, moved_start(objective, start), targets, budget); });
    };
    std::array<FourHits, 2> lbfgs;
    fmt::print("| {} |", problem.name);
    for (std::size_t k = 0; k < 2; ++k) {
      Lbfgs method(evaluator, {.memory = k == 0 ? 10 : 60});
      lbfgs[k] = rounds_of(method);
      fmt::print(" {} |", text_of(lbfgs[k]));
    }
    fmt::print(" {} |", objective.dimension() > newton_up_to
                            ? ""
                            : text_of(newton_hits(objective, moved_start(objective, 0), targets, 300)));
    for (std::size_t p = 0; p < points.size(); ++p) {
      Surrogate method(evaluator, {.parallelism = points[p]});
      const FourHits hits = rounds_of(method);
      fmt::print(" {} |", text_of(hits));
      std::fflush(stdout);
      for (std::size_t k = 0; k < gaps.size(); ++k) {
        const int best = std::min(lbfgs[0][k], lbfgs[1][k]);
        if (best == never) continue;
        logarithms[p][k].push_back(hits[k] == never ? std::log(0.5)
                                                    : std::log(static_cast<double>(best) / hits[k]));
      }
    }
    fmt::print("\n");
  }
  for (std::size_t p = 0; p < points.size(); ++p) {
    std::string text;
    for (const std::vector<double>& values : logarithms[p]) {
      if (values.empty()) continue;
      double sum = 0.0;
      for (const double value : values) sum += value;
      text += fmt::format("{}{:.2f} ({:.2f})", text.empty() ? "" : " / ",
                          std::exp(sum / static_cast<double>(values.size())),
                          std::exp(*std::min_element(values.begin(), values.end())));
    }
    fmt::print("N = {}: rounds of the better L-BFGS over its own, geometric mean (smallest): {}\n", points[p],
               text);
  }
}

}  // namespace optex::bench
