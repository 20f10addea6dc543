#include "optex/objectives/char_lm.hpp"

#include "optex/core/product_blocking.hpp"
#include "optex/core/random.hpp"
#include "optex/core/reductions.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "check_arguments.hpp"
#include "classification.hpp"
#include "cross_entropy.hpp"

namespace optex {
namespace {

constexpr Index characters_a_block = 256;
constexpr Index most_assessed = 20000;

/// Where the held-out part begins. Everything that the sampler relies on is checked here, before it is made.
Index end_of_training(const std::string& source, Index length, const CharLmOptions& options) {
  const auto positive = [](const char* key, Index value) {
    if (value < 1) throw UsageError(fmt::format("{} = {}: must be at least 1", key, value));
  };
  positive("problem.context", options.context);
  positive("problem.embedding", options.embedding);
  positive("problem.width", options.hidden);
  if (!(options.held_out >= 0.0 && options.held_out < 1.0))
    throw UsageError(fmt::format("problem.held_out = {}: must be in [0, 1)", options.held_out));
  check_not_negative("problem.l2", options.l2);
  const Index end = length - static_cast<Index>(options.held_out * static_cast<double>(length));
  if (end <= options.context)
    throw UsageError(fmt::format("{}: {} characters to learn from are too few for problem.context = {}",
                                 source, end, options.context));
  return end;
}

}  // namespace

/// theta as matrices; a layer's last row holds its biases.
struct CharLm::Network {
  Eigen::Map<const Matrix> embeddings;  // embedding x vocabulary
  Matrix hidden;                        // (context embedding + 1) x width
  Matrix output;                        // (width + 1) x vocabulary
};

/// What a block of characters becomes; columns beyond the characters are zero.
struct CharLm::Activations {
  Matrix inputs;   // (context embedding + 1) x columns
  Matrix hidden;   // (width + 1) x columns
  Matrix outputs;  // vocabulary x columns
};

std::vector<SampleRange> CharLm::stretches_of(const std::string& source, Index length,
                                              const CharLmOptions& options, const ShardSpan& part,
                                              bool with_test) {
  const Index end = end_of_training(source, length, options);
  const Index samples = end - options.context;
  check_shards(samples, options.shards);
  std::vector<SampleRange> stretches;
  if (part.first < part.end) {
    const Index first = shard_range(samples, options.shards, part.first).first;
    const Index last = shard_range(samples, options.shards, part.end - 1).end();
    stretches.push_back({first, last - first + options.context});
  }
  if (with_test && end < length) stretches.push_back({end - options.context, length - end + options.context});
  return stretches;
}

CharLm::CharLm(std::shared_ptr<const TextCorpus> text, const CharLmOptions& options)
    : text_(std::move(text)),
      options_(options),
      train_end_(end_of_training(text_->source, text_->length, options)),
      sampler_(train_end_ - options.context, options.shards, options.batch),
      dimension_(vocabulary() * options.embedding + options.hidden * (inputs() + 1) +
                 vocabulary() * (options.hidden + 1)) {
  fix_product_blocking();
}

Vector CharLm::initial_point() const {
  const CounterRandom random(SampleKey{.seed = options_.seed}, Stream::initial_point);
  Vector theta = Vector::Zero(dimension_);
  Index at = 0;
  const auto fill = [&](Index count, double variance) {
    for (const Index end = at + count; at < end; ++at)
      theta[at] = std::sqrt(variance) * random.normal(static_cast<std::uint64_t>(at));
  };
  fill(vocabulary() * options_.embedding, 1.0 / static_cast<double>(options_.embedding));
  fill(options_.hidden * inputs(), 2.0 / static_cast<double>(inputs() + options_.hidden));
  at += options_.hidden;
  fill(vocabulary() * options_.hidden, 2.0 / static_cast<double>(options_.hidden + vocabulary()));
  return theta;
}

CharLm::Network CharLm::unpack(ConstVectorRef theta) const {
  const Index first = vocabulary() * options_.embedding;
  const Index middle = options_.hidden * (inputs() + 1);
  return {Eigen::Map<const Matrix>(theta.data(), options_.embedding, vocabulary()),
          with_bias_row(theta.segment(first, middle), inputs(), options_.hidden),
          with_bias_row(theta.tail(dimension_ - first - middle), options_.hidden, vocabulary())};
}

void CharLm::forward(const Network& network, std::span<const Index> places, Activations& out) const {
  const auto count = std::ssize(places);
  // As for SampleBlock: few shapes, and never a single vector.
  const Index columns = (count + sample_block_multiple - 1) / sample_block_multiple * sample_block_multiple;
  out.inputs.setZero(inputs() + 1, columns);
  for (Index k = 0; k < count; ++k) {
    const std::int32_t* const before =
        text_->at(places[static_cast<std::size_t>(k)] - options_.context, options_.context);
    for (Index c = 0; c < options_.context; ++c)
      out.inputs.col(k).segment(c * options_.embedding, options_.embedding) =
          network.embeddings.col(before[c]);
    out.inputs(inputs(), k) = 1.0;
  }
  const Index width = options_.hidden;
  out.hidden.resize(width + 1, columns);
  out.hidden.topRows(width).noalias() = network.hidden.transpose() * out.inputs;
  for (Index k = 0; k < columns; ++k)
    for (Index i = 0; i < width; ++i) out.hidden(i, k) = std::tanh(out.hidden(i, k));
  out.hidden.row(width) = out.inputs.row(inputs());
  out.outputs.resize(vocabulary(), columns);
  out.outputs.noalias() = network.output.transpose() * out.hidden;
}

double CharLm::value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                                  VectorRef gradient) const {
  check_arguments(*this, theta, shard, gradient);
  Selection selection = sampler_.select(key, shard);
  for (Index& place : selection.samples) place += options_.context;  // the first that has a whole context
  const Network network = unpack(theta);
  const Index width = options_.hidden;

  gradient.setZero();
  Eigen::Map<Matrix> embeddings(gradient.data(), options_.embedding, vocabulary());
  Matrix hidden_sum = Matrix::Zero(network.hidden.rows(), network.hidden.cols());
  Matrix output_sum = Matrix::Zero(network.output.rows(), network.output.cols());
  Vector losses(std::ssize(selection.samples));
  Activations block;
  Matrix slope, input_slope;
  for (Index first = 0; first < losses.size(); first += characters_a_block) {
    const Index count = std::min(characters_a_block, losses.size() - first);
    const std::span<const Index> places(selection.samples.data() + first, static_cast<std::size_t>(count));
    forward(network, places, block);
    for (Index k = 0; k < count; ++k)
      losses[first + k] =
          cross_entropy(column(block.outputs, k), *text_->at(places[static_cast<std::size_t>(k)]));
    block.outputs.rightCols(block.outputs.cols() - count).setZero();
    output_sum.noalias() += block.hidden * block.outputs.transpose();
    slope.noalias() = network.output.topRows(width) * block.outputs;
    for (Index k = 0; k < slope.cols(); ++k)
      for (Index i = 0; i < width; ++i) slope(i, k) *= 1.0 - block.hidden(i, k) * block.hidden(i, k);
    hidden_sum.noalias() += block.inputs * slope.transpose();
    input_slope.noalias() = network.hidden.topRows(inputs()) * slope;
    for (Index k = 0; k < count; ++k) {
      const std::int32_t* const before =
          text_->at(places[static_cast<std::size_t>(k)] - options_.context, options_.context);
      for (Index c = 0; c < options_.context; ++c)
        embeddings.col(before[c]) += input_slope.col(k).segment(c * options_.embedding, options_.embedding);
    }
  }

  const double penalty = options_.l2 * sampler_.share(shard);
  double value = selection.weight * sum(losses);
  const Index embedded = embeddings.size();
  gradient.head(embedded) = selection.weight * gradient.head(embedded) + penalty * theta.head(embedded);
  value += 0.5 * penalty * squared_norm(theta.head(embedded));
  Index at = embedded;
  for (const Matrix* const total : {&hidden_sum, &output_sum}) {
    const Index in = total->rows() - 1, out = total->cols();
    const auto own = theta.segment(at, in * out);
    Eigen::Map<Matrix>(gradient.data() + at, in, out) = selection.weight * total->topRows(in);
    gradient.segment(at, in * out) += penalty * own;
    gradient.segment(at + in * out, out) = selection.weight * total->row(in).transpose();
    value += 0.5 * penalty * squared_norm(own);
    at += (in + 1) * out;
  }
  return value;
}

