#include "optex/estimation/early_pairs.hpp"

#include "optex/core/parallel_for.hpp"
#include "optex/core/stopwatch.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "early_table.hpp"

namespace optex {
namespace {

constexpr Index most_at_once = 8;   // pairs that are measured in one pass
constexpr Index tiles_at_once = 8;  // a thread

}  // namespace

EarlyPairs::EarlyPairs(const GradientHistory& history, Units units, Index places)
    : table_(std::make_unique<Table>(
          Table{&history, std::move(units), history.changes_,
                history.size() > 0 ? history.slot(history.size() - 1) : -1,
                std::vector<Table::Pair>(static_cast<std::size_t>(places)),
                std::vector<Index>(static_cast<std::size_t>(history.capacity()), Table::entry)})) {}

EarlyPairs::~EarlyPairs() = default;

void EarlyPairs::add(Index place, const double* theta, const double* gradient) {
  Table::Pair& pair = table_->pair(place);
  assert(pair.state == Table::State::awaited);
  pair.state = Table::State::there;
  pair.theta = theta;
  pair.gradient = gradient;
}

void EarlyPairs::leave_out(Index place) {
  assert(table_->pair(place).state == Table::State::awaited);
  table_->pair(place).state = Table::State::left_out;
}

bool EarlyPairs::work(double seconds) {
  if (!table_->under_way && !table_->begin()) return false;
  const Stopwatch watch;
  do {
    table_->go_on();
  } while (table_->under_way && watch.seconds() < seconds);
  return true;
}

Index EarlyPairs::measured() const {
  return std::count_if(table_->pairs.begin(), table_->pairs.end(),
                       [](const Table::Pair& pair) { return pair.measured; });
}

Index EarlyPairs::Table::predecessor(Index place) const {
  Index before = place - 1;
  while (before >= 0 && pair(before).state == State::left_out) --before;
  if (before < 0) return NewcomerProducts::newest_older;
  return pair(before).state == State::there ? before : NewcomerProducts::nobody;
}

/// Takes up all pairs that can be measured now; false when there is none.
bool EarlyPairs::Table::begin() {
  // Without an entry there is no origin yet, and next to nothing to do.
  if (history->size() == 0 || history->changes_ != changes) return false;
  wanted = {.older = history->size()};
  listed.clear();
  std::vector<Index> number(pairs.size(), NewcomerProducts::nobody);  // in the list, by place
  for (Index place = 0; place < std::ssize(pairs); ++place) {
    if (pair(place).state != State::there) continue;
    const Index before = predecessor(place);
    NewcomerProducts::Newcomer newcomer;
    newcomer.before = before >= 0 ? number[static_cast<std::size_t>(before)] : before;
    if (pair(place).measured)
      newcomer.role = NewcomerProducts::Role::known;
    else if (before == NewcomerProducts::nobody || wanted.fresh_count() == most_at_once)
      newcomer.role = NewcomerProducts::Role::neighbour;
    number[static_cast<std::size_t>(place)] = wanted.count();
    wanted.newcomers.push_back(newcomer);
    listed.push_back(place);
  }
  if (wanted.fresh_count() == 0) return false;
  sum.emplace(history->dimension(), history->width_, wanted.width());
  next_tile = 0;
  under_way = true;
  return true;
}

void EarlyPairs::Table::go_on() {
  std::vector<GradientHistory::Arriving> rows;
  for (const Index place : listed) rows.push_back({pair(place).theta, pair(place).gradient});
  const Index end = std::min(history->tile_count(), next_tile + tiles_at_once * thread_count());
  history->add_tile_products(next_tile, end, wanted, &rows, units, *sum);
  next_tile = end;
  if (next_tile == history->tile_count()) take_results();
}

void EarlyPairs::Table::take_results() {
  under_way = false;
  std::vector<double> sums(static_cast<std::size_t>(wanted.width()));
  sum->totals(sums.data());
  const Index capacity = history->capacity();
  Index fresh = 0;
  for (Index k = 0; k < wanted.count(); ++k) {
    if (!wanted.is_fresh(k)) continue;
    const Index place = listed[static_cast<std::size_t>(k)];
    Pair& newcomer = pair(place);
    newcomer.theta_norm = sums[static_cast<std::size_t>(2 * k)];
    newcomer.gradient_norm = sums[static_cast<std::size_t>(2 * k + 1)];
    newcomer.before = predecessor(place);
    newcomer.numbers.resize(static_cast<std::size_t>(capacity) + pairs.size());
    const auto numbers_with = [&](Index other) {
      PairNumbers numbers;
      std::copy_n(sums.data() + wanted.place_of_pair(fresh, other), tile::pair_numbers, numbers.begin());
      return numbers;
    };
    for (Index i = 0; i < wanted.older; ++i)
      newcomer.numbers[static_cast<std::size_t>(history->slot(i))] = numbers_with(i);
    for (Index j = 0; j < wanted.count(); ++j) {
      const bool made = wanted.role(j) == NewcomerProducts::Role::known || (wanted.is_fresh(j) && j <= k);
      if (!made) continue;
      const Index other = listed[static_cast<std::size_t>(j)];
      PairNumbers numbers = numbers_with(wanted.older + j);
      newcomer.numbers[static_cast<std::size_t>(capacity + other)] = numbers;
      std::swap(numbers[3], numbers[4]);
      pair(other).numbers[static_cast<std::size_t>(capacity + place)] = numbers;
    }
    newcomer.measured = true;
    ++fresh;
  }
}

void EarlyPairs::Table::enter(Index slot, const double* gradient) {
  const auto found = std::find_if(pairs.begin(), pairs.end(), [gradient](const Pair& pair) {
    return pair.state == State::there && pair.gradient == gradient;
  });
  owner[static_cast<std::size_t>(slot)] = found == pairs.end() ? stranger : found - pairs.begin();
}

const double* EarlyPairs::Table::numbers(Index slot, Index other) const {
  const Index place = owner_of(slot), with = owner_of(other);
  if (place < 0 || !pair(place).measured || with == stranger) return nullptr;
  if (with >= 0 && !pair(with).measured) return nullptr;
  const Index number = with == entry ? other : history->capacity() + with;
  return pair(place).numbers[static_cast<std::size_t>(number)].data();
}

bool EarlyPairs::Table::is_measured_behind(Index slot, Index before) const {
  const Index place = owner_of(slot);
  if (place < 0 || !pair(place).measured) return false;
  const Index then = pair(place).before;
  if (then == NewcomerProducts::newest_older) return before == newest_slot && owner_of(before) == entry;
  return owner_of(before) == then;
}

void EarlyPairs::Table::forget(Index slot) {
  if (owner_of(slot) >= 0) pair(owner_of(slot)).measured = false;
}

}  // namespace optex
