#include "optex/monitor/results.hpp"

#include "optex/hdf5/file.hpp"
#include "optex/hdf5/seal.hpp"
#include "optex/monitor/metrics_writer.hpp"

#include <cmath>

#include "sample_round.hpp"
#include "support/temporary_folder.hpp"
#include <gmock/gmock.h>

namespace optex {
namespace {

using test::sample_round;
using testing::ElementsAre;

TEST(Results, HoldTheAnswerTheEndAndEveryColumn) {
  const test::TemporaryFolder folder;
  MetricsWriter writer(folder / "metrics.jsonl");
  writer.on_start(sample_round(0).run);
  test::play(writer, 1, 2);
  test::Round third = sample_round(3);  // a round that fitted no estimator
  third.report.lengthscale = std::numeric_limits<double>::quiet_NaN();
  third.report.prediction_error.clear();
  third.report.update = "vanilla";
  writer.on_iteration(third.run, third.report);
  writer.on_end(third.run, test::finished());
  const Vector theta = Vector::LinSpaced(7, -1.0, 1.0 / 3.0);
  write_results(folder / "results.h5", folder / "metrics.jsonl", theta, test::finished());

  EXPECT_EQ(hdf5::check_seal(folder / "results.h5").state, hdf5::SealState::intact);
  const hdf5::File file = hdf5::File::open(folder / "results.h5");
  EXPECT_EQ(file.read_text_attribute("/", "format"), "optex-results");
  EXPECT_EQ(file.read_integer_attribute("/", "format_version"), 1);
  EXPECT_EQ(file.read_text_attribute("/", "status"), "finished");
  EXPECT_EQ(file.read_text_attribute("/", "reason"), "iterations");
  EXPECT_EQ(file.read_double_attribute("/", "final_value"), 0.1);
  EXPECT_EQ(file.read_text_attribute("/", "measures"), "{\"accuracy\":0.84}");
  EXPECT_EQ(file.read_vector("/solution/theta"), theta);
  EXPECT_THAT(file.read_integers("/metrics/iteration"), ElementsAre(1, 2, 3));
  EXPECT_THAT(file.read_integers("/metrics/evaluations"), ElementsAre(4, 8, 12));
  EXPECT_EQ(file.read_vector("/metrics/value")[1], sample_round(2).report.value);
  EXPECT_EQ(file.read_vector("/metrics/seconds_in/wait").size(), 3);
  const Vector lengthscales = file.read_vector("/metrics/lengthscale");
  EXPECT_EQ(lengthscales[0], 3.2);
  EXPECT_TRUE(std::isnan(lengthscales[2]));
  EXPECT_THAT(file.read_integers("/metrics/prediction_error_count"), ElementsAre(3, 3, 0));
  EXPECT_EQ(file.read_vector("/metrics/prediction_error").size(), 6);
  EXPECT_TRUE(file.contains("/metrics/update"));
}

// Names come from the user's objective: whatever they are, nothing is lost.
TEST(Results, AnyNamesOfMeasures) {
  const test::TemporaryFolder folder;
  const std::vector<Measure> measures = {{"loss", 1.0},
                                         {"loss/val", 2.0},
                                         {"pr\xE9"
                                          "cision",
                                          3.0},
                                         {"loss_val", 4.0},
                                         {"", 5.0},
                                         {".", 6.0},
                                         {"..", 7.0},
                                         {"loss", 8.0},
                                         {"loss/", 9.0},
                                         {"/a//b", 10.0},
                                         {"\xFF", 11.0},
                                         {"\xFE", 12.0}};
  MetricsWriter writer(folder / "metrics.jsonl");
  writer.on_start({});
  test::Round round = sample_round(1);
  round.report.quality = measures;
  writer.on_iteration(round.run, round.report);
  Outcome outcome = test::finished();
  outcome.measures = measures;
  write_results(folder / "results.h5", folder / "metrics.jsonl", Vector::Zero(2), outcome);
  const hdf5::File file = hdf5::File::open(folder / "results.h5");
  std::vector<double> found;
  for (const hdf5::Entry& entry : file.entries())
    if (entry.path.starts_with("/metrics/quality/") && entry.type == "float64")
      found.push_back(file.read_vector(entry.path)[0]);
  EXPECT_THAT(found, testing::UnorderedElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
  EXPECT_EQ(file.read_vector("/metrics/quality/loss")[0], 1.0);
  EXPECT_EQ(file.read_vector("/metrics/quality/pr\xC3\xA9"
                             "cision")[0],
            3.0);
  EXPECT_THAT(file.read_text_attribute("/", "measures"), testing::HasSubstr("\"loss/val\":2.0"));
}

TEST(Results, AColumnThatChangesItsKindLosesNothing) {
  const test::TemporaryFolder folder;
  test::write_bytes(
      folder / "metrics.jsonl",
      "{\"iteration\":1,\"a\":1.5,\"b\":[1.0,2.0],\"b_count\":7}\n{\"iteration\":2,\"a\":{\"c\":2.5}}\n");
  write_results(folder / "results.h5", folder / "metrics.jsonl", Vector::Zero(2), test::failed());
  const hdf5::File file = hdf5::File::open(folder / "results.h5");
  EXPECT_EQ(file.read_vector("/metrics/a")[0], 1.5);
  EXPECT_EQ(file.read_vector("/metrics/a_/c")[1], 2.5);
  EXPECT_EQ(file.read_vector("/metrics/b").size(), 2);
}

TEST(Results, ExhibitsStandAsTables) {
  const test::TemporaryFolder folder;
  write_results(folder / "results.h5", folder / "metrics.jsonl", Vector::Zero(2), test::finished(),
                {{"field", 2, 3, Vector::LinSpaced(6, 0.0, 5.0)}});
  const hdf5::File file = hdf5::File::open(folder / "results.h5");
  const hdf5::Dataset field = file.dataset("/problem/field");
  EXPECT_EQ(field.rows(), 2);
  EXPECT_EQ(field.columns(), 3);
  Vector row(3);
  field.read_row(1, row);
  EXPECT_EQ(row, Vector::LinSpaced(3, 3.0, 5.0));
}

// Names come from the user, and the report must know what to draw.
TEST(Results, ExhibitsSayWhatTheyAre) {
  const test::TemporaryFolder folder;
  Exhibit heat{"a/b", 1, 2, Vector::Ones(2), ExhibitKind::field, "W/(m K)"};
  const Exhibit truth = truth_for(heat, Vector::Zero(2));
  write_results(folder / "results.h5", folder / "metrics.jsonl", Vector::Zero(2), test::finished(),
                {truth, heat, {"a_b", 1, 1, Vector::Ones(1)}}, {{0, {heat}}, {120, {heat}}});
  const hdf5::File file = hdf5::File::open(folder / "results.h5");
  EXPECT_EQ(file.read_text_attribute("/problem/a_b", "name"), "a/b");
  EXPECT_EQ(file.read_text_attribute("/problem/a_b", "kind"), "field");
  EXPECT_EQ(file.read_text_attribute("/problem/a_b", "unit"), "W/(m K)");
  EXPECT_EQ(file.read_text_attribute("/problem/a_b", "truth"), "true a/b");
  EXPECT_EQ(file.read_text_attribute("/problem/a_b_", "kind"), "table");
  EXPECT_EQ(file.dataset("/earlier/000000/a_b").columns(), 2);
  EXPECT_TRUE(file.contains("/earlier/000120/a_b"));
}

TEST(Results, OfARunWithoutRounds) {
  const test::TemporaryFolder folder;
  write_results(folder / "results.h5", folder / "metrics.jsonl", Vector::Zero(2), test::failed());
  const hdf5::File file = hdf5::File::open(folder / "results.h5");
  EXPECT_EQ(file.read_text_attribute("/", "status"), "failed");
  EXPECT_TRUE(std::isnan(file.read_double_attribute("/", "final_value")));
  EXPECT_TRUE(file.contains("/metrics"));
}

TEST(Results, ColumnsThatSomeLinesLackAreFilled) {
  const test::TemporaryFolder folder;
  test::write_bytes(
      folder / "metrics.jsonl",
      "{\"iteration\":1}\n{\"iteration\":2,\"late\":5,\"word\":\"a\"}\nnot json\n{\"iteration\":3}\n");
  write_results(folder / "results.h5", folder / "metrics.jsonl", Vector::Zero(2), test::finished());
  const hdf5::File file = hdf5::File::open(folder / "results.h5");
  EXPECT_THAT(file.read_integers("/metrics/iteration"), ElementsAre(1, 2, 3));
  const Vector late = file.read_vector("/metrics/late");
  ASSERT_EQ(late.size(), 3);
  EXPECT_TRUE(std::isnan(late[0]));
  EXPECT_EQ(late[1], 5.0);
  EXPECT_TRUE(std::isnan(late[2]));
  for (const hdf5::Entry& entry : file.entries())
    if (entry.path == "/metrics/word") {
      EXPECT_THAT(entry.extent, ElementsAre(3));
    }
}

}  // namespace
}  // namespace optex
