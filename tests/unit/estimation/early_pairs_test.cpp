#include "optex/estimation/early_pairs.hpp"

#include "optex/core/parallel_for.hpp"
#include "optex/estimation/gradient_history.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "same_history.hpp"
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::expect_same_bits;
using test::ripple;

/// A pair that does not move when others come.
struct Answer {
  Answer(Index d, int number)
      : theta(ripple(d, 0.1 * number + 7.0)),
        gradient(ripple(d, 1.7 * number - 3.0)),
        value(0.5 * number),
        iteration(number) {}
  NewPair pair() const { return {theta, gradient, value, iteration}; }

  Vector theta, gradient;
  double value;
  std::int64_t iteration;
};

std::vector<NewPair> pairs_of(const std::vector<Answer>& answers) {
  std::vector<NewPair> pairs;
  for (const Answer& answer : answers) pairs.push_back(answer.pair());
  return pairs;
}

/// Two batches of tiles on one thread.
constexpr Index dimension = 12000;
constexpr Index capacity = 9;

struct Setting {
  Precision precision = Precision::f64;
  Index d = dimension;
  bool units = false;
  std::vector<std::int64_t> coordinates = {};
  int old_pairs = 13;  // more than the history holds
};

class Early : public testing::TestWithParam<Setting> {
 protected:
  ~Early() override { set_thread_count(1); }

  GradientHistory filled() const {
    GradientHistory history(GetParam().d, capacity, GetParam().coordinates, GetParam().precision);
    for (int k = 0; k < GetParam().old_pairs; ++k) history.append({Answer(GetParam().d, -k).pair()}, units());
    return history;
  }
  Units units() const {
    return GetParam().units ? Units(ripple(GetParam().d, 0.2).array().abs() + 0.5) : Units();
  }
  std::vector<Answer> answers(int count) const {
    std::vector<Answer> made;
    for (int k = 0; k < count; ++k) made.emplace_back(GetParam().d, k);
    return made;
  }
  void expect_later_pairs_agree(GradientHistory& a, GradientHistory& b) const {
    expect_same_bits(a, b);
    const Answer later(GetParam().d, 20);
    a.append({later.pair()}, units());
    b.append({later.pair()}, units());
    expect_same_bits(a, b);
  }
};

