#include "optex/data/image_sets.hpp"
#include "optex/data/labelled_files.hpp"
#include "optex/data/text_corpus.hpp"
#include "optex/objectives/char_lm.hpp"
#include "optex/objectives/logistic_regression.hpp"
#include "optex/objectives/mlp.hpp"
#include "optex/objectives/softmax_regression.hpp"
#include "optex/setup/footprint.hpp"

#include <utility>

#include "problem_builders.hpp"

namespace optex {
namespace {

LabelledSets labelled_sets(const Config& config) {
  const std::string& format = config.text("data.format");
  if (format == "idx") {
    ImageSets images = load_images(config.text("data.source"), {.limit = config.integer("data.limit")});
    return {std::move(images.train), std::move(images.test)};
  }
  LabelledFiles files;
  files.format = format == "csv"      ? TableFormat::csv
                 : format == "libsvm" ? TableFormat::libsvm
                                      : TableFormat::hdf5;
  files.train = config.text("data.source");
  if (config.has("data.test")) files.test = config.text("data.test");
  if (config.has("data.label_column") && config.text("data.label_column") == "first")
    files.label_column = LabelColumn::first;
  if (config.has("data.features_name")) files.features_name = config.text("data.features_name");
  if (config.has("data.labels_name")) files.labels_name = config.text("data.labels_name");
  files.limit = config.integer("data.limit");
  files.classes = config.integer("data.classes");
  files.features = config.integer_if_set("data.features").value_or(0);
  files.standardize = config.has("data.standardize") && config.boolean("data.standardize");
  return load_labelled(files);
}

/// `Objective` made of both sets, and what a run records about them.
template <class Objective, class Options>
Problem learning_problem(const LabelledSets& sets, const Options& options, std::string_view size_key) {
  auto objective = std::make_unique<Objective>(sets.train, sets.test, options);
  refuse_dimension_beyond_memory(size_key, objective->dimension());
  Problem problem{std::move(objective), sets.train->describe(), {}, sets.train->bytes()};
  if (sets.test) {
    problem.test = sets.test->describe();
    problem.data_bytes += sets.test->bytes();
  }
  return problem;
}

}  // namespace

Problem build_logistic(const Config& config) {
  return learning_problem<LogisticRegression>(labelled_sets(config),
                                              LogisticOptions{.shards = config.integer("data.shards"),
                                                              .batch = config.integer("data.batch"),
                                                              .l2 = config.real("problem.l2")},
                                              "data.source");
}

Problem build_softmax(const Config& config) {
  return learning_problem<SoftmaxRegression>(labelled_sets(config),
                                             SoftmaxOptions{.shards = config.integer("data.shards"),
                                                            .batch = config.integer("data.batch"),
                                                            .l2 = config.real("problem.l2")},
                                             "data.source");
}

Problem build_mlp(const Config& config) {
  MlpOptions options;
  options.hidden.assign(config.integers("problem.hidden").begin(), config.integers("problem.hidden").end());
  options.activation = config.text("problem.activation") == "tanh" ? Activation::tanh : Activation::relu;
  options.loss =
      config.text("problem.loss") == "squared_error" ? ClassLoss::squared_error : ClassLoss::cross_entropy;
  options.shards = config.integer("data.shards");
  options.batch = config.integer("data.batch");
  options.l2 = config.real("problem.l2");
  options.seed = static_cast<std::uint64_t>(config.integer("run.seed"));
  return learning_problem<Mlp>(labelled_sets(config), options, "problem.hidden");
}

Problem build_char_lm(const Config& config) {
  const auto text =
      std::make_shared<const TextCorpus>(read_text(config.text("data.source"), config.integer("data.limit")));
  CharLmOptions options;
  options.context = config.integer("problem.context");
  options.embedding = config.integer("problem.embedding");
  options.hidden = config.integer("problem.width");
  options.held_out = config.real("problem.held_out");
  options.shards = config.integer("data.shards");
  options.batch = config.integer("data.batch");
  options.l2 = config.real("problem.l2");
  options.seed = static_cast<std::uint64_t>(config.integer("run.seed"));
  auto objective = std::make_unique<CharLm>(text, options);
  refuse_dimension_beyond_memory("problem.width", objective->dimension());
  return {std::move(objective), text->describe(), {}, 4.0 * static_cast<double>(text->symbols.size())};
}

}  // namespace optex
