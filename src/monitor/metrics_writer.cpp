#include "optex/monitor/metrics_writer.hpp"

#include "optex/core/errors.hpp"
#include "optex/files/reading.hpp"
#include "optex/files/replacement_file.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json.hpp"
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

namespace optex {

namespace {

constexpr std::string_view final_key = ",\"final_value\":";

Json line_of(const RunState& run, const IterationReport& report) {
  const PhaseTimes& times = report.seconds_in;
  Json line = {{"iteration", report.iteration},
               {"version", metrics_version},
               {"value", report.value},
               {"best_value", report.best_value},
               {"gradient_norm", report.gradient_norm},
               {"evaluations", report.evaluations},
               {"seconds", run.seconds},
               {"accepted", report.accepted},
               {"reach", report.reach},
               {"update", report.update},
               {"lengthscale", report.lengthscale},
               {"nugget", report.nugget},
               {"depths", report.depths},
               {"prediction_error", report.prediction_error},
               {"prediction_cosine", report.prediction_cosine},
               {"prediction_variance", report.prediction_variance},
               {"dropped_points", report.dropped_points},
               {"seconds_in",
                {{"fit", times.fit},
                 {"chain", times.chain},
                 {"evaluate", times.evaluate},
                 {"wait", times.wait},
                 {"update", times.update},
                 {"checkpoint", times.checkpoint}}}};
  if (!report.winner.empty()) line["winner"] = report.winner;
  if (!report.quality.empty()) {
    line["quality"] = to_json(report.quality);
    line["seconds_in"]["quality"] = times.quality;
  }
  return line;
}

/// The line as JSON with its round, nothing when it is damaged or half-written.
std::optional<Json> parse_line(const std::string& text) {
  Json line = Json::parse(text, nullptr, false);
  if (line.is_discarded() || !line.is_object()) return std::nullopt;
  const auto iteration = line.find("iteration");
  if (iteration == line.end() || !iteration->is_number_integer()) return std::nullopt;
  return line;
}

/// What a line was before `final_value` was put in, of which only a part reached the disk; empty when it is
/// no such line.
std::string without_half_of_final_value(const std::string& text) {
  for (std::size_t length = std::min(final_key.size(), text.size()); length > 0; --length) {
    const std::size_t place = length == final_key.size() ? text.rfind(final_key) : text.size() - length;
    if (place == std::string::npos || text.compare(place, length, final_key, 0, length) != 0) continue;
    return text.substr(0, place) + '}';
  }
  return {};
}

/// A line whose end was lost, in one of the ways in which that happens when the last one gets its final
/// value.
std::optional<Json> repaired(std::string& text) {
  for (const std::string& candidate : {text, text + '}', without_half_of_final_value(text)}) {
    std::optional<Json> line = parse_line(candidate);
    // Half of a line that has lost more than that can look whole as well.
    if (!line || !(line->contains("seconds_in") || line->contains("restored"))) continue;
    text = candidate;
    return line;
  }
  return std::nullopt;
}

/// "3, 5 to 9 and 12"
std::string spans_of(const std::vector<std::int64_t>& rounds) {
  std::vector<std::string> spans;
  for (std::size_t first = 0; first < rounds.size();) {
    std::size_t last = first;
    while (last + 1 < rounds.size() && rounds[last + 1] == rounds[last] + 1) ++last;
    spans.push_back(first == last ? fmt::format("{}", rounds[first])
                                  : fmt::format("{} to {}", rounds[first], rounds[last]));
    first = last + 1;
  }
  constexpr std::size_t most = 8;
  if (spans.size() > most) {
    spans.resize(most);
    spans.emplace_back("more");
  }
  const std::string last = spans.back();
  spans.pop_back();
  return spans.empty() ? last : fmt::format("{} and {}", fmt::join(spans, ", "), last);
}

/// "that of round 3 is lost", "those of the rounds 3 and 5 are lost"
std::string rounds_that(const std::vector<std::int64_t>& rounds, const char* one, const char* several) {
  return fmt::format("{} {} {}", rounds.size() == 1 ? "that of round" : "those of the rounds",
                     spans_of(rounds), rounds.size() == 1 ? one : several);
}

}  // namespace

MetricsCut cut_metrics(const files::Place& file, std::int64_t iteration,
                       const std::function<std::optional<std::string>(std::int64_t)>& restore) {
  MetricsCut cut;
  std::int64_t last = 0;
  std::optional<files::ReplacementFile> replacement;
  const auto write = [&](const std::string& text) {
    if (!replacement) replacement.emplace(file);
    replacement->content().write_all(text.data(), text.size());
  };
  const auto miss = [&](std::int64_t end) {
    for (std::int64_t round = last + 1; round < end; ++round) {
      const std::optional<std::string> line = restore ? restore(round) : std::nullopt;
      (line ? cut.restored : cut.missing).push_back(round);
      if (line) write(*line);
    }
  };
  if (const files::Folder folder = file.folder(); folder.has(file.name())) {
    replacement.emplace(file);
    files::LineReader lines(folder.open_file(file.name(), O_RDONLY));
    for (std::string text; lines.next(text);) {
      std::optional<Json> line = parse_line(text);
      if (!line || !lines.was_whole()) line = repaired(text);
      if (!line) continue;
      const auto round = (*line)["iteration"].get<std::int64_t>();
      if (round <= last || round > iteration) continue;
      miss(round);
      last = round;
      ++cut.kept;
      if (line->erase("final_value") > 0) text = line->dump();
      write(text + '\n');
    }
  }
  miss(iteration + 1);
  if (replacement) replacement->commit();
  return cut;
}

void MetricsWriter::on_start(const RunState& run) {
  const MetricsCut cut =
      cut_metrics(file_, run.iteration, [&](std::int64_t round) { return restored_line(run, round); });
  const std::lock_guard lock(mutex_);
  out_ = file_.open(O_RDWR | O_CREAT | O_APPEND);
  written_ = out_->size();
  pending_.clear();
  if (notice_ && !(cut.missing.empty() && cut.restored.empty()))
    notice_(fmt::format("{}: lines are missing:{}{}{}", file_.string(),
                        cut.missing.empty() ? "" : " " + rounds_that(cut.missing, "is lost", "are lost"),
                        cut.missing.empty() || cut.restored.empty() ? "" : ";",
                        cut.restored.empty()
                            ? ""
                            : " " + rounds_that(cut.restored, "has what its checkpoint knows",
                                                "have what their checkpoints know")));
}

/// A state knows the sums up to its round, and nothing else of any one round.
std::optional<std::string> MetricsWriter::restored_line(const RunState& run, std::int64_t round) const {
  std::optional<RunState> earlier;
  if (round != run.iteration && saved_) earlier = saved_(round);
  const RunState* const state = round == run.iteration ? &run : earlier ? &*earlier : nullptr;
  if (state == nullptr) return std::nullopt;
  return to_line({{"iteration", round},
                  {"version", metrics_version},
                  {"value", Json()},
                  {"best_value", state->best.value},
                  {"gradient_norm", Json()},
                  {"evaluations", state->evaluations},
                  {"seconds", state->seconds},
                  {"restored", true}});
}

void MetricsWriter::on_iteration(const RunState& run, const IterationReport& report) {
  const std::lock_guard lock(mutex_);
  pending_ += to_line(line_of(run, report));
  put_pending();
}

void MetricsWriter::put_pending() {
  if (pending_.empty()) return;
  file_.folder().require_owned();
  durable_ = false;
  try {
    out_->write_all(pending_.data(), pending_.size());
  } catch (const IoError&) {
    out_->resize(written_);  // no half of a line stays
    throw;
  }
  written_ += pending_.size();
  pending_.clear();
}

void MetricsWriter::make_durable() {
  const std::lock_guard lock(mutex_);
  if (!out_) return;
  put_pending();
  if (durable_) return;
  out_->sync();
  durable_ = true;
}

void MetricsWriter::on_end(const RunState&, const Outcome& outcome) {
  const std::lock_guard lock(mutex_);
  if (!out_) return;
  put_pending();
  if (!std::isfinite(outcome.final_value) || written_ < 2) return;
  // In place of the last line's "}\n".
  files::Descriptor out = file_.open(O_WRONLY);
  if (::lseek(out, static_cast<off_t>(written_ - 2), SEEK_SET) < 0)
    files::fail_with_errno(file_.path(), "write");
  const std::string tail = fmt::format("{}{}}}\n", final_key, Json(outcome.final_value).dump());
  try {
    out.write_all(tail.data(), tail.size());
    out.sync();
  } catch (const IoError&) {
    // The line as it was, if anything can be written at all; cut_metrics() knows what may be left of it.
    out.resize(written_ - 2);
    if (::pwrite(out, "}\n", 2, static_cast<off_t>(written_ - 2)) != 2)
      files::fail_with_errno(file_.path(), "write");
    throw;
  }
  out.close();
  written_ += tail.size() - 2;
}

}  // namespace optex
