#include "optex/monitor/results.hpp"

#include "optex/core/errors.hpp"
#include "optex/files/reading.hpp"
#include "optex/files/replacement_file.hpp"
#include "optex/hdf5/file.hpp"
#include "optex/hdf5/seal.hpp"
#include "optex/monitor/status_writer.hpp"

#include <limits>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "exhibits.hpp"
#include "json.hpp"
#include <fcntl.h>
#include <fmt/format.h>

namespace optex {

namespace {

/// One column of metrics.jsonl as it grows.
struct Column {
  std::vector<double> numbers;
  std::vector<std::int64_t> integers;  ///< the same, as long as all are integers
  std::vector<std::string> texts;
  bool is_list = false;  ///< any number of entries a line
};

class Columns {
 public:
  void add_line(const Json& line) {
    ++lines_;
    for (const auto& [name, value] : line.items())
      if (name != "final_value") add("/metrics", name, value);
  }

  void write(hdf5::File& file) {
    file.create_group("/metrics");
    for (auto& [path, column] : columns_) {
      if (!column.is_list) fill(column, lines_);
      if (!column.texts.empty())
        file.write(path, column.texts);
      else if (column.integers.size() == column.numbers.size())
        file.write(path, column.integers);
      else
        file.write(
            path, Eigen::Map<const Vector>(column.numbers.data(), static_cast<Index>(column.numbers.size())));
    }
  }

 private:
  enum class Kind { column, group, count };

  void add(const std::string& group, const std::string& name, const Json& value) {
    if (value.is_object()) {
      const std::string inside = path_of(group, name, Kind::group);
      for (const auto& [inner, part] : value.items()) add(inside, inner, part);
      return;
    }
    Column& column = columns_[path_of(group, name, Kind::column)];
    if (value.is_array()) {
      column.is_list = true;
      for (const Json& entry : value) append(column, entry);
      Column& count = columns_[path_of(group, name + "_count", Kind::count)];
      fill(count, lines_ - 1);
      append(count, value.size());
    } else {
      fill(column, lines_ - 1);
      append(column, value);
    }
  }

  /// The same for the same, and another for anything else: names come from the user.
  const std::string& path_of(const std::string& group, const std::string& name, Kind kind) {
    std::string& path = paths_[{group, name, kind}];
    if (!path.empty()) return path;
    path = group + "/" + link_name(name);
    while (!taken_.insert(path).second) path += "_";
    return path;
  }

  /// NaN (or empty text) for the lines that did not have the column.
  static void fill(Column& column, std::size_t lines) {
    while (column.numbers.size() < lines) append(column, Json());
  }

  static void append(Column& column, const Json& value) {
    if (value.is_string()) {
      column.texts.resize(column.numbers.size());
      column.texts.push_back(value.get<std::string>());
    } else if (!column.texts.empty()) {
      column.texts.emplace_back();
    }
    if (value.is_number_integer() && column.integers.size() == column.numbers.size())
      column.integers.push_back(value.get<std::int64_t>());
    column.numbers.push_back(value.is_number() ? value.get<double>()
                                               : std::numeric_limits<double>::quiet_NaN());
  }

  std::map<std::string, Column> columns_;  ///< by path in the file
  std::map<std::tuple<std::string, std::string, Kind>, std::string> paths_;
  std::set<std::string> taken_;
  std::size_t lines_ = 0;
};

Columns read_columns(const files::Place& metrics_file) {
  Columns columns;
  if (!metrics_file.exists()) return columns;
  files::LineReader lines(metrics_file.open(O_RDONLY));
  for (std::string text; lines.next(text);) {
    const Json line = Json::parse(text, nullptr, false);
    if (line.is_object()) columns.add_line(line);
  }
  return columns;
}

}  // namespace

void write_results(const files::Place& file, const files::Place& metrics_file, ConstVectorRef theta,
                   const Outcome& outcome, const std::vector<Exhibit>& exhibits,
                   const std::vector<ExhibitFrame>& earlier) {
  files::ReplacementFile replacement(file);
  hdf5::File out = hdf5::File::create(replacement.content(), hdf5::seal_size);
  out.write_attribute("/", "format", results_format);
  out.write_attribute("/", "format_version", results_version);
  out.write_attribute("/", "status", status_of(outcome));
  out.write_attribute("/", "reason", outcome.reason);
  out.write_attribute("/", "exit_code", std::int64_t{static_cast<int>(outcome.code)});
  out.write_attribute("/", "answer", std::string(name_of(outcome.answer)));
  out.write_attribute("/", "final_value", outcome.final_value);
  out.write_attribute("/", "measures", to_json(outcome.measures).dump());
  out.write("/solution/theta", theta);
  write_exhibits(out, "/problem", exhibits);
  for (const ExhibitFrame& frame : earlier)
    write_exhibits(out, fmt::format("/earlier/{:06d}", frame.round), frame.exhibits);
  read_columns(metrics_file).write(out);
  out.close();
  hdf5::seal(replacement.content());
  replacement.commit();
}

}  // namespace optex
