#include "optex/data/image_sets.hpp"

#include "optex/core/errors.hpp"
#include "optex/data/content_hash.hpp"
#include "optex/data/idx.hpp"

#include <algorithm>
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

LabelledBytes read_pair(const std::filesystem::path& images, const std::filesystem::path& labels,
                        Index limit) {
  LabelledBytes pair{read_idx(images, 3, limit), read_idx(labels, 1).bytes, 0};
  if (pair.images.dimensions.front() != static_cast<Index>(pair.labels.size()))
    throw IoError(fmt::format("{}: {} images, but {} holds {} labels: they belong to different sets",
                              images.string(), pair.images.dimensions.front(), labels.string(),
                              pair.labels.size()));
  pair.largest_label = *std::max_element(pair.labels.begin(), pair.labels.end());
  pair.labels.resize(static_cast<std::size_t>(pair.images.samples_kept()));
  return pair;
}

std::shared_ptr<const Dataset> make_dataset(const std::filesystem::path& images,
                                            const std::filesystem::path& labels, LabelledBytes pair,
                                            Index classes, double scale) {
  std::string hash = content_hash({pair.images.bytes, pair.labels});
  const Index features = pair.images.sample_size();
  return std::make_shared<const Dataset>(
      fmt::format("{} with {}", images.string(), labels.filename().string()),
      std::make_unique<ByteFeatures>(std::move(pair.images.bytes), features, scale),
      std::vector<std::int32_t>(pair.labels.begin(), pair.labels.end()), classes, std::move(hash));
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
  if (options.limit < 0)
    throw UsageError(fmt::format("data.limit = {}: must be 0 (all samples) or positive", options.limit));
  const ImageFiles files = locate_images(source);
  LabelledBytes train = read_pair(files.train_images, files.train_labels, options.limit);
  LabelledBytes test = read_pair(files.test_images, files.test_labels, 0);
  if (train.images.sample_size() != test.images.sample_size())
    throw IoError(
        fmt::format("{}: images of {} pixels, but those of {} have {}: they belong to different sets",
                    files.test_images.string(), test.images.sample_size(), files.train_images.string(),
                    train.images.sample_size()));
  const Index classes = train.largest_label + 1;
  return {make_dataset(files.train_images, files.train_labels, std::move(train), classes, options.scale),
          make_dataset(files.test_images, files.test_labels, std::move(test), classes, options.scale)};
}

}  // namespace optex
