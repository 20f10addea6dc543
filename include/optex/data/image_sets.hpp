#pragma once

#include "optex/data/dataset.hpp"
#include "optex/data/survey.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace optex {

/// The four files of an MNIST-like data set.
struct ImageFiles {
  std::filesystem::path train_images, train_labels, test_images, test_labels;
};

/// Finds {train,t10k}-images-idx3-ubyte and {train,t10k}-labels-idx1-ubyte, each with or without .gz (the
/// plain one first). source: "fashion-mnist" for what Debian's package dataset-fashion-mnist installs,
/// anything else is a folder. Throws IoError that names the missing path and the remedy.
ImageFiles locate_images(const std::string& source);

struct ImageOptions {
  Index limit = 0;           ///< train on the first so many samples only; 0: all. The test set stays whole.
  double scale = 1.0 / 255;  ///< feature = byte * scale
};

/// Training and test data with the same features and classes.
struct ImageSets {
  std::shared_ptr<const Dataset> train, test;
};

/// Reads the data set that `source` names (see locate_images). The number of classes is 1 + the largest label
/// of the whole training file, so it does not depend on `limit`. Throws IoError as read_idx() and Dataset do,
/// and when images and labels do not fit together or test and training images differ in size; UsageError for
/// limit < 0.
ImageSets load_images(const std::string& source, const ImageOptions& options = {});

/// What load_images() would find in the training files, without keeping it. Memory: 1 byte a sample. Throws
/// as load_images().
DataSurvey survey_images(const std::string& source, const ImageOptions& options, Index shards);

/// The training images of some shards, as load_images() would give them: of a plain file these bytes are
/// read, of a compressed one those before them are decoded too. with_test: the test images, all of them.
/// Throws IoError, too, when the images are not those of the survey.
ImageSets load_images_part(const std::string& source, const ImageOptions& options, const DataSurvey& survey,
                           const ShardSpan& part, bool with_test);

}  // namespace optex
