#include "optex/core/random.hpp"

#include <cmath>
#include <numbers>

#include <Random123/philox.h>

namespace optex {
namespace {

// (k + 1/2) / 2^52 with k of 52 bits is exact: adding the half to 53 bits would round to even and reach 1.
double open_unit(std::uint64_t word) { return (static_cast<double>(word >> 12) + 0.5) * 0x1p-52; }

double cosine_of_turn(std::uint64_t word) { return std::cos(2.0 * std::numbers::pi * open_unit(word)); }

__extension__ using Wide = unsigned __int128;

}  // namespace

CounterRandom::CounterRandom(const SampleKey& key, Stream purpose)
    : seed_(key.seed),
      purpose_(static_cast<std::uint64_t>(purpose)),
      iteration_(static_cast<std::uint64_t>(key.iteration)),
      point_and_batch_(static_cast<std::uint32_t>(key.point) |
                       std::uint64_t{static_cast<std::uint32_t>(key.batch)} << 32) {}

CounterRandom::Block CounterRandom::block(std::uint64_t index, std::uint64_t trial) const {
  r123::Philox4x64 generate;
  const r123::Philox4x64::ctr_type counter = {{index, iteration_, point_and_batch_, trial}};
  const r123::Philox4x64::key_type key = {{seed_, purpose_}};
  const auto words = generate(counter, key);
  return {words[0], words[1], words[2], words[3]};
}

double CounterRandom::uniform(std::uint64_t index) const { return open_unit(block(index)[0]); }

std::uint64_t CounterRandom::below(std::uint64_t index, std::uint64_t n) const {
  // Lemire, "Fast random integer generation in an interval", ACM TOMACS 29, 2019: the high word of word * n
  // is uniform once the 2^64 mod n lowest values of the low word are rejected.
  const std::uint64_t rejected = (0 - n) % n;
  for (std::uint64_t trial = 0;; ++trial) {
    for (const std::uint64_t word : block(index, trial)) {
      const Wide product = Wide{word} * n;
      if (static_cast<std::uint64_t>(product) >= rejected) return static_cast<std::uint64_t>(product >> 64);
    }
  }
}

double CounterRandom::normal(std::uint64_t index) const {
  const Block words = block(index);
  return std::sqrt(-2.0 * std::log(open_unit(words[0]))) * cosine_of_turn(words[1]);
}

double CounterRandom::laplace(std::uint64_t index) const {
  const Block words = block(index);
  const double magnitude = -std::log(open_unit(words[0]));
  return words[1] >> 63 != 0 ? -magnitude : magnitude;
}

double CounterRandom::student_t(std::uint64_t index, double degrees) const {
  const Block words = block(index);
  // expm1: u^(-2/n) - 1 would lose all its digits for large n, where t becomes the normal distribution.
  const double radius_squared = degrees * std::expm1(-2.0 / degrees * std::log(open_unit(words[0])));
  return std::sqrt(radius_squared) * cosine_of_turn(words[1]);
}

}  // namespace optex
