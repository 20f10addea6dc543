#include "optex/monitor/results.hpp"

#include "optex/core/errors.hpp"
#include "optex/hdf5/file.hpp"
#include "optex/hdf5/replacement_file.hpp"
#include "optex/hdf5/seal.hpp"
#include "optex/monitor/status_writer.hpp"

#include <fstream>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "json.hpp"
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
      if (name != "final_value") add(name, value);
  }

  void write(hdf5::File& file) {
    file.create_group("/metrics");
    for (auto& [name, column] : columns_) {
      if (!column.is_list) fill(column, lines_);
      const std::string path = "/metrics/" + name;
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
  void add(const std::string& name, const Json& value) {
    if (value.is_object()) {
      for (const auto& [inner, part] : value.items()) add(name + "/" + inner, part);
    } else if (value.is_array()) {
      columns_[name].is_list = true;
      for (const Json& entry : value) append(columns_[name], entry);
      add(name + "_count", value.size());
    } else {
      fill(columns_[name], lines_ - 1);
      append(columns_[name], value);
    }
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

  std::map<std::string, Column> columns_;
  std::size_t lines_ = 0;
};

Columns read_columns(const std::filesystem::path& metrics_file) {
  Columns columns;
  std::ifstream in(metrics_file);
  std::string text;
  while (std::getline(in, text)) {
    const Json line = Json::parse(text, nullptr, false);
    if (line.is_object()) columns.add_line(line);
  }
  return columns;
}

}  // namespace

void write_results(const std::filesystem::path& file, const std::filesystem::path& metrics_file,
                   ConstVectorRef theta, const Outcome& outcome, const std::vector<Exhibit>& exhibits) {
  Json measures = Json::object();
  for (const Measure& measure : outcome.measures) measures[measure.name] = measure.value;

  hdf5::ReplacementFile replacement(file);
  hdf5::File out = hdf5::File::create(replacement.temporary(), hdf5::seal_size);
  out.write_attribute("/", "format", results_format);
  out.write_attribute("/", "format_version", results_version);
  out.write_attribute("/", "status", status_of(outcome));
  out.write_attribute("/", "reason", outcome.reason);
  out.write_attribute("/", "exit_code", std::int64_t{static_cast<int>(outcome.code)});
  out.write_attribute("/", "final_value", outcome.final_value);
  out.write_attribute("/", "measures", measures.dump());
  out.write("/solution/theta", theta);
  for (const Exhibit& exhibit : exhibits) {
    hdf5::Dataset rows = out.create_rows("/problem/" + exhibit.name, exhibit.rows, exhibit.columns);
    for (Index row = 0; row < exhibit.rows; ++row)
      rows.write_row(row, exhibit.values.segment(row * exhibit.columns, exhibit.columns));
    rows.close();
  }
  read_columns(metrics_file).write(out);
  out.close();
  hdf5::seal(replacement.temporary());
  replacement.commit();
}

}  // namespace optex