double CharLm::perplexity(const Network& network, Index first, Index last) const {
  const Index count = std::min(most_assessed, last - first);
  std::vector<Index> places(static_cast<std::size_t>(count));
  for (Index k = 0; k < count; ++k)
    places[static_cast<std::size_t>(k)] = first + k * ((last - first) / count);
  Vector losses(count);
  Activations block;
  for (Index begin = 0; begin < count; begin += characters_a_block) {
    const Index size = std::min(characters_a_block, count - begin);
    forward(network, {places.data() + begin, static_cast<std::size_t>(size)}, block);
    for (Index k = 0; k < size; ++k) {
      const Index place = places[static_cast<std::size_t>(begin + k)];
      losses[begin + k] = cross_entropy(column(block.outputs, k), *text_->at(place));
    }
  }
  return std::exp(sum(losses) / static_cast<double>(count));
}

std::vector<Measure> CharLm::assess(ConstVectorRef theta) const {
  const Network network = unpack(theta);
  std::vector<Measure> measures;
  if (text_->is_whole)
    measures.push_back({"train_perplexity", perplexity(network, options_.context, train_end_)});
  const Index length = text_->length;
  if (train_end_ < length) measures.push_back({"test_perplexity", perplexity(network, train_end_, length)});
  return measures;
}

}  // namespace optex
