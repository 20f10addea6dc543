#include "optex/comparison/record_file.hpp"

#include "optex/files/reading.hpp"
#include "optex/files/replacement_file.hpp"

#include <algorithm>
#include <utility>

#include <fcntl.h>
#include <nlohmann/json.hpp>

namespace optex {
namespace {

using RecordJson = nlohmann::ordered_json;

std::string line_of(const RunRecord& run) {
  RecordJson curve = RecordJson::array();
  for (const CurvePoint& point : run.curve)
    curve.push_back({point.round, point.evaluations, point.seconds, point.value});
  const RecordJson line = {
      {"identity", run.identity},
      {"method", run.method},
      {"learning_rate", run.learning_rate ? RecordJson(*run.learning_rate) : RecordJson()},
      {"seed", run.seed},
      {"rounds", run.rounds},
      {"evaluations", run.evaluations},
      {"seconds", run.seconds},
      {"end", run.end},
      {"message", run.message},
      {"curve", curve}};
  return line.dump(-1, ' ', false, nlohmann::detail::error_handler_t::replace) + "\n";
}

std::optional<RunRecord> parse_record(const std::string& text) {
  try {
    const RecordJson line = RecordJson::parse(text);
    RunRecord run;
    run.identity = line.at("identity").get<std::string>();
    run.method = line.at("method").get<std::string>();
    if (!line.at("learning_rate").is_null()) run.learning_rate = line.at("learning_rate").get<double>();
    run.seed = line.at("seed").get<std::int64_t>();
    run.rounds = line.at("rounds").get<std::int64_t>();
    run.evaluations = line.at("evaluations").get<std::int64_t>();
    run.seconds = line.at("seconds").get<double>();
    run.end = line.at("end").get<std::string>();
    run.message = line.at("message").get<std::string>();
    for (const RecordJson& point : line.at("curve"))
      run.curve.push_back({point.at(0).get<std::int64_t>(), point.at(1).get<std::int64_t>(),
                           point.at(2).get<double>(), point.at(3).get<double>()});
    return run;
  } catch (const RecordJson::exception&) {
    return std::nullopt;
  }
}

}  // namespace

RecordFile::RecordFile(files::Place file) : file_(std::move(file)) {
  if (!file_.exists()) return;
  files::LineReader lines(file_.open(O_RDONLY));
  std::string kept;
  bool damaged = false;
  for (std::string text; lines.next(text);) {
    auto run = lines.was_whole() ? parse_record(text) : std::nullopt;  // the last one may be half a line
    if (run) {
      kept += text + "\n";
      records_.push_back(std::move(*run));
    } else {
      damaged = true;
    }
  }
  if (damaged) files::replace_text(file_, kept);
}

const RunRecord* RecordFile::find(const std::string& identity) const {
  const auto found = std::find_if(records_.begin(), records_.end(),
                                  [&](const RunRecord& run) { return run.identity == identity; });
  return found == records_.end() ? nullptr : &*found;
}

void RecordFile::add(RunRecord record) {
  const std::string line = line_of(record);
  file_.folder().require_owned();
  files::Descriptor out = file_.open(O_WRONLY | O_CREAT | O_APPEND);
  out.write_all(line.data(), line.size());
  out.sync();
  out.close();
  records_.push_back(std::move(record));
}

}  // namespace optex