TEST_P(Early, EveryOrderOfArrivalGivesTheBitsOfAppendingAllAtOnce) {
  const std::vector<Answer> four = answers(4);
  GradientHistory at_once = filled();
  at_once.append(pairs_of(four), units());
  std::vector<Index> order(4);
  std::iota(order.begin(), order.end(), 0);
  do {
    GradientHistory history = filled();
    EarlyPairs early(history, units(), 4);
    for (std::size_t k = 0; k + 1 < order.size(); ++k) {
      const Answer& answer = four[static_cast<std::size_t>(order[k])];
      early.add(order[k], answer.theta.data(), answer.gradient.data());
      if (order[0] % 2 == 0)  // otherwise they are taken together
        while (early.work()) {
        }
    }
    while (early.work()) {
    }
    // All but the last one, and the one after it, which waits for it.
    EXPECT_EQ(early.measured(), order.back() == 3 ? 3 : 2);
    history.append(pairs_of(four), units(), &early);
    expect_same_bits(at_once, history);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_P(Early, ThreadsAndWhatHasOnlyBegunChangeNothing) {
  const std::vector<Answer> three = answers(3);
  GradientHistory at_once = filled();
  at_once.append(pairs_of(three), units());
  for (const int threads : {1, 2, 3}) {
    set_thread_count(threads);
    for (const int pieces : {0, 1, 100}) {
      GradientHistory history = filled();
      EarlyPairs early(history, units(), 3);
      for (Index k = 0; k < 3; ++k) {
        const Answer& answer = three[static_cast<std::size_t>(k)];
        early.add(k, answer.theta.data(), answer.gradient.data());
        for (int piece = 0; piece < pieces && early.work(0.0); ++piece) {
        }
      }
      history.append(pairs_of(three), units(), &early);
      expect_same_bits(at_once, history);
    }
  }
}

TEST_P(Early, WhatIsLeftOutOrComesInBetweenChangesNothing) {
  const std::vector<Answer> six = answers(6);
  for (const std::vector<int>& entering : std::vector<std::vector<int>>{
           {0, 1, 2, 3}, {1, 2, 3}, {0, 2}, {5, 0, 1, 2, 3}, {0, 1, 5, 2, 3}, {3, 2, 1, 0}, {5}, {2}}) {
    std::vector<NewPair> pairs;
    for (const int k : entering) pairs.push_back(six[static_cast<std::size_t>(k)].pair());
    GradientHistory at_once = filled(), history = filled(), one_by_one = filled();
    EarlyPairs early(history, units(), 4), early_too(one_by_one, units(), 4);
    for (EarlyPairs* const some : {&early, &early_too}) {
      for (Index k = 0; k < 4; ++k)
        some->add(k, six[static_cast<std::size_t>(k)].theta.data(),
                  six[static_cast<std::size_t>(k)].gradient.data());
      while (some->work()) {
      }
      EXPECT_EQ(some->measured(), 4);
    }
    at_once.append(pairs, units());
    history.append(pairs, units(), &early);
    for (const NewPair& pair : pairs) one_by_one.append({pair}, units(), &early_too);
    if (GetParam().precision == Precision::f64) expect_same_bits(one_by_one, at_once);
    expect_later_pairs_agree(at_once, history);
    GradientHistory plain = filled();
    for (const NewPair& pair : pairs) plain.append({pair}, units());
    plain.append({Answer(GetParam().d, 20).pair()}, units());
    one_by_one.append({Answer(GetParam().d, 20).pair()}, units());
    expect_same_bits(plain, one_by_one);
  }
}

TEST_P(Early, APlaceThatIsLeftOutHoldsNobodyUp) {
  const std::vector<Answer> four = answers(4);
  GradientHistory at_once = filled(), history = filled();
  at_once.append({four[1].pair(), four[3].pair()}, units());
  EarlyPairs early(history, units(), 4);
  early.add(3, four[3].theta.data(), four[3].gradient.data());
  EXPECT_FALSE(early.work());
  early.leave_out(2);
  EXPECT_FALSE(early.work());
  early.add(1, four[1].theta.data(), four[1].gradient.data());
  while (early.work()) {
  }
  EXPECT_EQ(early.measured(), 1);  // what follows the first place is not known yet
  early.leave_out(0);
  while (early.work()) {
  }
  EXPECT_EQ(early.measured(), 2);
  history.append({four[1].pair(), four[3].pair()}, units(), &early);
  expect_later_pairs_agree(at_once, history);
}

TEST_P(Early, APairThatHasChangedIsMeasuredAgain) {
  for (const int which : {0, 1, 3}) {
    std::vector<Answer> four = answers(4);
    GradientHistory history = filled(), at_once = filled();
    EarlyPairs early(history, units(), 4);
    for (Index k = 0; k < 4; ++k) {
      const Answer& answer = four[static_cast<std::size_t>(k)];
      early.add(k, answer.theta.data(), answer.gradient.data());
    }
    while (early.work()) {
    }
    four[static_cast<std::size_t>(which)].gradient *= 0.5;
    history.append(pairs_of(four), units(), &early);
    at_once.append(pairs_of(four), units());
    expect_later_pairs_agree(at_once, history);
  }
}

TEST_P(Early, AHistoryThatHasChangedMakesTheWorkVain) {
  const std::vector<Answer> four = answers(4);
  GradientHistory history = filled(), plain = filled();
  EarlyPairs early(history, units(), 3);
  early.add(0, four[0].theta.data(), four[0].gradient.data());
  while (early.work()) {
  }
  history.append({four[3].pair()}, units());
  plain.append({four[3].pair()}, units());
  early.add(1, four[1].theta.data(), four[1].gradient.data());
  EXPECT_FALSE(early.work());
  history.append({four[0].pair(), four[1].pair()}, units(), &early);
  plain.append({four[0].pair(), four[1].pair()}, units());
  expect_later_pairs_agree(plain, history);
}

/// In single precision the origin follows a point that is far away, and everything is measured about it.
TEST_P(Early, AnOriginThatMovesChangesNothing) {
  std::vector<Answer> four = answers(4);
  for (Answer& answer : four) answer.theta.array() += 1e3;
  GradientHistory history = filled(), one_by_one = filled(), at_once = filled(), plain = filled();
  EarlyPairs early(history, units(), 4), early_too(one_by_one, units(), 4);
  for (EarlyPairs* const some : {&early, &early_too}) {
    for (Index k = 0; k < 4; ++k)
      some->add(k, four[static_cast<std::size_t>(k)].theta.data(),
                four[static_cast<std::size_t>(k)].gradient.data());
    while (some->work()) {
    }
  }
  at_once.append(pairs_of(four), units());
  history.append(pairs_of(four), units(), &early);
  expect_later_pairs_agree(at_once, history);
  for (const Answer& answer : four) {
    one_by_one.append({answer.pair()}, units(), &early_too);
    plain.append({answer.pair()}, units());
  }
  expect_later_pairs_agree(plain, one_by_one);
}

TEST_P(Early, MorePairsThanTheHistoryHolds) {
  const std::vector<Answer> many = answers(capacity + 3);
  GradientHistory history = filled(), at_once = filled();
  EarlyPairs early(history, units(), capacity + 3);
  for (Index k = 0; k < capacity + 2; ++k)
    early.add(k, many[static_cast<std::size_t>(k)].theta.data(),
              many[static_cast<std::size_t>(k)].gradient.data());
  while (early.work()) {
  }
  history.append(pairs_of(many), units(), &early);
  at_once.append(pairs_of(many), units());
  expect_later_pairs_agree(at_once, history);
}

INSTANTIATE_TEST_SUITE_P(
    All, Early,
    testing::Values(Setting{}, Setting{.precision = Precision::f32}, Setting{.units = true},
                    Setting{.precision = Precision::f32, .units = true},
                    Setting{.coordinates = {0, 5, 1030, 2500}},
                    Setting{.precision = Precision::f32, .coordinates = {0, 5, 1030, 2500}},
                    Setting{.old_pairs = 3}, Setting{.precision = Precision::f32, .old_pairs = 1},
                    Setting{.d = 7}, Setting{.precision = Precision::f32, .d = 1025}));

TEST(EarlyPairs, AnEmptyHistoryHasNothingToMeasureAgainst) {
  for (const Precision precision : {Precision::f64, Precision::f32}) {
    const Answer answer(50, 1);
    GradientHistory history(50, 3, {}, precision), plain(50, 3, {}, precision);
    EarlyPairs early(history, {}, 1);
    early.add(0, answer.theta.data(), answer.gradient.data());
    EXPECT_FALSE(early.work());
    history.append({answer.pair()}, {}, &early);
    plain.append({answer.pair()});
    expect_same_bits(plain, history);
  }
}

}  // namespace
}  // namespace optex
