#include "repeatability.hpp"

#include "optex/core/errors.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

#include <fmt/format.h>

namespace optex::app {
namespace {

struct Answer {
  double value = std::numeric_limits<double>::quiet_NaN();
  Vector gradient;  // d
  std::string failure;
};

Answer ask(const Objective& objective, ConstVectorRef theta, const SampleKey& key, Index shard) {
  Answer answer;
  answer.gradient = Vector::Zero(theta.size());
  try {
    answer.value = objective.value_and_gradient(theta, key, shard, answer.gradient);
  } catch (const EvaluationError& error) {
    answer.failure = error.what();
    answer.gradient.setZero();
  }
  return answer;
}

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

/// Nothing when the answers have the same bits.
std::string difference_between(const Answer& first, const Answer& second) {
  if (first.failure != second.failure)
    return fmt::format("one answer is '{}', the other '{}'",
                       first.failure.empty() ? "a value" : first.failure,
                       second.failure.empty() ? "a value" : second.failure);
  Index differing = 0, where = -1;
  for (Index i = 0; i < first.gradient.size(); ++i) {
    if (same_bits(first.gradient[i], second.gradient[i])) continue;
    if (where < 0) where = i;
    ++differing;
  }
  if (!same_bits(first.value, second.value))
    return fmt::format("values {:.17g} and {:.17g}, {} of {} coordinates of the gradient", first.value,
                       second.value, differing, first.gradient.size());
  if (differing == 0) return {};
  return fmt::format("{} of {} coordinates of the gradient, at {} {:.17g} and {:.17g}", differing,
                     first.gradient.size(), where, first.gradient[where], second.gradient[where]);
}

/// The first, the last and some between them.
std::vector<Index> some_shards(Index count) {
  constexpr Index most = 4;
  std::vector<Index> shards;
  const Index chosen = std::min(count, most);
  for (Index i = 0; i < chosen; ++i) shards.push_back(chosen == 1 ? 0 : i * (count - 1) / (chosen - 1));
  return shards;
}

}  // namespace

Repeatability probe_repeatability(const Objective& objective, ConstVectorRef theta) {
  const std::vector<Index> shards = some_shards(objective.shard_count());
  std::vector<SampleKey> keys{SampleKey::exact()};
  if (objective.is_noisy()) keys.push_back({.seed = 1, .iteration = 5, .point = 2, .batch = 1});
  const Vector elsewhere = theta.array() + 0.25;

  Repeatability found;
  found.shards = std::ssize(shards);
  const auto compare = [&found](const Answer& first, const Answer& second, Index shard, bool& holds) {
    const std::string difference = difference_between(first, second);
    if (difference.empty()) return;
    holds = false;
    if (found.difference.empty()) found.difference = fmt::format("shard {}: {}", shard, difference);
  };
  for (const SampleKey& key : keys) {
    std::vector<Answer> answers;
    for (const Index shard : shards) {
      answers.push_back(ask(objective, theta, key, shard));
      compare(answers.back(), ask(objective, theta, key, shard), shard, found.again);
    }
    ask(objective, elsewhere, key, shards.front());
    for (std::size_t i = shards.size(); i-- > 0;)
      compare(answers[i], ask(objective, theta, key, shards[i]), shards[i], found.out_of_order);
    found.evaluations += 3 * found.shards + 1;
  }
  return found;
}

}  // namespace optex::app
