#include "optex/comparison/record_file.hpp"

#include "optex/hdf5/descriptor.hpp"
#include "optex/hdf5/replacement_file.hpp"

#include <algorithm>
#include <fstream>
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

RecordFile::RecordFile(std::filesystem::path file) : file_(std::move(file)) {
  std::ifstream in(file_, std::ios::binary);
  std::string text, kept;
  bool damaged = false;
  while (std::getline(in, text)) {
    auto run = in.eof() ? std::nullopt : parse_record(text);  // the last line without its newline is no line
    if (run) {
      kept += text + "\n";
      records_.push_back(std::move(*run));
    } else {
      damaged = true;
    }
  }
  in.close();
  if (damaged) hdf5::replace_text(file_, kept);
}

const RunRecord* RecordFile::find(const std::string& identity) const {
  const auto found = std::find_if(records_.begin(), records_.end(),
                                  [&](const RunRecord& run) { return run.identity == identity; });
  return found == records_.end() ? nullptr : &*found;
}

void RecordFile::add(RunRecord record) {
  const std::string line = line_of(record);
  hdf5::Descriptor out(file_, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW);
  out.write_all(line.data(), line.size());
  out.sync();
  out.close();
  records_.push_back(std::move(record));
}

}  // namespace optex
