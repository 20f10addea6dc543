#pragma once

#include "optex/core/errors.hpp"
#include "optex/data/labelled_files.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include "support/temporary_folder.hpp"
#include <gtest/gtest.h>

namespace optex {

/// Writes labelled files and reads them.
class LabelledFilesTest : public testing::Test {
 protected:
  std::filesystem::path file(const std::string& name, const std::string& text) const {
    test::write_bytes(folder_ / name, text);
    return folder_ / name;
  }
  LabelledFiles csv(const std::string& text) const { return {.train = file("train.csv", text)}; }
  LabelledFiles libsvm(const std::string& text) const {
    return {.format = TableFormat::libsvm, .train = file("train.svm", text)};
  }

  static Matrix features(const Dataset& data) {
    Matrix columns(data.feature_count(), data.sample_count());
    std::vector<Index> all;
    for (Index i = 0; i < data.sample_count(); ++i) all.push_back(i);
    data.features().read(all, columns);
    return columns;
  }
  /// What reading says, "accepted" when it takes the files.
  static std::string refusal(const LabelledFiles& files) {
    try {
      load_labelled(files);
      return "accepted";
    } catch (const Error& error) {
      return error.what();
    }
  }

  const test::TemporaryFolder folder_;
};

}  // namespace optex
