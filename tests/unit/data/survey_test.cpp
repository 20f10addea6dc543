#include "optex/data/survey.hpp"

#include "optex/core/errors.hpp"
#include "optex/data/image_sets.hpp"
#include "optex/data/labelled_files.hpp"
#include "optex/data/text_corpus.hpp"
#include "optex/hdf5/file.hpp"

#include <cmath>
#include <functional>

#include "support/temporary_folder.hpp"
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optex {
namespace {

using test::write_bytes;
using testing::ElementsAreArray;
using testing::HasSubstr;

constexpr Index samples = 11;  // not a multiple of any number of shards here but 1 and 11

Matrix features_of(const Dataset& data, const SampleRange& range) {
  Matrix columns(data.feature_count(), range.count);
  std::vector<Index> wanted;
  for (Index i = range.first; i < range.end(); ++i) wanted.push_back(i);
  data.features().read(wanted, columns);
  return columns;
}

/// Every division into shards, and of the shards among ranks: the parts are the whole, and say so.
void expect_parts_make_up(
    const Dataset& whole, const std::function<DataSurvey(Index)>& survey_by,
    const std::function<std::shared_ptr<const Dataset>(const DataSurvey&, ShardSpan)>& part_of) {
  for (const Index shards : {1, 2, 3, 4}) {
    const DataSurvey survey = survey_of(to_bytes(survey_by(shards)));  // as it travels
    EXPECT_EQ(survey.description.hash, whole.describe().hash);
    EXPECT_EQ(survey.description.source, whole.describe().source);
    double bytes = 0.0;
    for (const Index ranks : {1, 2, 3}) {
      for (Index rank = 0; rank < ranks; ++rank) {
        const ShardSpan span{rank * shards / ranks, (rank + 1) * shards / ranks};
        SCOPED_TRACE(fmt::format("shards {} to {} of {}", span.first, span.end, shards));
        const auto part = part_of(survey, span);
        const SampleRange own = survey.samples_of(span);
        EXPECT_EQ(part->features().sample_count(), own.count);
        EXPECT_EQ(part->sample_count(), whole.sample_count());
        EXPECT_EQ(part->class_count(), whole.class_count());
        EXPECT_FALSE(part->is_whole());
        if (ranks == 1) bytes = part->bytes();
        if (own.count == 0) continue;
        EXPECT_EQ(features_of(*part, own), features_of(whole, own));
        for (Index i = own.first; i < own.end(); ++i) EXPECT_EQ(part->label(i), whole.label(i));
        if (own.first > 0) {
          EXPECT_THROW(features_of(*part, {own.first - 1, 1}), Error);
        }
        if (own.end() < whole.sample_count()) {
          EXPECT_THROW(features_of(*part, {own.end(), 1}), Error);
        }
      }
    }
    double promised = 0.0;
    for (const DataSurvey::Shard& shard : survey.shards) promised += shard.bytes;
    EXPECT_NEAR(promised, bytes, 8.0);  // sparse tables have one start more than samples
  }
}

class SurveyTest : public testing::Test {
 protected:
  SurveyTest() {
    std::string csv = "a,b,c,label\n", svm = "# sparse\n";
    Matrix rows(samples, 3);
    std::vector<std::int64_t> labels;
    for (Index i = 0; i < samples; ++i) {
      const auto x = static_cast<double>(i);
      rows.row(i) << std::sin(x), 3.0 * x, 1e-3 * x * x;
      labels.push_back((i * i) % 3);
      csv += fmt::format("{},{},{},{}\n\n", rows(i, 0), rows(i, 1), rows(i, 2), labels.back());
      svm += fmt::format("{} {}:{} # here\n", labels.back(), 1 + i % 5, rows(i, 1) + 1.0);
    }
    write_bytes(folder_ / "train.csv", csv);
    write_bytes(folder_ / "train.svm", svm);
    hdf5::File out = hdf5::File::create(folder_ / "train.h5");
    hdf5::Dataset table = out.create_rows("/features", samples, 3);
    for (Index i = 0; i < samples; ++i) table.write_row(i, rows.row(i).transpose());
    table.close();
    out.write("/labels", std::span<const std::int64_t>(labels));
    out.close();
  }

  void expect_parts(const LabelledFiles& files) const {
    const LabelledSets whole = load_labelled(files);
    expect_parts_make_up(
        *whole.train, [&](Index shards) { return survey_labelled(files, shards); },
        [&](const DataSurvey& survey, ShardSpan span) {
          return load_labelled_part(files, survey, span, false).train;
        });
  }

  const test::TemporaryFolder folder_;
};

TEST_F(SurveyTest, PartsOfACsvFile) {
  LabelledFiles files{.train = folder_ / "train.csv"};
  expect_parts(files);
  files.standardize = true;
  expect_parts(files);
  files.limit = 7;
  expect_parts(files);
}

TEST_F(SurveyTest, PartsOfALibsvmFile) {
  LabelledFiles files{.format = TableFormat::libsvm, .train = folder_ / "train.svm"};
  expect_parts(files);
  files.features = 9;
  files.limit = 5;
  expect_parts(files);
}

TEST_F(SurveyTest, PartsOfAnHdf5File) {
  LabelledFiles files{.format = TableFormat::hdf5, .train = folder_ / "train.h5"};
  expect_parts(files);
  files.standardize = true;
  files.limit = 8;
  expect_parts(files);
}

TEST_F(SurveyTest, PartsOfImages) {
  const std::string source = OPTEX_TEST_DATA "/formula";
  for (const Index limit : {0, 13}) {
    const ImageOptions options{.limit = limit};
    const ImageSets whole = load_images(source, options);
    expect_parts_make_up(
        *whole.train, [&](Index shards) { return survey_images(source, options, shards); },
        [&](const DataSurvey& survey, ShardSpan span) {
          return load_images_part(source, options, survey, span, false).train;
        });
  }
}

TEST_F(SurveyTest, OnlyRankZeroNeedsTheTestDataAndTheyAreWhole) {
  LabelledFiles files{.train = folder_ / "train.csv", .test = folder_ / "train.csv", .standardize = true};
  const LabelledSets whole = load_labelled(files);
  const DataSurvey survey = survey_labelled(files, 2);
  EXPECT_EQ(load_labelled_part(files, survey, {1, 2}, false).test, nullptr);
  const auto test = load_labelled_part(files, survey, {0, 0}, true).test;
  EXPECT_TRUE(test->is_whole());
  EXPECT_EQ(features_of(*test, {0, samples}), features_of(*whole.test, {0, samples}));
}

TEST_F(SurveyTest, AnotherFileOnAnotherRankIsFoundOut) {
  LabelledFiles files{.train = folder_ / "here.csv"};
  write_bytes(files.train, "1,0\n2,1\n3,0\n4,1\n");
  const DataSurvey survey = survey_labelled(files, 2);
  for (const char* other : {"1,0\n2,1\n3,0\n5,1\n", "1,0\n2,1\n3,0\n", "1,0\n2,1\n3,1\n4,1\n", "1,0\n\n"}) {
    write_bytes(files.train, other);
    const auto read = [&](Index shard) { load_labelled_part(files, survey, {shard, shard + 1}, false); };
    try {
      read(1);
      ADD_FAILURE() << "was accepted: " << other;
    } catch (const IoError& error) {
      EXPECT_THAT(error.what(), HasSubstr("not those that rank 0 has read"));
    }
  }
}

TEST_F(SurveyTest, MistakesAreToldAsWhenAllIsLoaded) {
  const auto says = [&](const std::string& text, LabelledFiles files = {}) {
    files.train = folder_ / "bad.csv";
    write_bytes(files.train, text);
    std::string loading, surveying;
    try {
      load_labelled(files);
    } catch (const Error& error) {
      loading = error.what();
    }
    try {
      survey_labelled(files, 1);
    } catch (const Error& error) {
      surveying = error.what();
    }
    EXPECT_EQ(loading, surveying);
    return surveying;
  };
  EXPECT_THAT(says("1,2,0\n1,2\n"), HasSubstr(":2: 2 fields"));
  EXPECT_THAT(says("1,0\nnan,1\n"), HasSubstr("not finite"));
  EXPECT_THAT(says("1,0\n2,7000\n3,1\n"), HasSubstr("more classes than samples"));
  EXPECT_THAT(says("1,0\n2,1\n3,5\n", {.limit = 2, .classes = 2}), HasSubstr(":3: label 5 is out of range"));
  EXPECT_THAT(says(""), HasSubstr("no samples"));
}

TEST_F(SurveyTest, MoreShardsThanSamples) {
  EXPECT_THROW(survey_labelled({.train = folder_ / "train.csv"}, samples + 1), UsageError);
  EXPECT_THROW(survey_images(OPTEX_TEST_DATA "/formula", {}, 41), UsageError);
}

TEST_F(SurveyTest, StretchesOfAText) {
  write_bytes(folder_ / "t.txt", "na\xC3\xAFve caf\xC3\xA9\nend");
  for (const Index limit : {0, 9}) {
    const TextCorpus whole = read_text(folder_ / "t.txt", limit);
    const DataSurvey survey = survey_of(to_bytes(survey_text(folder_ / "t.txt", limit)));
    EXPECT_THAT(survey.vocabulary, ElementsAreArray(whole.vocabulary));
    EXPECT_EQ(survey.description.hash, whole.hash);
    const TextCorpus part = read_text_part(folder_ / "t.txt", survey, {{1, 3}, {3, 4}});
    EXPECT_EQ(part.length, whole.length);
    EXPECT_EQ(part.hash, whole.hash);
    EXPECT_FALSE(part.is_whole);
    EXPECT_EQ(part.bytes(), 4.0 * 7);
    for (Index place = 1; place < 7; ++place) EXPECT_EQ(*part.at(place), *whole.at(place));
    EXPECT_THROW(part.at(0), Error);
    EXPECT_THROW(part.at(7), Error);
    EXPECT_THROW(part.at(2, 3), Error);  // in neither stretch as a whole
  }
  const DataSurvey survey = survey_text(folder_ / "t.txt");
  write_bytes(folder_ / "t.txt", "na\xC3\xAFve");
  EXPECT_THROW(read_text_part(folder_ / "t.txt", survey, {{0, 9}}), IoError);
}

TEST(Survey, OtherTextsAreRefused) {
  EXPECT_THROW(survey_of(""), Error);
  EXPECT_THROW(survey_of("a\n1\nb\n"), Error);
}

}  // namespace
}  // namespace optex
