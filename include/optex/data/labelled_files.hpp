#pragma once

#include "optex/data/dataset.hpp"
#include "optex/data/survey.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace optex {

enum class TableFormat { csv, libsvm, hdf5 };
enum class LabelColumn { first, last };

/// Where labelled samples come from and how they are read.
struct LabelledFiles {
  TableFormat format = TableFormat::csv;
  std::filesystem::path train = {};
  std::filesystem::path test = {};               ///< may be empty: there is none
  LabelColumn label_column = LabelColumn::last;  ///< csv
  std::optional<bool> header = {};  ///< csv: whether the first line holds names; not set: it is found out
  std::string features_name = "/features", labels_name = "/labels";  ///< hdf5
  Index limit = 0;           ///< train on the first so many samples; 0: all. The test set stays whole.
  Index classes = 0;         ///< 0: follows from the labels of the training file
  Index features = 0;        ///< libsvm: width; 0: the largest index in the training file
  bool standardize = false;  ///< csv, hdf5: mean 0 and variance 1 over the training samples
};

/// Training data and, where there are any, test data with the same features and classes.
struct LabelledSets {
  std::shared_ptr<const Dataset> train, test;
};

/// Reads both files. The smallest label of the training file becomes class 0 and the others follow in steps
/// of one; two different labels alone become the classes 0 and 1 (-1 and +1, 3 and 8), unless the smaller one
/// is 0 or 1. More classes than samples are taken for a mistake. With `classes` = C labels are 0 .. C-1, or
/// 1 .. C when the smallest is 1, or -1 and +1; when they do not fit into that, they begin with the smallest.
///
/// Throws IoError as the readers do, and with file and line for a label out of range; for test data of
/// another width, and a width that is too small; UsageError when an option does not fit the format.
LabelledSets load_labelled(const LabelledFiles& files);

/// What load_labelled() would find in the training file, without keeping it: two passes over the file, three
/// to standardize. Memory: 4 bytes a sample. Throws as load_labelled().
DataSurvey survey_labelled(const LabelledFiles& files, Index shards);

/// The samples of some shards, as load_labelled() would give them; of a text file the lines before them are
/// passed over and those behind them left alone. with_test: the test data too, which are always whole.
///
/// Throws IoError, too, when the samples are not those of the survey.
LabelledSets load_labelled_part(const LabelledFiles& files, const DataSurvey& survey, const ShardSpan& part,
                                bool with_test);

}  // namespace optex
