#include "optex/data/labelled_files.hpp"

#include "optex/core/errors.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "kept_rows.hpp"
#include "label_rule.hpp"
#include "row_source.hpp"
#include <fmt/format.h>

namespace optex {
namespace {

/// A file in memory, before its labels become classes. Features of the first samples only when a limit was
/// given; labels of all.
struct RawTable {
  std::string source;
  Index features = 0;
  KeptRows rows;
  Index kept = 0;
  std::vector<std::int64_t> labels, lines;
  LabelStatistics statistics;
};

RawTable read_table(const LabelledFiles& files, const std::filesystem::path& path, Index limit) {
  const std::unique_ptr<RowSource> source = open_rows(files, path, limit);
  RawTable table;
  table.source = path.string();
  table.rows.is_sparse = source->is_sparse();
  for (RawRow row; source->next(row);) {
    table.labels.push_back(row.label);
    table.lines.push_back(row.line);
    table.statistics.add(row.label, row.line);
    if (limit != 0 && table.kept == limit) continue;
    table.rows.add(row);
    ++table.kept;
  }
  // Of the whole file, so that a limit does not change the problem's dimension.
  table.features = source->features();
  return table;
}

/// The numbers of sample i of a dense table.
std::span<double> sample(RawTable& table, Index i) {
  return {table.rows.values.data() + i * table.features, static_cast<std::size_t>(table.features)};
}

Scaling scaling_of(RawTable& table) {
  ScalingSum sum(table.features);
  for (Index i = 0; i < table.kept; ++i) sum.add_to_mean(sample(table, i));
  sum.end_of_means();
  for (Index i = 0; i < table.kept; ++i) sum.add_to_deviation(sample(table, i));
  return sum.finish();
}

std::vector<std::int32_t> classes_of(const RawTable& table, const LabelRule& rule) {
  std::vector<std::int32_t> classes;
  for (std::size_t i = 0; i < table.labels.size(); ++i) {
    const std::int32_t number = rule.class_of(table.labels[i], table.source, table.lines[i]);
    if (static_cast<Index>(i) < table.kept) classes.push_back(number);
  }
  return classes;
}

std::string hash_of(RawTable& table, const std::vector<std::int32_t>& classes) {
  TableHash hash(table.rows.is_sparse);
  const KeptRows& rows = table.rows;
  for (Index i = 0; i < table.kept; ++i) {
    if (!rows.is_sparse) {
      hash.add(sample(table, i), {});
      continue;
    }
    const auto at = static_cast<std::size_t>(i);
    const std::size_t first = rows.starts[at], count = rows.starts[at + 1] - first;
    hash.add({rows.values.data() + first, count}, {rows.columns.data() + first, count});
  }
  return hash.finish(classes);
}

std::shared_ptr<const Dataset> dataset_of(RawTable table, const LabelRule& rule, Index width,
                                          const Scaling& scaling) {
  if (!scaling.none())
    for (Index i = 0; i < table.kept; ++i) scaling.apply(sample(table, i));
  std::vector<std::int32_t> classes = classes_of(table, rule);
  std::string hash = hash_of(table, classes);
  return std::make_shared<const Dataset>(table.source, std::move(table.rows).to_features(width, 0),
                                         std::move(classes), rule.classes, std::move(hash));
}

void check_width(const std::string& file, bool is_sparse, Index features, Index width, bool given) {
  if (is_sparse ? features <= width : features == width) return;
  if (is_sparse)
    throw IoError(fmt::format("{}: indices up to {}, but {}{}; set data.features = {} or more", file,
                              features, given ? "data.features is " : "the training data have ", width,
                              features));
  throw IoError(fmt::format("{}: {} features, but the training data have {}", file, features, width));
}

/// Features of the problem, which sparse training data need not fill.
Index width_of(const LabelledFiles& files, const RowSource& train) {
  const Index width = train.is_sparse() && files.features > 0 ? files.features : train.features();
  check_width(files.train.string(), train.is_sparse(), train.features(), width, files.features > 0);
  return width;
}

std::shared_ptr<const Dataset> load_test(const LabelledFiles& files, const LabelRule& rule, Index width,
                                         const Scaling& scaling) {
  if (files.test.empty()) return nullptr;
  RawTable test = read_table(files, files.test, 0);
  check_width(test.source, test.rows.is_sparse, test.features, width, files.features > 0);
  return dataset_of(std::move(test), rule, width, scaling);
}

void check_options(const LabelledFiles& files) {
  if (files.limit < 0)
    throw UsageError(fmt::format("data.limit = {}: must be 0 (all samples) or positive", files.limit));
  if (files.classes < 0 || files.classes == 1)
    throw UsageError(
        fmt::format("data.classes = {}: must be 0 (as the labels say) or at least 2", files.classes));
  if (files.standardize && files.format == TableFormat::libsvm)
    throw UsageError("data.standardize: sparse data would not stay sparse; scale the file instead");
}

/// Goes through the rows that are learnt from. Memory: one row.
template <class Visit>
void for_each_kept(const LabelledFiles& files, Visit visit) {
  const std::unique_ptr<RowSource> source = open_rows(files, files.train, files.limit);
  RawRow row;
  for (Index i = 0; (files.limit == 0 || i < files.limit) && source->next(row); ++i) visit(i, row);
}

Scaling scaling_in(const LabelledFiles& files, ScalingSum& sum) {
  sum.end_of_means();
  for_each_kept(files, [&](Index, const RawRow& row) { sum.add_to_deviation(row.values); });
  return sum.finish();
}

/// Of one shard: all that its rows say, as they stand in the file.
class ShardHash {
 public:
  void add(const RawRow& row) {
    const std::int64_t head[] = {row.label, std::ssize(row.values)};
    hasher_.add(head);
    hasher_.add(row.columns);
    hasher_.add(row.values);
  }
  std::string text() const { return hasher_.text(); }

