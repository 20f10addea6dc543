#include "optex/core/coordinate_slices.hpp"

#include "optex/core/coordinate_sum.hpp"
#include "optex/core/parallel_for.hpp"
#include "optex/core/reductions.hpp"
#include "optex/core/units.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "support/thread_slices.hpp"
#include <gtest/gtest.h>

namespace optex {
namespace {

constexpr Index step = Index{1} << 16;

Vector waves(Index size, double frequency) {
  Vector v(size);
  for (Index i = 0; i < size; ++i) v[i] = std::sin(frequency * static_cast<double>(i + 1)) * 1e3;
  return v;
}

TEST(CoordinateSlices, SegmentsAreAtMost256AndNeverShort) {
  for (const Index whole :
       {Index{1}, step - 1, step, 2 * step - 1, 2 * step, 1000 * step + 17, Index{1} << 33}) {
    const Index segments = segment_count(whole);
    EXPECT_EQ(segment_length(whole) % step, 0);
    EXPECT_GE(segments, 1);
    EXPECT_LE(segments, 256);
    EXPECT_GE(whole - (segments - 1) * segment_length(whole), std::min(whole, step));
  }
}

TEST(CoordinateSlices, SlicesCoverAllInWholeSegments) {
  for (const Index whole : {step / 2, 3 * step + 5, 7 * step, 300 * step + 1})
    for (const Index holders : {1, 2, 3, 5, 64}) {
      const std::vector<Slice> slices = cut_into_slices(whole, holders);
      EXPECT_EQ(std::ssize(slices), std::min(holders, segment_count(whole)));
      Index next = 0;
      for (const Slice& slice : slices) {
        EXPECT_EQ(slice.first, next);
        EXPECT_EQ(slice.first % segment_length(whole), 0);
        EXPECT_GE(slice.size, std::min(whole, step));
        next += slice.size;
      }
      EXPECT_EQ(next, whole);
    }
}

TEST(CoordinateSlices, SumsHaveTheDigitsOfOneRankOnAnyNumberOfThem) {
  const Index whole = 5 * step + 1234;
  const Vector a = waves(whole, 0.7), b = waves(whole, 1.3);
  const Units units(waves(whole, 0.01).cwiseAbs() + Vector::Constant(whole, 0.5));
  const double product = dot(a, b), length = squared_norm(a), distance = squared_distance(a, b), all = sum(a);
  const double in_units = units.squared_distance(a, b);
  const double difference = dot_with_difference(a, b, a);
  for (const int holders : {2, 3, 4, 5, 9}) {
    testing::ThreadSlices slices(whole, holders);
    EXPECT_EQ(slices.holders(), std::min(holders, 5));
    slices.run([&](CoordinateSlices& mine) {
      const auto [first, size] = mine.mine();
      const Vector x = a.segment(first, size), y = b.segment(first, size);
      const Units here(Vector(Eigen::Map<const Vector>(units.scale() + first, size)));
      const SlicesInUse use(&mine);
      EXPECT_EQ(dot(x, y), product);
      EXPECT_EQ(squared_norm(x), length);
      EXPECT_EQ(squared_distance(x, y), distance);
      EXPECT_EQ(sum(x), all);
      EXPECT_EQ(here.squared_distance(x, y), in_units);
      EXPECT_EQ(dot_with_difference(x, y, x), difference);
      EXPECT_EQ(whole_length(size), whole);
      EXPECT_EQ(first_coordinate(size), first);
    });
  }
}

TEST(CoordinateSlices, OneRanksInfinityIsEverybodys) {
  const Index whole = 4 * step;
  for (const Index bad : {Index{0}, 2 * step + 3, whole - 1, Index{-1}}) {
    testing::ThreadSlices slices(whole, 3);
    slices.run([&](CoordinateSlices& mine) {
      const auto [first, size] = mine.mine();
      Vector x = Vector::Ones(size);
      if (bad >= first && bad < first + size) x[bad - first] = std::numeric_limits<double>::infinity();
      const SlicesInUse use(&mine);
      EXPECT_EQ(all_finite(x), bad < 0);
    });
  }
}

TEST(CoordinateSlices, OtherVectorsAndSuspendedSlicesAreWhatTheyAre) {
  testing::ThreadSlices slices(4 * step, 2);
  slices.run([&](CoordinateSlices& mine) {
    const SlicesInUse use(&mine);
    EXPECT_EQ(sum(Vector::Ones(7)), 7.0);
    EXPECT_EQ(slices_of(7), nullptr);
    const Vector slice = Vector::Ones(mine.mine().size);
    EXPECT_EQ(sum(slice), 4.0 * step);
    const SlicesInUse none(nullptr);
    EXPECT_EQ(sum(slice), static_cast<double>(slice.size()));
    EXPECT_EQ(first_coordinate(slice.size()), 0);
  });
}

TEST(CoordinateSum, HasTheSameDigitsOnAnyNumberOfThreads) {
  const Index whole = 3 * step + 77;
  const Vector a = waves(whole, 0.3);
  const auto total = [&] {
    double sums[2];
    sum_over_coordinates(
        whole, 1024, 2,
        [&](Index i, double* out) {
          const Index first = i * 1024, size = std::min<Index>(1024, whole - first);
          out[0] = squared_norm(a.data() + first, size);
          out[1] = dot(a.data() + first, a.data() + first, size);
        },
        sums);
    EXPECT_EQ(sums[0], sums[1]);
    return sums[0];
  };
  const double alone = total();
  for (const int threads : {2, 3}) {
    set_thread_count(threads);
    EXPECT_EQ(total(), alone);
  }
  set_thread_count(1);
}

}  // namespace
}  // namespace optex
