#pragma once

#include "optex/core/types.hpp"

#include <limits>
#include <optional>

namespace optex {

/// Pairs in an orthonormal basis of a space of dimension m that holds them, and their products. The first r
/// of its vectors hold all steps.
struct PairsInSpan {
  Matrix steps;                   ///< n x r, oldest first
  Matrix changes;                 ///< n x m
  Matrix middles;                 ///< r x n: from the best point, as far as steps reach
  Matrix step_step, step_change;  ///< n x n: s_i's_j, s_i'y_j
  Vector held_shares = {};        ///< n, or empty: PairMemory::held_shares()
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
  Index rough_pairs = 150;      ///< newest pairs that the first of two passes looks at
  Index likelihood_pairs = 60;  ///< newest pairs that say how fast old ones lose their worth
  double inflation = 1.0;       ///< of the rate at which they do
  double redundancy = 0.3;      ///< how much less a pair counts for each nearer one that says the same
  double outside_growth = 3.0;  ///< largest factor of gamma from one round to the next
  Index ladder_of_few = 3;      ///< steps of different length, where a round has few points
};

/// Noise of every pair.
struct PairNoise {
  Vector squared;      ///< n: rho_i^2, as the model takes it
  Vector by_distance;  ///< n: without what is redundant
};

/// A positive definite matrix B of size m by k directions P whose images Z = B P are known, P'Z = C diagonal,
/// and gamma on what is orthogonal to them: B = gamma (I - Q Q') + Z C^-1 Z', Q an orthonormal basis of the
/// span of P. Its inverse is the block BFGS formula. Nothing of size m x m is ever made. P may have fewer
/// rows than Z, the first r: the others are 0.
class CompletedHessian {
 public:
  CompletedHessian() = default;
  CompletedHessian(Matrix directions, Matrix images, Vector curvatures, double outside);

  double outside() const { return outside_; }
  const Matrix& directions() const { return directions_; }  ///< P, r x k
  const Matrix& images() const { return images_; }          ///< Z, m x k
  const Vector& curvatures() const { return curvatures_; }  ///< C, k
  const Matrix& basis() const { return basis_; }            ///< Q, r x k
  const Matrix& root() const { return root_; }              ///< R, k x k, upper: P = Q R

  Vector solve(const Vector& gradient) const;       ///< B^-1 g
  double squared_length(const Vector& step) const;  ///< p'B p
  Vector beside(const Vector& vector) const;        ///< (I - Q Q') v

 private:
  void agree();  // Z with P and C

  double outside_ = 1.0;
  Matrix directions_, images_, basis_, root_;
  Vector curvatures_;
};

/// The posterior of a Gaussian process with a quadratic kernel: the Hessian H ~ N(W, W (x)_s W) where W is a
/// metric learnt from the newest pairs by damped BFGS; pairs y_i = H s_i + e_i, e_i ~ N(0, rho_i^2 |s_i|_W^2
/// W), and rho_i grows with the distance of pair i from the best point at a rate that follows from how much
/// s_i'y_j - y_i's_j differs from 0. Closed form, a Lyapunov equation in the eigenbasis of the steps
/// (docs/method.md). Two passes: the first, for the metric, over the newest pairs alone. All of it is algebra
/// of sizes n, r <= n and m <= 2 n + 2: with all pairs known as much as some fifteen products of n x n with n
/// x n and one or two eigenvalue problems of size n.
class QuadraticModel {
 public:
  QuadraticModel(const PairsInSpan& pairs, OutsideCurvature outside, const ModelRules& rules,
                 const std::optional<Residual>& residual);

  const PairNoise& noise() const { return noise_; }
  bool knows_directions() const { return knows_; }
  /// Made positive definite; its gamma was learnt anew. Lengths of steps are measured by it.
  const CompletedHessian& hessian() const { return hessian_; }
  Residual residual(const Vector& gradient) const;

 private:
  PairNoise noise_;
  CompletedHessian hessian_;
  bool knows_ = false;
};

/// Minimisers of a model within radii of trust. What all of them share is made once, for the first of them
/// that is shorter than Newton's step.
class DampedSteps {
 public:
  /// Both must live as long as this.
  DampedSteps(const CompletedHessian& hessian, const Vector& gradient);

  const Vector& newton() const { return newton_; }
  double newton_length() const { return newton_length_; }
  /// -(B + mu I)^-1 g for the least mu >= 0 with |.|_B <= radius.
  Vector within(double radius);

 private:
  struct Damped {
    Vector inside, pull;  ///< k: Q'p and Q'(g + mu p)
    double squared_length;
  };
  void prepare();
  Damped damped(double mu) const;
  Vector step_of(double mu, const Damped& damped) const;

  const CompletedHessian& hessian_;
  const Vector& gradient_;
  Vector newton_;
  double newton_length_;
  // With A = I - Q Q': what the span of P sees of the gradient and of B^-1, and what stands beside it.
  bool prepared_ = false;
  Vector inside_, coupled_;     // Q'g, Z'A g
  double square_beside_ = 0.0;  // |A g|^2
  Matrix unscaled_;             // X = R C^-1: Q'P C^-1
  Matrix beside_;               // M = Z'A Z
  Matrix own_, coupling_;       // X C X' and X M X': Q'B^-1 Q = X C X' + X M X' / gamma
};

}  // namespace optex
