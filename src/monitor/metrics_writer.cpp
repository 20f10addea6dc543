#include "optex/monitor/metrics_writer.hpp"

#include "optex/core/errors.hpp"
#include "optex/hdf5/replacement_file.hpp"

#include <cmath>
#include <fstream>
#include <optional>
#include <string>

#include "json.hpp"
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace optex {

namespace {

Json line_of(const RunState& run, const IterationReport& report) {
  const PhaseTimes& times = report.seconds_in;
  Json line = {{"iteration", report.iteration},
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
  if (!report.quality.empty()) {
    for (const Measure& measure : report.quality) line["quality"][measure.name] = measure.value;
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

}  // namespace

std::int64_t cut_metrics(const std::filesystem::path& file, std::int64_t iteration) {
  std::error_code ignored;
  const auto type = std::filesystem::symlink_status(file, ignored).type();
  if (type == std::filesystem::file_type::not_found) return 0;
  if (type != std::filesystem::file_type::regular)
    throw IoError(fmt::format("{}: a regular file is needed here, not a link or a folder", file.string()));
  std::ifstream in(file, std::ios::binary);
  if (!in) throw IoError(fmt::format("{}: cannot open", file.string()));

  hdf5::ReplacementFile replacement(file);
  hdf5::Descriptor out(replacement.temporary(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
  std::int64_t kept = 0, last = 0;
  std::string text;
  while (std::getline(in, text)) {
    std::optional<Json> line = parse_line(text);
    // Without its newline the last line may be cut within a number, and still look whole.
    if (!line || in.eof()) continue;
    const auto round = (*line)["iteration"].get<std::int64_t>();
    if (round <= last || round > iteration) continue;
    last = round;
    ++kept;
    if (line->erase("final_value") > 0) text = line->dump();
    text += '\n';
    out.write_all(text.data(), text.size());
  }
  out.close();
  replacement.commit();
  return kept;
}

void MetricsWriter::on_start(const RunState& run) {
  cut_metrics(file_, run.iteration);
  out_ = std::make_unique<hdf5::Descriptor>(file_, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW);
}

void MetricsWriter::on_iteration(const RunState& run, const IterationReport& report) {
  const std::string line = to_line(line_of(run, report));
  out_->write_all(line.data(), line.size());
}

void MetricsWriter::on_end(const RunState&, const Outcome& outcome) {
  if (!out_ || !std::isfinite(outcome.final_value)) return;
  struct stat status {};
  if (::fstat(*out_, &status) != 0) hdf5::fail_with_errno(file_, "read");
  if (status.st_size < 2) return;
  // In place of the last line's "}\n".
  out_->close();
  hdf5::Descriptor out(file_, O_WRONLY | O_NOFOLLOW);
  if (::lseek(out, status.st_size - 2, SEEK_SET) < 0) hdf5::fail_with_errno(file_, "write");
  const std::string tail = fmt::format(",\"final_value\":{}}}\n", Json(outcome.final_value).dump());
  out.write_all(tail.data(), tail.size());
  out.sync();
  out.close();
  out_.reset();
}

}  // namespace optex
