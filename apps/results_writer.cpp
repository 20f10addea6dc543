#include "results_writer.hpp"

#include "optex/checkpoint/checkpoint_folder.hpp"
#include "optex/core/errors.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace optex::app {
namespace {

constexpr std::size_t most_checkpoints = 12;  // that are shown, spread evenly
constexpr Index most_entries = 1'000'000;     // of an exhibit on the way; that of the answer is whole

void check(const Exhibit& exhibit) {
  if (exhibit.rows < 0 || exhibit.columns < 0 || exhibit.values.size() != exhibit.rows * exhibit.columns)
    throw EvaluationError(fmt::format("exhibit '{}': {} values are no {} rows of {}", exhibit.name,
                                      exhibit.values.size(), exhibit.rows, exhibit.columns));
}

/// Bit for bit, so that NaN equals itself.
bool same(const Exhibit& a, const Exhibit& b) {
  return a.name == b.name && a.rows == b.rows && a.columns == b.columns &&
         (a.values.size() == 0 ||
          std::memcmp(a.values.data(), b.values.data(),
                      static_cast<std::size_t>(a.values.size()) * sizeof(double)) == 0);
}

}  // namespace

ResultsWriter::ResultsWriter(const RunFolder& folder, const Objective& objective, const Vector& start,
                             std::function<void(const std::string&)> warn)
    : folder_(folder), objective_(objective), start_(start), warn_(std::move(warn)) {}

void ResultsWriter::on_end(const RunState& run, const Outcome& outcome) {
  if (outcome.solution.size() == 0) return;  // the ranks that have parts of it are silent
  const std::vector<Exhibit> shown = exhibits(outcome.solution, "the answer");
  write_results(
      folder_.results_file(), folder_.metrics_file(), outcome.solution, outcome, shown,
      outcome.code == ExitCode::success ? earlier(shown, run.iteration) : std::vector<ExhibitFrame>());
}

std::vector<Exhibit> ResultsWriter::exhibits(const Vector& theta, const std::string& of_what) const {
  try {
    std::vector<Exhibit> found = objective_.exhibits(theta);
    for (const Exhibit& exhibit : found) check(exhibit);
    return found;
  } catch (const std::exception& error) {
    warn_(fmt::format("what the problem shows of {} is missing from {}: {}", of_what,
                      folder_.results_file().string(), error.what()));
  }
  return {};
}

std::vector<ExhibitFrame> ResultsWriter::earlier(const std::vector<Exhibit>& answer,
                                                 std::int64_t last) const {
  std::vector<ExhibitFrame> frames;
  if (answer.empty()) return frames;
  const auto add = [&](std::int64_t round, const Vector& theta, const std::string& of_what) {
    ExhibitFrame frame{round, exhibits(theta, of_what)};
    std::erase_if(frame.exhibits, [&](const Exhibit& exhibit) {
      return exhibit.values.size() > most_entries ||
             std::any_of(answer.begin(), answer.end(),
                         [&](const Exhibit& other) { return same(exhibit, other); });
    });
    if (!frame.exhibits.empty()) frames.push_back(std::move(frame));
  };
  if (start_.size() == objective_.dimension()) add(0, start_, "the start");
  const CheckpointFolder checkpoints(folder_.checkpoints());
  std::vector<std::int64_t> rounds;
  for (const std::int64_t round : checkpoints.iterations())
    if (round > 0 && round < last) rounds.push_back(round);
  const std::size_t step = (rounds.size() + most_checkpoints - 1) / most_checkpoints;
  for (std::size_t i = 0; i < rounds.size(); i += step) {
    try {
      add(rounds[i], checkpoints.theta(rounds[i]), fmt::format("round {}", rounds[i]));
    } catch (const IoError& error) {
      warn_(fmt::format("round {} is not shown: {}", rounds[i], error.what()));
    }
  }
  return frames;
}

}  // namespace optex::app
