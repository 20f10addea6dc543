#pragma once

#include "optex/core/types.hpp"
#include "optex/core/units.hpp"
#include "optex/estimation/gradient_history.hpp"

namespace optex {

/// Squared distances between the entries of a history in length units of one's own, n x n, by age:
/// sum_c ((theta_i - theta_j)_c / scale_c)^2 and sum_c (scale_c (g_i - g_j)_c)^2.
struct PairDistances {
  Matrix thetas, gradients;
};

/// Brings `known` up to date after the history has gained `newcomers` entries (and lost as many of its oldest
/// as did not fit): each new pair is computed once, from differences. newcomers = history.size(): all pairs.
/// Cost: one pass over the history and 6 n newcomers d operations.
void add_newcomers(const GradientHistory& history, const Units& units, Index newcomers, PairDistances& known);

/// A history as it looks in length units of one's own: its entries are theta / scale and scale g, and so are
/// all vectors that go in and come out. A view: the history and the distances must outlive it.
class HistoryInUnits {
 public:
  /// As it is stored.
  HistoryInUnits(const GradientHistory& history)  // NOLINT(google-explicit-constructor): the same thing
      : history_(&history) {}
  /// `distances`: of all pairs, in these units.
  HistoryInUnits(const GradientHistory& history, Units units, const PairDistances& distances)
      : history_(&history), units_(std::move(units)), distances_(&distances) {}

  const GradientHistory& stored() const { return *history_; }
  const Units& units() const { return units_; }
  Index size() const { return history_->size(); }

  /// Entries by age, 0 the oldest.
  Vector theta(Index entry) const { return units_.position(history_->theta(entry)); }
  Vector gradient(Index entry) const { return units_.gradient(history_->gradient(entry)); }

  /// n x n, by age; products of a theta with a gradient are the same in all units.
  Matrix squared_distances() const;
  Matrix squared_gradient_distances() const;
  Matrix cross_products() const { return history_->cross_products(); }
  Matrix cross_products_about_newest() const { return history_->cross_products_about_newest(); }

  /// As in GradientHistory. With units: one pass over the thetas, and twice its passes.
  void squared_distances_to(ConstVectorRef theta, VectorRef out) const;
  void combine_about_newest(ConstVectorRef a, ConstVectorRef b, VectorRef out) const;
  void products_about_newest(ConstVectorRef v, VectorRef theta_products, VectorRef gradient_products) const;

 private:
  const GradientHistory* history_;
  Units units_;
  const PairDistances* distances_ = nullptr;  // null without units
};

}  // namespace optex
