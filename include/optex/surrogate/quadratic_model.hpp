#pragma once

#include "optex/core/types.hpp"

#include <limits>
#include <optional>

namespace optex {

/// Pairs in an orthonormal basis of a space of dimension m that holds them.
struct PairsInSpan {
  Matrix steps, changes;  ///< n x m, oldest first
  Matrix middles;         ///< n x m: from the best point
};

/// What is left of a gradient when the known directions have been taken off.
struct Residual {
  Vector direction;           ///< m: (I - P C^-1 Z') r, where the curvature outside is looked at
  double squared_norm = 0.0;  ///< |r|^2
};

/// Curvature of the directions that no pair knows.
struct OutsideCurvature {
  double value = 1.0;  ///< gamma
  double least = 0.0, most = std::numeric_limits<double>::infinity();
};

/// Numbers of the model that could be others.
struct ModelRules {
  Index metric_pairs = 20;      ///< newest pairs that the metric is made of
  Index likelihood_pairs = 60;  ///< newest pairs that say how fast old ones lose their worth
  double inflation = 1.0;       ///< of the rate at which they do
  double redundancy = 0.3;      ///< how much less a pair counts for each nearer one that says the same
  double outside_growth = 3.0;  ///< largest factor of gamma from one round to the next
};

/// Noise of every pair.
struct PairNoise {
  Vector squared;      ///< n: rho_i^2, as the model takes it
  Vector by_distance;  ///< n: without what is redundant
};

/// The posterior of a Gaussian process with a quadratic kernel: the Hessian H ~ N(W, W (x)_s W) where W is a
/// metric learnt from the newest pairs by damped BFGS; pairs y_i = H s_i + e_i, e_i ~ N(0, rho_i^2 |s_i|_W^2
/// W), and rho_i grows with the distance of pair i from the best point at a rate that follows from how much
/// s_i'y_j - y_i's_j differs from 0. Closed form, a Lyapunov equation in the eigenbasis of the whitened steps
/// (docs/method.md). All of it is algebra of sizes n and m <= 2 n + 2.
class QuadraticModel {
 public:
  QuadraticModel(const PairsInSpan& pairs, OutsideCurvature outside, const ModelRules& rules,
                 const std::optional<Residual>& residual);

  const PairNoise& noise() const { return noise_; }
  double outside() const { return outside_; }  ///< gamma, learnt anew
  bool knows_directions() const { return known_.cols() > 0; }

  /// Lengths and steps are measured in z = L^-1 p, |z|^2 = p'Bp, where B^-1 = L L' and B is the model's
  /// Hessian made positive definite.
  Vector whitened_gradient(const Vector& gradient) const;  ///< L'g; the Newton step is -(L'g)
  Vector step_of(const Vector& whitened) const;            ///< L z
  Vector whitened_step(const Vector& step) const;          ///< L^-1 p
  Matrix inverse_hessian() const;                          ///< the lower triangle of B^-1, m x m
  Residual residual(const Vector& gradient) const;

 private:
  Matrix metric(const PairsInSpan& pairs, Index newest) const;
  Matrix completed() const;

  PairNoise noise_;
  double outside_;
  Matrix known_, images_;  // m x k: P and Z = H P of the directions whose curvature is known
  Vector curvatures_;      // k: P'Z
  Matrix root_;            // L, m x m
  Matrix unroot_;          // L^-1
};

/// Minimisers of a model within radii of trust. What all of them share is made once, for the first of them
/// that is shorter than Newton's step.
class DampedSteps {
 public:
  /// Both must live as long as this.
  DampedSteps(const QuadraticModel& model, const Vector& gradient);

  const Vector& newton() const { return newton_; }  ///< whitened, as all of them
  /// -(B + mu I)^-1 g for the least mu >= 0 with |.|_B <= radius.
  Vector within(double radius);

 private:
  void prepare();
  Vector damped(double mu) const;
  Vector times(const Vector& u) const;

  const QuadraticModel& model_;
  const Vector& gradient_;
  Vector newton_;
  Vector diagonal_, beside_, right_;  // of T and Q'g, B^-1 = Q T Q'; empty: not made yet
  Matrix turn_;                       // Q
};

}  // namespace optex