 private:
  ContentHasher hasher_;
};

}  // namespace

std::unique_ptr<RowSource> open_rows(const LabelledFiles& files, const std::filesystem::path& path,
                                     Index limit) {
  if (files.format == TableFormat::csv) return open_csv(path, files.label_column, files.header);
  if (files.format == TableFormat::libsvm) return open_libsvm(path);
  return open_hdf5_table(path, files.features_name, files.labels_name, limit);
}

LabelledSets load_labelled(const LabelledFiles& files) {
  check_options(files);
  RawTable train = read_table(files, files.train, files.limit);
  const bool sparse = train.rows.is_sparse;
  const Index width = sparse && files.features > 0 ? files.features : train.features;
  check_width(train.source, sparse, train.features, width, files.features > 0);
  const LabelRule rule = label_rule(train.statistics, files.classes, train.source);
  const Scaling scaling = files.standardize ? scaling_of(train) : Scaling{};
  LabelledSets sets;
  sets.test = load_test(files, rule, width, scaling);
  sets.train = dataset_of(std::move(train), rule, width, scaling);
  return sets;
}

DataSurvey survey_labelled(const LabelledFiles& files, Index shards) {
  check_options(files);
  const std::string file = files.train.string();

  // All rows are looked at, those beyond the limit too, as when they are loaded.
  const std::unique_ptr<RowSource> source = open_rows(files, files.train, files.limit);
  LabelStatistics labels;
  std::optional<ScalingSum> sum;
  const auto is_kept = [&](Index i) { return files.limit == 0 || i < files.limit; };
  for (RawRow row; source->next(row); labels.add(row.label, row.line)) {
    if (!files.standardize || !is_kept(labels.count)) continue;
    if (!sum) sum.emplace(source->features());
    sum->add_to_mean(row.values);
  }
  DataSurvey survey;
  DataDescription& data = survey.description;
  data.source = file;
  data.features = width_of(files, *source);
  data.samples = files.limit == 0 ? labels.count : std::min(files.limit, labels.count);
  const LabelRule rule = label_rule(labels, files.classes, file);
  data.classes = rule.classes;
  survey.smallest_label = rule.smallest;
  survey.label_step = rule.step;
  check_shards(data.samples, shards);
  const Scaling scaling = sum ? scaling_in(files, *sum) : Scaling{};

  TableHash whole(source->is_sparse());
  std::vector<std::int32_t> classes;
  std::vector<double> values;
  ShardHash hash;
  double bytes = 0.0;
  const std::unique_ptr<RowSource> again = open_rows(files, files.train, files.limit);
  RawRow row;
  for (Index i = 0; again->next(row); ++i) {
    const std::int32_t number = rule.class_of(row.label, file, row.line);
    if (!is_kept(i)) continue;
    classes.push_back(number);
    hash.add(row);
    bytes += KeptRows::bytes_of(row, again->is_sparse());
    values.assign(row.values.begin(), row.values.end());
    if (!scaling.none()) scaling.apply(values);
    whole.add(values, row.columns);
    const auto shard = std::ssize(survey.shards);
    if (shard < shards && i + 1 == shard_range(data.samples, shards, shard).end()) {
      survey.shards.push_back({hash.text(), bytes});
      hash = {};
      bytes = 0.0;
    }
  }
  if (std::ssize(classes) != data.samples)
    throw IoError(fmt::format("{}: has changed while it was read", file));
  data.hash = whole.finish(classes);
  survey.mean = scaling.mean;
  survey.deviation = scaling.deviation;
  return survey;
}

LabelledSets load_labelled_part(const LabelledFiles& files, const DataSurvey& survey, const ShardSpan& part,
                                bool with_test) {
  const DataDescription& data = survey.description;
  const LabelRule rule{survey.smallest_label, survey.label_step, data.classes};
  const Scaling scaling{survey.mean, survey.deviation};
  const SampleRange own = survey.samples_of(part);
  KeptRows rows;
  rows.is_sparse = files.format == TableFormat::libsvm;
  std::vector<std::int32_t> classes;
  if (own.count > 0) {
    double bytes = 0.0;
    for (Index shard = part.first; shard < part.end; ++shard)
      bytes += survey.shards[static_cast<std::size_t>(shard)].bytes;
    const auto numbers =
        static_cast<std::size_t>((bytes - static_cast<double>(own.count) * (rows.is_sparse ? 12.0 : 4.0)) /
                                 (rows.is_sparse ? 12.0 : 8.0));
    rows.values.reserve(numbers);
    if (rows.is_sparse) rows.columns.reserve(numbers);
    const std::unique_ptr<RowSource> source = open_rows(files, files.train, files.limit);
    source->skip(own.first);
    for (Index shard = part.first; shard < part.end; ++shard) {
      ShardHash hash;
      RawRow row;
      std::vector<double> values;
      for (Index left = survey.samples_of({shard, shard + 1}).count; left > 0 && source->next(row); --left) {
        hash.add(row);
        classes.push_back(rule.class_of(row.label, data.source, row.line));
        values.assign(row.values.begin(), row.values.end());
        if (!scaling.none() && values.size() == scaling.mean.size()) scaling.apply(values);
        row.values = values;
        rows.add(row);
      }
      check_against(survey, shard, hash.text());
    }
  }
  LabelledSets sets;
  if (with_test) sets.test = load_test(files, rule, data.features, scaling);
  sets.train =
      std::make_shared<const Dataset>(data.source, std::move(rows).to_features(data.features, own.first),
                                      std::move(classes), data.classes, data.hash, data.samples);
  return sets;
}

}  // namespace optex
