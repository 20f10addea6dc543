#include "optex/surrogate/quadratic_model.hpp"

#include "optex/core/product_blocking.hpp"
#include "optex/surrogate/matrix_products.hpp"
#include "optex/surrogate/symmetric_eigen.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "lifted_cholesky.hpp"
#include "metric.hpp"
#include "pair_noise.hpp"
#include <Eigen/QR>

namespace optex {
namespace {

constexpr double precise_enough = 2.0;    // precision of a direction, in units of the prior's
constexpr double least_curvature = 1e-3;  // of a known direction, in units of the prior's
constexpr double shortest_step = 1e-300;

/// Pairs at unit length, each divided by its noise: S = diag(scale) steps and so on.
struct WeighedPairs {
  const PairsInSpan& pairs;
  const Metric& metric;
  const MeasuredPairs& measured;
  Vector scale;  // n

  Matrix steps_turned_times(const Matrix& weights) const {  // S' w
    return product(turned(pairs.steps), plain(Matrix(scale.asDiagonal() * weights)));
  }
  Matrix changes_turned_times(const Matrix& weights) const {  // Y' w
    return product(turned(pairs.changes), plain(Matrix(scale.asDiagonal() * weights)));
  }
  Matrix measured_steps_turned_times(const Matrix& weights) const {  // W S' w
    const Matrix scaled = scale.asDiagonal() * weights;
    const Matrix& beside = measured.beside.size() > 0 ? measured.beside : pairs.steps;
    Matrix image =
        product(plain(metric.span),
                plain(Matrix(metric.weights.asDiagonal() * product(turned(measured.along), plain(scaled)))));
    image.topRows(pairs.steps.cols()) += metric.outside * product(turned(beside), plain(scaled));
    return image;
  }
};

/// Directions P of which pairs know something, in the eigenbasis of the steps: P'W S'S W P =
/// diag(precisions), P'W P = I.
struct SeenDirections {
  Vector precisions;             // k, ascending
  Matrix weights;                // n x k: P = S' weights; where there are fewer pairs than dimensions
  Matrix directions, in_metric;  // r x k, m x k: P and W P; where there are not
  Matrix of_steps, of_changes;   // n x k: S W P and Y P
};

/// From the smaller of two matrices with the same eigenvalues.
SeenDirections seen_by(const WeighedPairs& weighed) {
  const PairsInSpan& pairs = weighed.pairs;
  const Metric& metric = weighed.metric;
  const MeasuredPairs& measured = weighed.measured;
  const auto both_sides = [&scale = weighed.scale](const Matrix& table) {
    return Matrix(scale.asDiagonal() * table * scale.asDiagonal());
  };
  const auto known_of = [](const Vector& precisions) {
    return static_cast<Index>((precisions.array() > precise_enough).count());  // the last: ascending
  };
  SeenDirections seen;
  const Index reach = pairs.steps.cols();
  if (3 * pairs.steps.rows() < 4 * reach) {
    const SymmetricEigen eigen = symmetric_eigen(both_sides(measured.products));
    const Index known = known_of(eigen.values);
    seen.precisions = eigen.values.tail(known);
    const Vector roots = seen.precisions.cwiseSqrt();
    seen.weights = eigen.vectors.rightCols(known) * roots.cwiseInverse().asDiagonal();
    seen.of_steps = eigen.vectors.rightCols(known) * roots.asDiagonal();
    seen.of_changes = product(turned(both_sides(pairs.step_change)), plain(seen.weights));
  } else {
    const Matrix root = lifted_cholesky(metric.dense(reach));  // T T' = W among steps
    const Matrix unroot = inverse_of_upper(root.transpose());
    const Matrix steps = product(plain(Matrix(weighed.scale.asDiagonal() * pairs.steps)), plain(root));
    const SymmetricEigen eigen = symmetric_eigen(symmetric_product(turned(steps), plain(steps)));
    const Index known = known_of(eigen.values);
    seen.precisions = eigen.values.tail(known);
    const Matrix vectors = eigen.vectors.rightCols(known);
    seen.directions = product(plain(unroot), plain(vectors));
    const Index beyond = metric.span.rows() - reach;
    const Matrix along = product(turned(metric.span.topRows(reach)), plain(seen.directions));
    seen.in_metric.resize(metric.span.rows(), known);
    seen.in_metric.topRows(reach) = product(plain(root), plain(vectors));
    seen.in_metric.bottomRows(beyond) =
        product(plain(metric.span.bottomRows(beyond)), plain(Matrix(metric.weights.asDiagonal() * along)));
    seen.of_steps = product(plain(steps), plain(vectors));
    seen.of_changes =
        weighed.scale.asDiagonal() * product(plain(pairs.changes.leftCols(reach)), plain(seen.directions));
  }
  return seen;
}

/// Directions that diagonalise the Hessian among them, with its images.
struct LearntHessian {
  Matrix directions, images;  // r x k, m x k: P and H P, as if P'H P were the curvatures
  Vector values, curvatures;  // k: of P'H P, and the same made positive
};

/// How directions are combined so that P'HP is diagonal.
struct Turn {
  Matrix turn;                // T, k x k
  Matrix images;              // P'HP T
  Vector values, curvatures;  // k: of T'P'HP T, and the same made positive
};

/// T'P'WPT = I.
Turn orthogonal_turn(const Matrix& inside, const Vector& precisions) {
  auto [values, turn] = symmetric_eigen(inside);
  const Vector variances = turn.cwiseAbs2().transpose() * (1.0 + precisions.array()).inverse().matrix();
  const Vector curvatures = values.cwiseAbs().cwiseMax(variances.cwiseSqrt()).cwiseMax(least_curvature);
  Matrix images = turn * curvatures.asDiagonal();
  return {std::move(turn), std::move(images), std::move(values), curvatures};
}

/// By a Cholesky factor instead of eigenvalues, where all of those are so large that none needs to be made
/// positive.
std::optional<Turn> triangular_turn(const Matrix& inside, const Vector& precisions) {
  // The deviation of direction v is sqrt(v'D v) <= (t + v'D v / t) / 2 for any t, D the variances.
  const Vector variances = (1.0 + precisions.array()).inverse();
  Matrix lower;
  const auto is_seen = [&](double t) {
    lower = inside;
    lower.diagonal().array() -= std::max(0.5 * t, least_curvature) + 0.5 / t * variances.array();
    return cholesky_in_place(lower);
  };
  if (!is_seen(std::sqrt(variances.maxCoeff())) && !is_seen(0.25)) return std::nullopt;
  lower = inside;
  if (!cholesky_in_place(lower)) return std::nullopt;
  const Vector ones = Vector::Ones(inside.rows());
  lower.triangularView<Eigen::StrictlyUpper>().setZero();
  return Turn{inverse_of_upper(lower.transpose()), std::move(lower), ones, ones};
}

LearntHessian posterior_of(const WeighedPairs& weighed, const SeenDirections& seen, bool orthogonal) {
  const Vector& precisions = seen.precisions;
  const Index known = precisions.size();
  const Matrix crossed = product(turned(seen.of_changes), plain(seen.of_steps));
  const Matrix twice = crossed + crossed.transpose();
  Matrix inside = Matrix::Identity(known, known) + 0.5 * twice;
  for (Index k = 0; k < known; ++k) inside.col(k).array() /= 1.0 + 0.5 * (precisions.array() + precisions[k]);
  std::optional<Turn> found_turn = orthogonal ? std::nullopt : triangular_turn(inside, precisions);
  if (!found_turn) found_turn = orthogonal_turn(inside, precisions);
  const Matrix& turn = found_turn->turn;
  LearntHessian found;
  found.values = found_turn->values;
  found.curvatures = found_turn->curvatures;
  // H P beside P: (Y'S W P + W S'Y P - W P P'(both)) / (2 + precision), by columns.
  // Directions of little precision count as unknown where they meet known ones.
  const Matrix damped = (2.0 + precisions.array()).inverse().matrix().asDiagonal() * turn;
  const Matrix own = found_turn->images - product(plain(twice), plain(damped));
  const Matrix changes = product(plain(seen.of_changes), plain(damped));
  found.images = weighed.changes_turned_times(product(plain(seen.of_steps), plain(damped)));
  if (seen.weights.size() > 0) {
    found.directions = weighed.steps_turned_times(product(plain(seen.weights), plain(turn)));
    found.images += weighed.measured_steps_turned_times(product(plain(seen.weights), plain(own)) + changes);
  } else {
    found.directions = product(plain(seen.directions), plain(turn));
    found.images += product(plain(seen.in_metric), plain(own)) + weighed.measured_steps_turned_times(changes);
  }
  return found;
}

/// p'H p of a direction of which the known ones, and what they say of H beside them, are only a part.
double curvature_along(const Vector& direction, const Metric& metric, const LearntHessian& known) {
  Vector image = metric.outside * direction +
                 metric.span * metric.weights.cwiseProduct(metric.span.transpose() * direction);
  const Vector inside = known.directions.transpose() * image.head(known.directions.rows());
  const Vector beside = known.images.transpose() * direction - known.curvatures.cwiseProduct(inside);
  return inside.dot(known.values.cwiseProduct(inside)) + 2.0 * inside.dot(beside) + direction.dot(image) -
         inside.squaredNorm();
}

/// B = W where pairs say nothing: W maps the span of its own vectors to itself.
CompletedHessian hessian_of(const Metric& metric) {
  if (metric.span.size() == 0)  // no step has a length: nothing counts that has moved
    return {Matrix(metric.span.rows(), 0), Matrix(metric.span.rows(), 0), Vector(), metric.outside};
  const Eigen::ColPivHouseholderQR<Matrix> factor(metric.span);
  const Matrix basis = factor.householderQ() * Matrix::Identity(metric.span.rows(), factor.rank());
  const Matrix along = product(turned(basis), plain(metric.span));
  Matrix inside = symmetric_product(plain(Matrix(along * metric.weights.asDiagonal())), turned(along));
  inside.diagonal().array() += metric.outside;
  const auto [values, turn] = symmetric_eigen(inside);
  Matrix directions = product(plain(basis), plain(turn));
  Matrix images = directions * values.asDiagonal();
  return {std::move(directions), std::move(images), values, metric.outside};
}

PairsInSpan newest(const PairsInSpan& pairs, Index count) {
  const Index n = pairs.steps.rows();
  return {pairs.steps.bottomRows(count),
          pairs.changes.bottomRows(count),
          pairs.middles.rightCols(count),
          pairs.step_step.bottomRightCorner(count, count),
          pairs.step_change.bottomRightCorner(count, count),
          pairs.held_shares.size() == n ? Vector(pairs.held_shares.tail(count)) : Vector()};
}

}  // namespace

QuadraticModel::QuadraticModel(const PairsInSpan& pairs, OutsideCurvature outside, const ModelRules& rules,
                               const std::optional<Residual>& residual) {
  fix_product_blocking();
  Metric metric = metric_of_newest(pairs, outside.value, rules.metric_pairs);
  const auto posterior_in_metric = [&](const PairsInSpan& some, bool first) {
    const MeasuredPairs measured_pairs = measured(some, metric);
    const Vector lengths =
        measured_pairs.products.diagonal().cwiseMax(0.0).cwiseSqrt().array() + shortest_step;
    const Vector inverse = lengths.cwiseInverse();
    noise_ = noise_of_pairs(inverse.asDiagonal() * measured_pairs.products * inverse.asDiagonal(),
                            inverse.asDiagonal() * some.step_change * inverse.asDiagonal(),
                            measured_pairs.squared_middles, some.held_shares, rules);
    const WeighedPairs weighed{some, metric, measured_pairs,
                               noise_.squared.cwiseSqrt().cwiseProduct(lengths).cwiseInverse()};
    const SeenDirections seen = seen_by(weighed);
    return seen.precisions.size() > 0 ? std::optional(posterior_of(weighed, seen, first)) : std::nullopt;
  };
  std::optional<LearntHessian> known = pairs.steps.rows() > rules.rough_pairs
                                           ? posterior_in_metric(newest(pairs, rules.rough_pairs), true)
                                           : posterior_in_metric(pairs, true);
  if (known) {
    double gamma = outside.value;
    const double curvature = residual ? curvature_along(residual->direction, metric, *known) : 0.0;
    if (curvature > 0.0) {
      const double found = std::clamp(curvature / residual->squared_norm, outside.least, outside.most);
      gamma = std::clamp(found, gamma / rules.outside_growth, gamma * rules.outside_growth);
    }
    hessian_ = {std::move(known->directions), std::move(known->images), std::move(known->curvatures), gamma};
    metric = metric_of(hessian_);
  } else {
    hessian_ = hessian_of(metric);
  }
  if (!known && pairs.steps.rows() <= rules.rough_pairs) return;
  known = posterior_in_metric(pairs, false);
  knows_ = known.has_value();
  if (knows_)
    hessian_ = {std::move(known->directions), std::move(known->images), std::move(known->curvatures),
                hessian_.outside()};
}

Residual QuadraticModel::residual(const Vector& gradient) const {
  const Matrix& directions = hessian_.directions();
  const Matrix& images = hessian_.images();
  const Vector& curvatures = hessian_.curvatures();
  const Index reach = directions.rows();
  Vector rest = gradient - images * (directions.transpose() * gradient.head(reach)).cwiseQuotient(curvatures);
  const double squared_norm = rest.squaredNorm();
  rest.head(reach) -= directions * (images.transpose() * rest).cwiseQuotient(curvatures);
  return {std::move(rest), squared_norm};
}

}  // namespace optex
