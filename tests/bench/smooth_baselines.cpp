#include "bench/smooth_baselines.hpp"

#include "optex/core/random.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/methods/lbfgs.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include "bench/gaps.hpp"
#include <Eigen/Eigenvalues>
#include <fmt/core.h>

namespace optex::bench {
namespace {

constexpr Index newton_up_to = 700;  // coordinates
constexpr int newton_rounds = 300;

double value_at(const Objective& objective, const Vector& theta, Vector& gradient) {
  return objective.value_and_gradient(theta, SampleKey::exact(), 0, gradient);
}

/// best: the smallest F after each round.
FourHits hits_of(const Targets& targets, int budget, const std::function<double()>& next_best) {
  FourHits hits;
  hits.fill(never);
  for (int round = 1; round <= budget && hits.back() == never; ++round) {
    const double best = next_best();
    for (std::size_t k = 0; k < hits.size(); ++k)
      if (best <= targets.at(k)) hits[k] = std::min(hits[k], round);
  }
  return hits;
}

FourHits newton_hits(const Objective& objective, const Targets& targets) {
  Vector theta = objective.initial_point();
  Vector gradient(theta.size());
  double value = value_at(objective, theta, gradient);
  bool first = true;
  return hits_of(targets, newton_rounds, [&] {
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

double optimum_of(const Objective& objective) {
  SerialEvaluator evaluator(objective);
  Lbfgs method(evaluator, {.memory = 60});
  RunState run = method.initial_state(objective.initial_point());
  for (int round = 0; round < 6000 && !method.finished(run); ++round) method.iterate(run);
  return run.best.value;
}

Baselines measured(const SmoothProblem& problem, const Objective& objective, int starts, int budget) {
  Vector gradient(objective.dimension());
  Baselines found;
  found.targets.start = value_at(objective, objective.initial_point(), gradient);
  found.targets.optimum = problem.optimum ? *problem.optimum : optimum_of(objective);
  SerialEvaluator evaluator(objective);
  for (auto& [hits, memory] : {std::pair(&found.lbfgs10, 10), std::pair(&found.lbfgs60, 60)}) {
    Lbfgs method(evaluator, {.memory = memory});
    *hits = median_of(starts, [&](int start) {
      return bench::hits_of(method, moved_start(objective, start), found.targets, budget);
    });
  }
  found.newton.fill(never);
  if (objective.dimension() <= newton_up_to) found.newton = newton_hits(objective, found.targets);
  return found;
}

}  // namespace

Vector moved_start(const Objective& objective, int number) {
  Vector theta = objective.initial_point();
  const CounterRandom random({.seed = static_cast<std::uint64_t>(number)}, Stream::direction);
  const double length = 1e-6 * std::max(1.0, theta.cwiseAbs().maxCoeff());
  for (Index i = 0; i < theta.size() && number > 0; ++i)
    theta[i] += length * random.normal(static_cast<std::uint64_t>(i));
  return theta;
}

FourHits hits_of(Method& method, const Vector& start, const Targets& targets, int budget) {
  RunState run = method.initial_state(start);
  return hits_of(targets, budget, [&] {
    if (!method.finished(run)) method.iterate(run);
    return run.best.value;
  });
}

FourHits median_of(int starts, const std::function<FourHits(int)>& run) {
  std::array<std::vector<int>, 4> all;
  for (int start = 0; start < starts; ++start) {
    const FourHits hits = run(start);
    for (std::size_t k = 0; k < hits.size(); ++k) all[k].push_back(hits[k]);
  }
  FourHits medians;
  for (std::size_t k = 0; k < medians.size(); ++k) {
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

Baselines baselines_of(const SmoothProblem& problem, const Objective& objective, int starts, int budget,
                       const std::string& file) {
  const std::string name = fmt::format("{}; {} starts, {} rounds", problem.name, starts, budget);
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const std::size_t end = line.find('|');
    if (line.substr(0, end) != name) continue;
    std::stringstream numbers(line.substr(end + 1));
    Baselines known;
    numbers >> known.targets.start >> known.targets.optimum;
    for (FourHits* const hits : {&known.lbfgs10, &known.lbfgs60, &known.newton})
      for (int& rounds : *hits) numbers >> rounds;
    return known;
  }
  Baselines found = measured(problem, objective, starts, budget);
  if (file.empty()) return found;
  std::ofstream out(file, std::ios::app);
  out << fmt::format("{}| {:.17g} {:.17g}", name, found.targets.start, found.targets.optimum);
  for (const FourHits& hits : {found.lbfgs10, found.lbfgs60, found.newton})
    for (const int rounds : hits) out << ' ' << rounds;
  out << '\n';
  return found;
}

}  // namespace optex::bench
