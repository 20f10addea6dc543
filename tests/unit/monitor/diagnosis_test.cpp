#include "optex/monitor/diagnosis.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace optex {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

class Diagnosed : public testing::Test {
 protected:
  /// Plays so many rounds, each made by `make` from its number.
  template <class Make>
  void play(int rounds, Make make) {
    for (int t = 0; t < rounds; ++t) {
      IterationReport report;
      report.value = 1.0 / (t + 1);
      make(report, t);
      diagnosis_.on_iteration({}, report);
    }
  }

  std::vector<std::string> lines_;
  Diagnosis diagnosis_{[this](const std::string& line) { lines_.push_back(line); }};
};

TEST_F(Diagnosed, AHealthyRunIsLeftAlone) {
  play(100, [](IterationReport& report, int) {
    report.nugget = 1e-8;
    report.prediction_error = {0.0, 0.1, 0.9};
  });
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(Diagnosed, DivergenceIsSaidOnce) {
  play(80, [](IterationReport& report, int t) {
    report.value = 1.0 + t;
    report.best_value = 1.0;  // that it stands still, too, is no news
    report.gradient_norm = 1.0 + t;
  });
  EXPECT_THAT(lines_, ElementsAre(StartsWith("diverging: the value has risen for 10 rounds, to 11;")));
}

TEST_F(Diagnosed, AClimbBelowTheStartIsNoDivergence) {
  play(40, [](IterationReport& report, int t) { report.value = t == 0 ? 100.0 : 1.0 + t; });
  EXPECT_THAT(lines_, IsEmpty());
}

void idle_at(IterationReport& report, double norm) {
  report.best_value = 1.0;
  report.gradient_norm = norm;
}

TEST_F(Diagnosed, AStandstillIsTold) {
  play(51, [](IterationReport& report, int) { idle_at(report, 2.0); });
  EXPECT_THAT(lines_, ElementsAre(StartsWith("stalled: no smaller value than 1 for 50 rounds")));
}

TEST_F(Diagnosed, ANoiseFloorIsTold) {
  play(60, [](IterationReport& report, int t) { idle_at(report, t == 0 ? 1.0 : 1e-8); });
  EXPECT_THAT(lines_, ElementsAre(StartsWith("noise floor: no smaller value than 1 for 50 rounds")));
}

TEST_F(Diagnosed, ALadderThatFindsNothingStallsSooner) {
  play(11, [](IterationReport& report, int) {
    idle_at(report, 2.0);
    report.update = "surrogate";
  });
  EXPECT_THAT(lines_,
              ElementsAre(StartsWith("stalled: no smaller value than 1 for 10 rounds, however short")));
}

TEST_F(Diagnosed, AGradientThatItsValuesContradictIsToldOnce) {
  RunState run;
  run.progress.values.contradicting = ValueAgreement::enough_contradicting - 1;
  diagnosis_.on_iteration(run, {});
  EXPECT_THAT(lines_, IsEmpty());
  for (int t = 0; t < 20; ++t) {
    ++run.progress.values.contradicting;
    IterationReport report;
    idle_at(report, 2.0);
    report.update = "surrogate";
    diagnosis_.on_iteration(run, report);
  }
  EXPECT_THAT(lines_, ElementsAre(testing::AllOf(StartsWith("gradient and values disagree: "),
                                                 testing::HasSubstr("optex gradcheck"))));
}

TEST_F(Diagnosed, ValuesOfDrawsContradictNothing) {
  RunState run;
  run.progress.values.contradicting = 100;
  run.regime = "noisy";
  diagnosis_.on_iteration(run, {});
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(Diagnosed, AnFThatMovesIsNoNoise) {
  Diagnosis moving([this](const std::string& line) { lines_.push_back(line); },
                   Diagnosis::Gradients::of_a_moving_f);
  for (int t = 0; t < 20; ++t) {
    IterationReport report;
    report.nugget = 1.0;
    moving.on_iteration({}, report);
  }
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(Diagnosed, DrawsMayStandStill) {
  Diagnosis noisy([this](const std::string& line) { lines_.push_back(line); }, Diagnosis::Gradients::drawn);
  for (int t = 0; t < 200; ++t) {
    IterationReport report;
    idle_at(report, 2.0);
    noisy.on_iteration({}, report);
  }
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(Diagnosed, ProbesThatAllFail) {
  play(30, [](IterationReport& report, int t) {
    report.evaluations = 4 * (t + 1);
    report.dropped_points = t == 0 ? 1 : 3;
    report.best_value = 1.0;
    report.gradient_norm = 1.0;
    report.update = "surrogate";
    report.failure = "no value here";
  });
  EXPECT_THAT(lines_, ElementsAre(testing::AllOf(StartsWith("all probes fail: "),
                                                 testing::HasSubstr("no value here"))));
}

TEST_F(Diagnosed, LostPoints) {
  play(9, [](IterationReport& report, int) { report.dropped_points = 1; });
  play(1, [](IterationReport&, int) {});  // the row is broken
  play(9, [](IterationReport& report, int) { report.dropped_points = 1; });
  EXPECT_THAT(lines_, IsEmpty());
  play(1, [](IterationReport& report, int) { report.dropped_points = 1; });
  EXPECT_THAT(lines_, ElementsAre(StartsWith("points lost: ")));
}

TEST_F(Diagnosed, DroppedIteratesAreToldWithTheirCause) {
  play(25, [](IterationReport& report, int t) {
    report.iterate_dropped = t % 2 == 0;
    report.update = "step_back";
    report.failure = "point 0, shard 1: a wall";
  });
  // Of 13 the first three and the tenth.
  ASSERT_EQ(lines_.size(), 4U);
  EXPECT_EQ(lines_[0],
            "iterate dropped: point 0, shard 1: a wall; going on halfway back to the last good one");
  EXPECT_THAT(lines_[3], testing::EndsWith("(10 so far)"));
}

TEST_F(Diagnosed, AChainThatIsFollowedAllTheSameIsGoodEnough) {
  play(20, [](IterationReport& report, int) {
    report.prediction_error = {0.0, 0.8};
    report.nugget = 1e-6;
    report.accepted = 5;
  });
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(Diagnosed, APoorModelOfExactGradientsIsToldFromNoise) {
  play(20, [](IterationReport& report, int) {
    report.prediction_error = {0.0, 0.8};
    report.nugget = 1e-6;
  });
  EXPECT_THAT(lines_,
              ElementsAre(StartsWith("poor predictions: the first predicted gradient was wrong by 80 %")));
  lines_.clear();
  play(20, [](IterationReport& report, int) {
    report.prediction_error = {0.0, 0.8};
    report.nugget = 1.0;
  });
  EXPECT_THAT(lines_, ElementsAre(StartsWith("noise above the signal: the likelihood's nugget is 1,")));
}

}  // namespace
}  // namespace optex
