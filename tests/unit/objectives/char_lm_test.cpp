#include "optex/objectives/char_lm.hpp"

#include "optex/core/errors.hpp"

#include <cmath>

#include "support/gradient_check.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::evaluate;
using testing::HasSubstr;

std::shared_ptr<const TextCorpus> text_of(Index length, Index vocabulary) {
  TextCorpus text;
  text.source = "formula";
  for (Index v = 0; v < vocabulary; ++v) text.vocabulary.push_back(static_cast<char32_t>('a' + v));
  text.length = length;
  text.stretches.resize(1);
  for (Index i = 0; i < length; ++i)
    text.stretches[0].symbols.push_back(static_cast<std::int32_t>((i * i + i / 3) % vocabulary));
  return std::make_shared<const TextCorpus>(std::move(text));
}

CharLmOptions small() {
  CharLmOptions options;
  options.context = 3;
  options.embedding = 2;
  options.hidden = 4;
  options.l2 = 0.01;
  options.seed = 5;
  return options;
}

SampleKey key_of(std::int64_t iteration) {
  SampleKey key;
  key.iteration = iteration;
  return key;
}

TEST(CharLm, GradientIsTheDerivative) {
  for (const Index shards : {1, 3})
    for (const Index batch : {0, 7}) {
      CharLmOptions options = small();
      options.shards = shards;
      options.batch = batch;
      const CharLm objective(text_of(60, 5), options);
      ASSERT_EQ(objective.dimension(), 5 * 2 + 4 * 7 + 5 * 5);
      EXPECT_LT(test::gradient_error(objective, objective.initial_point(), key_of(2)), 1e-6);
    }
}

TEST(CharLm, BlocksDoNotChangeTheSum) {
  // 300 characters are two blocks, and so are these shards; the means must agree.
  const CharLm one(text_of(334, 5), small());
  CharLmOptions options = small();
  options.shards = 7;
  const CharLm many(text_of(334, 5), options);
  const Vector theta = one.initial_point();
  EXPECT_NEAR(evaluate(one, theta).value, evaluate(many, theta).value, 1e-13);
  EXPECT_LT(norm(evaluate(one, theta).gradient - evaluate(many, theta).gradient), 1e-13);
}

TEST(CharLm, WithoutWeightsEveryCharacterIsAsLikely) {
  CharLmOptions options = small();
  options.held_out = 0.25;
  const CharLm objective(text_of(80, 5), options);
  const Vector zero = Vector::Zero(objective.dimension());
  EXPECT_NEAR(evaluate(objective, zero).value, std::log(5.0), 1e-14);
  const std::vector<Measure> measures = objective.assess(zero);
  ASSERT_EQ(measures.size(), 2u);
  EXPECT_EQ(measures[0].name, "train_perplexity");
  EXPECT_EQ(measures[1].name, "test_perplexity");
  EXPECT_NEAR(measures[0].value, 5.0, 1e-12);
  EXPECT_NEAR(measures[1].value, 5.0, 1e-12);
}

// F on all of the training text and train_perplexity are the same thing when nothing is penalised.
TEST(CharLm, PerplexityIsTheExponentialOfTheLoss) {
  CharLmOptions options = small();
  options.l2 = 0.0;
  options.held_out = 0.0;
  const CharLm objective(text_of(80, 5), options);
  const Vector theta = objective.initial_point();
  const std::vector<Measure> measures = objective.assess(theta);
  ASSERT_EQ(measures.size(), 1u);
  EXPECT_NEAR(measures[0].value, std::exp(evaluate(objective, theta).value), 1e-12);
}

TEST(CharLm, TheHeldOutEndIsNotLearntFrom) {
  TextCorpus text = *text_of(100, 5);
  CharLmOptions options = small();
  options.held_out = 0.2;
  const CharLm before(std::make_shared<const TextCorpus>(text), options);
  std::vector<std::int32_t>& symbols = text.stretches[0].symbols;
  for (std::size_t i = 80; i < 100; ++i) symbols[i] = (symbols[i] + 1) % 5;
  const CharLm after(std::make_shared<const TextCorpus>(text), options);
  const Vector theta = before.initial_point();
  EXPECT_EQ(evaluate(before, theta).gradient, evaluate(after, theta).gradient);
  EXPECT_NE(before.assess(theta)[1].value, after.assess(theta)[1].value);
}

TEST(CharLm, WrongOptionsNameTheirKeys) {
  const auto refused = [](auto change) {
    CharLmOptions options = small();
    change(options);
    try {
      const CharLm objective(text_of(20, 5), options);
    } catch (const UsageError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_THAT(refused([](auto& o) { o.context = 0; }), HasSubstr("problem.context"));
  EXPECT_THAT(refused([](auto& o) { o.context = 18; }), HasSubstr("too few"));
  EXPECT_THAT(refused([](auto& o) { o.embedding = 0; }), HasSubstr("problem.embedding"));
  EXPECT_THAT(refused([](auto& o) { o.hidden = 0; }), HasSubstr("problem.width"));
  EXPECT_THAT(refused([](auto& o) { o.held_out = 1.0; }), HasSubstr("problem.held_out"));
  EXPECT_THAT(refused([](auto& o) { o.l2 = -1.0; }), HasSubstr("problem.l2"));
  EXPECT_THAT(refused([](auto& o) { o.shards = 16; }), HasSubstr("data.shards"));
}

}  // namespace
}  // namespace optex
