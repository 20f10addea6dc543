#include "optex/core/bounds.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/reductions.hpp"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

namespace optex {

Bounds::Bounds(Vector lower, Vector upper) {
  if (lower.size() != upper.size())
    throw UsageError("the lower bound has " + std::to_string(lower.size()) + " coordinates, the upper one " +
                     std::to_string(upper.size()));
  for (Index i = 0; i < lower.size(); ++i)
    if (!(lower[i] <= upper[i]))
      throw UsageError("coordinate " + std::to_string(i) + " has the lower bound " +
                       std::to_string(lower[i]) + " and the upper bound " + std::to_string(upper[i]));
  box_ = std::make_shared<const Box>(Box{std::move(lower), std::move(upper)});
}

bool Bounds::all_finite() const { return !none() && box_->lower.allFinite() && box_->upper.allFinite(); }

bool Bounds::contains(ConstVectorRef theta) const {
  if (none()) return true;
  for (Index i = 0; i < theta.size(); ++i)
    if (!(theta[i] >= box_->lower[i] && theta[i] <= box_->upper[i])) return false;
  return true;
}

void Bounds::project(VectorRef theta, Index first) const {
  if (none()) return;
  assert(first + theta.size() <= box_->lower.size());
  for (Index i = 0; i < theta.size(); ++i)
    theta[i] = std::clamp(theta[i], box_->lower[first + i], box_->upper[first + i]);
}

void Bounds::hold(ConstVectorRef theta, VectorRef direction) const {
  if (none()) return;
  for (Index i = 0; i < theta.size(); ++i) {
    const bool leaves = (direction[i] < 0.0 && theta[i] <= box_->lower[i]) ||
                        (direction[i] > 0.0 && theta[i] >= box_->upper[i]);
    if (leaves) direction[i] = 0.0;
  }
}

void Bounds::shorten(ConstVectorRef theta, VectorRef step) const {
  if (none()) return;
  for (Index i = 0; i < theta.size(); ++i) {
    const double end = theta[i] + step[i];
    if (end <= box_->lower[i]) step[i] = box_->lower[i] - theta[i];
    if (end >= box_->upper[i]) step[i] = box_->upper[i] - theta[i];
  }
}

double Bounds::longest(ConstVectorRef theta, ConstVectorRef direction) const {
  double longest = unlimited;
  if (none()) return longest;
  for (Index i = 0; i < theta.size(); ++i) {
    if (direction[i] < 0.0) longest = std::min(longest, (box_->lower[i] - theta[i]) / direction[i]);
    if (direction[i] > 0.0) longest = std::min(longest, (box_->upper[i] - theta[i]) / direction[i]);
  }
  return longest;
}

Vector Bounds::moved(ConstVectorRef theta, ConstVectorRef direction, double multiple) const {
  Vector end = theta;
  end += multiple * direction;
  if (none()) return end;
  for (Index i = 0; i < theta.size(); ++i) {
    // The same quotients as in longest(): there the nearest limit is met exactly.
    if (direction[i] < 0.0 && (box_->lower[i] - theta[i]) / direction[i] <= multiple) end[i] = box_->lower[i];
    if (direction[i] > 0.0 && (box_->upper[i] - theta[i]) / direction[i] <= multiple) end[i] = box_->upper[i];
  }
  project(end);
  return end;
}

double Bounds::gradient_norm(ConstVectorRef theta, ConstVectorRef gradient) const {
  if (none()) return norm(gradient);
  Vector step(theta.size());
  for (Index i = 0; i < theta.size(); ++i)  // P(theta - gradient) - theta without cancellation
    step[i] = std::clamp(-gradient[i], box_->lower[i] - theta[i], box_->upper[i] - theta[i]);
  return norm(step);
}

}  // namespace optex
