#include "optex/data/image_sets.hpp"
#include "optex/data/labelled_files.hpp"
#include "optex/data/text_corpus.hpp"
#include "optex/evaluation/work_plan.hpp"
#include "optex/objectives/char_lm.hpp"
#include "optex/objectives/logistic_regression.hpp"
#include "optex/objectives/mlp.hpp"
#include "optex/objectives/softmax_regression.hpp"
#include "optex/setup/footprint.hpp"

#include <utility>

#include "key_tables.hpp"
#include "problem_builders.hpp"

namespace optex {
namespace {

ImageOptions image_options(const Config& config) { return {.limit = config.integer("data.limit")}; }

LabelledFiles labelled_files(const Config& config) {
  const std::string& format = config.text("data.format");
  LabelledFiles files;
  files.format = format == "csv"      ? TableFormat::csv
                 : format == "libsvm" ? TableFormat::libsvm
                                      : TableFormat::hdf5;
  files.train = config.text("data.source");
  if (config.has("data.test")) files.test = config.text("data.test");
  if (config.is("data.label_column", "first")) files.label_column = LabelColumn::first;
  if (config.has("data.header")) files.header = config.boolean("data.header");
  if (config.has("data.features_name")) files.features_name = config.text("data.features_name");
  if (config.has("data.labels_name")) files.labels_name = config.text("data.labels_name");
  files.limit = config.integer("data.limit");
  files.classes = config.integer("data.classes");
  files.features = config.integer_if_set("data.features").value_or(0);
  files.standardize = config.is_on("data.standardize");
  return files;
}

LabelledSets labelled_sets(const Config& config, const DataShare* share) {
  if (config.text("data.format") == "idx") {
    const std::string& source = config.text("data.source");
    const ImageSets images = share != nullptr ? load_images_part(source, image_options(config), share->survey,
                                                                 share->part, share->with_test)
                                              : load_images(source, image_options(config));
    return {images.train, images.test};
  }
  const LabelledFiles files = labelled_files(config);
  if (share == nullptr) return load_labelled(files);
  return load_labelled_part(files, share->survey, share->part, share->with_test);
}

/// `Objective` made of both sets, and what a run records about them.
template <class Objective, class Options>
Problem learning_problem(const Config& config, const DataShare* share, const Options& options,
                         std::string_view size_key) {
  const LabelledSets sets = labelled_sets(config, share);
  auto objective = std::make_unique<Objective>(sets.train, sets.test, options);
  refuse_dimension_beyond_memory(size_key, objective->dimension());
  Problem problem{std::move(objective), sets.train->describe()};
  if (share == nullptr) problem.data_bytes = sets.train->bytes();
  if (sets.test) {
    problem.test = sets.test->describe();
    problem.data_bytes += sets.test->bytes();
  }
  if (share != nullptr)
    for (const DataSurvey::Shard& shard : share->survey.shards) problem.shard_bytes.push_back(shard.bytes);
  return problem;
}

Problem make_logistic(const Config& config, const DataShare* share) {
  const LogisticOptions options{.shards = config.integer("data.shards"),
                                .batch = config.integer("data.batch"),
                                .l2 = config.real("problem.l2")};
  return learning_problem<LogisticRegression>(config, share, options, "data.source");
}

Problem make_softmax(const Config& config, const DataShare* share) {
  const SoftmaxOptions options{.shards = config.integer("data.shards"),
                               .batch = config.integer("data.batch"),
                               .l2 = config.real("problem.l2")};
  return learning_problem<SoftmaxRegression>(config, share, options, "data.source");
}

Problem make_mlp(const Config& config, const DataShare* share) {
  MlpOptions options;
  options.hidden.assign(config.integers("problem.hidden").begin(), config.integers("problem.hidden").end());
  options.activation = config.text("problem.activation") == "tanh" ? Activation::tanh : Activation::relu;
  options.loss =
      config.text("problem.loss") == "squared_error" ? ClassLoss::squared_error : ClassLoss::cross_entropy;
  options.shards = config.integer("data.shards");
  options.batch = config.integer("data.batch");
  options.l2 = config.real("problem.l2");
  options.seed = static_cast<std::uint64_t>(config.integer("run.seed"));
  return learning_problem<Mlp>(config, share, options, "problem.hidden");
}

CharLmOptions char_lm_options(const Config& config) {
  CharLmOptions options;
  options.context = config.integer("problem.context");
  options.embedding = config.integer("problem.embedding");
  options.hidden = config.integer("problem.width");
  options.held_out = config.real("problem.held_out");
  options.shards = config.integer("data.shards");
  options.batch = config.integer("data.batch");
  options.l2 = config.real("problem.l2");
  options.seed = static_cast<std::uint64_t>(config.integer("run.seed"));
  return options;
}

std::vector<SampleRange> stretches_of(const Config& config, const DataDescription& text,
                                      const ShardSpan& part, bool with_test) {
  return CharLm::stretches_of(text.source, text.samples, char_lm_options(config), part, with_test);
}

TextCorpus text_of(const Config& config, const DataShare* share) {
  const std::string& source = config.text("data.source");
  if (share == nullptr) return read_text(source, config.integer("data.limit"));
  return read_text_part(source, share->survey,
                        stretches_of(config, share->survey.description, share->part, share->with_test));
}

Problem make_char_lm(const Config& config, const DataShare* share) {
  const auto text = std::make_shared<const TextCorpus>(text_of(config, share));
  auto objective = std::make_unique<CharLm>(text, char_lm_options(config));
  refuse_dimension_beyond_memory("problem.width", objective->dimension());
  Problem problem{std::move(objective), text->describe()};
  if (share == nullptr) {
    problem.data_bytes = text->bytes();
    return problem;
  }
  const auto bytes = [](const std::vector<SampleRange>& stretches) {
    return stretches.empty() ? 0.0 : 4.0 * static_cast<double>(stretches.front().count);
  };
  const DataDescription& whole = share->survey.description;
  if (share->with_test) problem.data_bytes = bytes(stretches_of(config, whole, {}, true));
  for (Index shard = 0; shard < config.integer("data.shards"); ++shard)
    problem.shard_bytes.push_back(bytes(stretches_of(config, whole, {shard, shard + 1}, false)));
  return problem;
}

}  // namespace

/// Of what is learnt from data; the layers of a network also of "dqn".
std::vector<Key> learning_keys() {
  const Condition learns{"problem.name", {"logistic", "softmax", "mlp", "char_lm"}};
  const Condition mlp{"problem.name", {"mlp"}};
  const Condition dqn{"problem.name", {"dqn"}};
  const Condition network{"problem.name", {"mlp", "dqn"}};
  const Condition language{"problem.name", {"char_lm"}};
  const std::vector<Key> keys = {
      real_key("l2", "1e-4", not_negative, "weight of the squared norm of the weights", {learns}),
      integer_list_key("hidden", {{"[64, 64]", dqn}, {"[128, 64]"}}, between(1.0, 1e6),
                       "width of each hidden layer, first to last; [] for none", {network}),
      choice_key("activation", "relu", {"relu", "tanh"}, "of the hidden layers", {network}),
      choice_key("loss", "cross_entropy", {"cross_entropy", "squared_error"},
                 "of one sample, from the outputs and the label", {mlp}),
      integer_key("context", "8", between(1.0, 1e4), "characters that the next one is told from", {language}),
      integer_key("embedding", "16", between(1.0, 1e4), "numbers that stand for a character", {language}),
      integer_key("width", "128", between(1.0, 1e6), "of the hidden layer", {language}),
      real_key("held_out", "0.1", {.min = 0.0, .max = 1.0, .open_max = true},
               "share of the text, at its end, that is not learnt from", {language}),
  };
  return keys_of("problem", keys);
}

Problem build_logistic(const Config& config) { return make_logistic(config, nullptr); }
Problem build_softmax(const Config& config) { return make_softmax(config, nullptr); }
Problem build_mlp(const Config& config) { return make_mlp(config, nullptr); }
Problem build_char_lm(const Config& config) { return make_char_lm(config, nullptr); }

Problem build_with_share(const Config& config, const DataShare& share) {
  const std::string& name = config.text("problem.name");
  if (name == "logistic") return make_logistic(config, &share);
  if (name == "softmax") return make_softmax(config, &share);
  if (name == "mlp") return make_mlp(config, &share);
  return make_char_lm(config, &share);
}

bool keeps_by_shard(const Config& config) { return config.is("parallel.data", "by_shard"); }

DataSurvey survey_data(const Config& config) {
  const std::string& format = config.text("data.format");
  const std::string& source = config.text("data.source");
  if (format == "text") return survey_text(source, config.integer("data.limit"));
  const Index shards = config.integer("data.shards");
  if (format == "idx") return survey_images(source, image_options(config), shards);
  return survey_labelled(labelled_files(config), shards);
}

DataShare share_of_rank(const Config& config, DataSurvey survey, int rank, int ranks) {
  const WorkPlan plan =
      WorkPlan::by_shard(1, config.integer("data.shards"),
                         evaluating_ranks(ranks, config.boolean("parallel.coordinator_evaluates")));
  ShardSpan part;
  for (const Portion& portion : plan.of_rank(rank)) part = {portion.shards.begin, portion.shards.end};
  return {std::move(survey), part, rank == 0};
}

}  // namespace optex
