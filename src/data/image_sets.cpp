#include "optex/data/image_sets.hpp"

#include "optex/core/errors.hpp"
#include "optex/data/idx.hpp"
#include "optex/files/content_hash.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include <fmt/format.h>

namespace optex {
namespace {

constexpr const char* fashion_mnist = "fashion-mnist";
constexpr const char* fashion_mnist_folder = "/usr/share/datasets/fashion-mnist";

std::filesystem::path locate(const std::filesystem::path& folder, const std::string& name,
                             const char* remedy) {
  for (const std::string& variant : {name, name + ".gz"})
    if (std::error_code ignored; std::filesystem::exists(folder / variant, ignored)) return folder / variant;
  throw IoError(fmt::format("{}[.gz]: no such file; {}", (folder / name).string(), remedy));
}

struct LabelledBytes {
  IdxBytes images;
  std::vector<std::uint8_t> labels;
  Index largest_label = 0;
};

void check_counts(const std::filesystem::path& images, Index image_count, const std::filesystem::path& labels,
                  Index label_count) {
  if (image_count == label_count) return;
  throw IoError(fmt::format("{}: {} images, but {} holds {} labels: they belong to different sets",
                            images.string(), image_count, labels.string(), label_count));
}

LabelledBytes read_pair(const std::filesystem::path& images, const std::filesystem::path& labels,
                        Index limit) {
  LabelledBytes pair{read_idx(images, 3, limit), read_idx(labels, 1).bytes, 0};
  check_counts(images, pair.images.dimensions.front(), labels, std::ssize(pair.labels));
  pair.largest_label = *std::max_element(pair.labels.begin(), pair.labels.end());
  pair.labels.resize(static_cast<std::size_t>(pair.images.samples_kept()));
  return pair;
}

std::string source_of(const std::filesystem::path& images, const std::filesystem::path& labels) {
  return fmt::format("{} with {}", images.string(), labels.filename().string());
}

std::shared_ptr<const Dataset> make_dataset(const std::filesystem::path& images,
                                            const std::filesystem::path& labels, LabelledBytes pair,
                                            Index classes, double scale) {
  std::string hash = content_hash(pair.images.bytes, pair.labels);
  const Index features = pair.images.sample_size();
  return std::make_shared<const Dataset>(
      source_of(images, labels),
      std::make_unique<ByteFeatures>(std::move(pair.images.bytes), features, scale),
      std::vector<std::int32_t>(pair.labels.begin(), pair.labels.end()), classes, std::move(hash));
}

std::shared_ptr<const Dataset> load_test_images(const ImageFiles& files, Index features, Index classes,
                                                double scale) {
  LabelledBytes test = read_pair(files.test_images, files.test_labels, 0);
  if (features != test.images.sample_size())
    throw IoError(fmt::format(
        "{}: images of {} pixels, but those of {} have {}: they belong to different sets",
        files.test_images.string(), test.images.sample_size(), files.train_images.string(), features));
  return make_dataset(files.test_images, files.test_labels, std::move(test), classes, scale);
}

void check_image_options(const ImageOptions& options) {
  if (options.limit < 0)
    throw UsageError(fmt::format("data.limit = {}: must be 0 (all samples) or positive", options.limit));
}

}  // namespace

ImageFiles locate_images(const std::string& source) {
  const bool packaged = source == fashion_mnist;
  const std::filesystem::path folder = packaged ? fashion_mnist_folder : source;
  const char* const remedy = packaged ? "install it with `apt install dataset-fashion-mnist`, or set "
                                        "data.source to a folder that holds it"
                                      : "data.source must be \"fashion-mnist\" or a folder with the four "
                                        "files {train,t10k}-images-idx3-ubyte "
                                        "and {train,t10k}-labels-idx1-ubyte";
  return {locate(folder, "train-images-idx3-ubyte", remedy),
          locate(folder, "train-labels-idx1-ubyte", remedy), locate(folder, "t10k-images-idx3-ubyte", remedy),
          locate(folder, "t10k-labels-idx1-ubyte", remedy)};
}

ImageSets load_images(const std::string& source, const ImageOptions& options) {
  check_image_options(options);
  const ImageFiles files = locate_images(source);
  LabelledBytes train = read_pair(files.train_images, files.train_labels, options.limit);
  const Index classes = train.largest_label + 1;
  ImageSets sets;
  sets.test = load_test_images(files, train.images.sample_size(), classes, options.scale);
  sets.train = make_dataset(files.train_images, files.train_labels, std::move(train), classes, options.scale);
  return sets;
}

DataSurvey survey_images(const std::string& source, const ImageOptions& options, Index shards) {
  check_image_options(options);
  const ImageFiles files = locate_images(source);
  std::vector<std::uint8_t> labels = read_idx(files.train_labels, 1).bytes;
  const Index count = std::ssize(labels);
  DataSurvey survey;
  DataDescription& data = survey.description;
  data.source = source_of(files.train_images, files.train_labels);
  data.classes = *std::max_element(labels.begin(), labels.end()) + 1;
  data.samples = options.limit > 0 ? std::min(options.limit, count) : count;
  labels.resize(static_cast<std::size_t>(data.samples));
  check_shards(data.samples, shards);

  ContentHasher whole, own;
  const auto visit = [&](Index sample, std::span<const std::uint8_t> image) {
    const auto shard = std::ssize(survey.shards);
    if (shard == shards) return;  // more images than labels, which is told below
    whole.add(image);
    own.add(image);
    const SampleRange range = shard_range(data.samples, shards, shard);
    if (sample + 1 < range.end()) return;
    own.add_bytes(labels.data() + range.first, static_cast<std::size_t>(range.count));
    survey.shards.push_back(
        {own.text(), static_cast<double>(range.count) * (static_cast<double>(image.size()) + 4.0)});
    own = {};
  };
  const std::vector<Index> dimensions = scan_idx(files.train_images, 3, options.limit, visit);
  check_counts(files.train_images, dimensions.front(), files.train_labels, count);
  data.features = dimensions[1] * dimensions[2];
  whole.add(labels);
  data.hash = whole.text();
  return survey;
}

ImageSets load_images_part(const std::string& source, const ImageOptions& options, const DataSurvey& survey,
                           const ShardSpan& part, bool with_test) {
  const ImageFiles files = locate_images(source);
  const DataDescription& data = survey.description;
  const SampleRange own = survey.samples_of(part);
  IdxBytes images = read_idx_part(files.train_images, 3, own);
  const std::vector<std::uint8_t> labels = read_idx_part(files.train_labels, 1, own).bytes;
  for (Index shard = part.first; shard < part.end; ++shard) {
    const SampleRange range = survey.samples_of({shard, shard + 1});
    const auto first = static_cast<std::size_t>(range.first - own.first);
    const auto count = static_cast<std::size_t>(range.count);
    const auto size = static_cast<std::size_t>(images.sample_size());
    check_against(survey, shard,
                  content_hash(std::span(images.bytes).subspan(first * size, count * size),
                               std::span(labels).subspan(first, count)));
  }
  ImageSets sets;
  sets.train = std::make_shared<const Dataset>(
      data.source,
      std::make_unique<ByteFeatures>(std::move(images.bytes), data.features, options.scale, own.first),
      std::vector<std::int32_t>(labels.begin(), labels.end()), data.classes, data.hash, data.samples);
  if (with_test) sets.test = load_test_images(files, data.features, data.classes, options.scale);
  return sets;
}

}  // namespace optex
