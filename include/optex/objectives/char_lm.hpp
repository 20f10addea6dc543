#pragma once

#include "optex/data/batch_sampler.hpp"
#include "optex/data/text_corpus.hpp"
#include "optex/objectives/objective.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace optex {

struct CharLmOptions {
  Index context = 8;      ///< characters that the next one is told from
  Index embedding = 16;   ///< numbers a character stands for
  Index hidden = 128;     ///< width of the hidden layer
  double held_out = 0.1;  ///< share of the text, at its end, that is not learnt from
  Index shards = 1;
  Index batch = 0;  ///< characters in a mini-batch, drawn from all the text; 0: all
  double l2 = 0.0;  ///< penalty l2/2 |weights|^2
  std::uint64_t seed = 0;
};

/// A language model that tells the next character from the last few (Bengio, Ducharme, Vincent, Jauvin, JMLR
/// 3, 2003, on characters): their embeddings side by side, a hidden layer of tanh, and a softmax over the
/// vocabulary,
///   F = mean over characters of -log p(character | context before it) + l2/2 |weights|^2.
///
/// theta: the embeddings (vocabulary x embedding, character by character), then the hidden and the output
/// layer, each as weights row by row (outputs x inputs) and biases. Start: normal, variance 1/embedding for
/// embeddings and 2/(inputs + outputs) for weights, a function of the seed; biases 0. Biases are not
/// penalised. Shards are stretches of the text; with a mini-batch F_j is the mean over the part of it that
/// falls into shard j.
///
/// A gradient is exact (backward differentiation) and costs 6 operations a character and weight; memory: one
/// block of 256 characters through all layers, and twice the weights.
class CharLm final : public Objective {
 public:
  /// Throws UsageError when an option does not fit the text.
  CharLm(std::shared_ptr<const TextCorpus> text, const CharLmOptions& options);

  /// What of a text of `length` characters must be there to evaluate these shards and, with_test, to assess.
  /// Throws UsageError when an option does not fit the text, which `source` names.
  static std::vector<SampleRange> stretches_of(const std::string& source, Index length,
                                               const CharLmOptions& options, const ShardSpan& part,
                                               bool with_test);

  Index dimension() const override { return dimension_; }
  Index shard_count() const override { return sampler_.shard_count(); }
  Vector initial_point() const override;
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override;
  bool is_noisy() const override { return sampler_.is_random(); }

  /// train_perplexity, when the whole text is here, and, when a part of the text is held out,
  /// test_perplexity: exp of the mean of -log p, over at most 20000 characters spread evenly.
  std::vector<Measure> assess(ConstVectorRef theta) const override;

 private:
  struct Network;
  struct Activations;

  Network unpack(ConstVectorRef theta) const;
  /// Fills `out` for the characters at these places of the text.
  void forward(const Network& network, std::span<const Index> places, Activations& out) const;
  double perplexity(const Network& network, Index first, Index last) const;
  Index vocabulary() const { return static_cast<Index>(text_->vocabulary.size()); }
  Index inputs() const { return options_.context * options_.embedding; }

  std::shared_ptr<const TextCorpus> text_;
  CharLmOptions options_;
  Index train_end_;  ///< characters from here on are held out
  BatchSampler sampler_;
  Index dimension_;
};

}  // namespace optex
