#pragma once

#include "optex/core/reductions.hpp"
#include "optex/core/types.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "history_rows.hpp"
#include "tile_kernels.hpp"

namespace optex {

/// The numbers of a pair (a, b), as tile::add_pair_products() makes them.
using PairNumbers = std::array<double, tile::pair_numbers>;

/// Which products a pass over coordinates makes of newcomers that stand behind `older` entries: for each of
/// them the squares of its theta and gradient, and for each fresh one the numbers of its pairs with all older
/// entries, with all newcomers whose other products are known, and, once, with itself and the other fresh
/// ones. Every number is a sum of its own, so what else is made in the same pass does not change its digits.
struct NewcomerProducts {
  enum class Role { fresh, known, neighbour };  ///< a neighbour is there because others follow it
  static constexpr Index newest_older = -1, nobody = -2;
  struct Newcomer {
    Role role = Role::fresh;
    Index before = newest_older;  ///< whom it follows: a newcomer further to the front, or one of these two
  };

  Index older = 0;
  std::vector<Newcomer> newcomers = {};

  Index count() const { return std::ssize(newcomers); }
  bool is_fresh(Index newcomer) const { return role(newcomer) == Role::fresh; }
  Role role(Index newcomer) const { return newcomers[static_cast<std::size_t>(newcomer)].role; }
  Index fresh_count() const {
    return std::count_if(newcomers.begin(), newcomers.end(),
                         [](const Newcomer& newcomer) { return newcomer.role == Role::fresh; });
  }
  /// Sums in all.
  Index width() const { return 2 * count() + tile::pair_numbers * (older + count()) * fresh_count(); }
  /// Where the numbers of the fresh-th fresh newcomer with an entry begin: the older ones, then the
  /// newcomers.
  Index place_of_pair(Index fresh, Index other) const {
    return 2 * count() + tile::pair_numbers * ((older + count()) * fresh + other);
  }
};

/// A newcomer's rows of a tile, as they are stored.
template <class T>
struct NewcomerRows {
  const T* theta;
  const T* gradient;
};

/// Adds to `out` (width() numbers) the products over `size` coordinates of a tile, from `first` on.
/// older_rows(age): NewcomerRows of an older entry; origin: of the thetas there, or null.
template <class T, class OlderRows>
void add_products(const NewcomerProducts& wanted, const std::vector<NewcomerRows<T>>& rows,
                  OlderRows older_rows, const double* origin, Index first, Index size, double* out) {
  const Index count = wanted.count();
  EntryRows entry(count + 2);  // the newcomers, and in turn the older entry in hand and the one before it
  const auto read = [&](Index place, const NewcomerRows<T>& row, const tile::PairRow* before) {
    return entry.read(place, row.theta + first, row.gradient + first, before, size);
  };
  std::vector<tile::PairRow> newcomers, fresh;
  tile::PairRow newest{};
  if (wanted.older > 0) newest = read(count, older_rows(wanted.older - 1), nullptr);
  for (Index k = 0; k < count; ++k) {
    const Index follows = wanted.newcomers[static_cast<std::size_t>(k)].before;
    const tile::PairRow* before = nullptr;
    if (follows >= 0) before = &newcomers[static_cast<std::size_t>(follows)];
    if (follows == NewcomerProducts::newest_older && wanted.older > 0) before = &newest;
    const tile::PairRow row = read(k, rows[static_cast<std::size_t>(k)], before);
    newcomers.push_back(row);
    if (wanted.is_fresh(k)) fresh.push_back(row);
    out[2 * k] += squared_norm_at(row.theta, origin == nullptr ? nullptr : origin + first, size);
    out[2 * k + 1] += squared_norm(row.gradient, size);
  }
  if (fresh.empty()) return;
  const auto add = [&](const tile::PairRow& other, Index number, Index from) {
    for (Index f = from; f < std::ssize(fresh); f += tile::newcomers_at_once) {
      const Index at_once = std::min(tile::newcomers_at_once, std::ssize(fresh) - f);
      double* outs[tile::newcomers_at_once] = {};
      for (Index p = 0; p < at_once; ++p) outs[p] = out + wanted.place_of_pair(f + p, number);
      tile::add_pair_products(&fresh[static_cast<std::size_t>(f)], at_once, other, size, outs);
    }
  };
  tile::PairRow other{};
  for (Index i = 0; i < wanted.older; ++i) {
    const tile::PairRow before = other;
    other = read(count + i % 2, older_rows(i), i > 0 ? &before : nullptr);
    if (i + 1 < wanted.older) {
      const NewcomerRows<T> next = older_rows(i + 1);
      tile::ask_for_row(next.theta + first, size);
      tile::ask_for_row(next.gradient + first, size);
    }
    add(other, i, 0);
  }
  Index passed = 0;  // fresh ones
  for (Index k = 0; k < count; ++k) {
    if (wanted.role(k) == NewcomerProducts::Role::neighbour) continue;
    add(newcomers[static_cast<std::size_t>(k)], wanted.older + k, wanted.is_fresh(k) ? passed : 0);
    if (wanted.is_fresh(k)) ++passed;
  }
}

}  // namespace optex
