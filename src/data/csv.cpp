#include "optex/core/errors.hpp"
#include "optex/data/raw_table.hpp"

#include <algorithm>
#include <cmath>

#include "line_source.hpp"
#include "read_number.hpp"
#include <fmt/format.h>

namespace optex {
namespace {

char delimiter_of(std::string_view line) {
  for (const char candidate : {'\t', ';'})
    if (line.find(candidate) != std::string_view::npos) return candidate;
  return ',';
}

std::string_view without_quotes(std::string_view field) {
  field = without_blanks(field);
  if (field.size() >= 2 && field.front() == '"' && field.back() == '"')
    return without_blanks(field.substr(1, field.size() - 2));
  return field;
}

void split(std::string_view line, char delimiter, std::vector<std::string_view>& fields) {
  fields.clear();
  for (std::size_t begin = 0;;) {
    const std::size_t end = line.find(delimiter, begin);
    fields.push_back(without_quotes(line.substr(begin, end - begin)));
    if (end == std::string_view::npos) return;
    begin = end + 1;
  }
}

/// What the lines of one file have in common.
class CsvReader {
 public:
  CsvReader(const std::filesystem::path& path, LabelColumn label_column, Index limit)
      : lines_(path), label_column_(label_column), limit_(limit) {
    table_.source = path.string();
  }

  RawTable read() {
    std::string_view line;
    std::vector<std::string_view> fields;
    while (lines_.next(line)) {
      if (without_blanks(line).empty()) continue;
      if (width_ == 0) {
        delimiter_ = delimiter_of(line);
        split(line, delimiter_, fields);
        start(fields);
        if (is_header(fields)) {
          names_.assign(fields.begin(), fields.end());
          continue;
        }
      }
      split(line, delimiter_, fields);
      add(fields);
    }
    if (table_.labels.empty()) throw IoError(fmt::format("{}: no samples", table_.source));
    return std::move(table_);
  }

 private:
  void start(const std::vector<std::string_view>& fields) {
    width_ = fields.size();
    first_line_ = lines_.number();
    if (width_ < 2)
      lines_.refuse(
          "only one column; a label and at least one feature are needed, with ',', ';' or a tab "
          "between them");
    table_.features = static_cast<Index>(width_) - 1;
    label_ = label_column_ == LabelColumn::first ? 0 : width_ - 1;
  }

  static bool is_header(const std::vector<std::string_view>& fields) {
    return std::none_of(fields.begin(), fields.end(), [](std::string_view field) {
      return field.empty() || read_number(field).has_value();
    });
  }

  std::string column(std::size_t k) const {
    if (names_.empty()) return fmt::format("column {}", k + 1);
    return fmt::format("column {} ({})", k + 1, names_[k]);
  }

  double number(std::string_view field, std::size_t k) const {
    if (field.empty())
      lines_.refuse(fmt::format("{} is empty; fill missing values in, or drop the line", column(k)));
    const auto value = read_number(field);
    if (!value)
      lines_.refuse(fmt::format("{}: '{}' is no number{}", column(k), field,
                                field.find(',') != std::string_view::npos ? "; decimals need a point" : ""));
    if (!std::isfinite(*value))
      lines_.refuse(
          fmt::format("{}: {} is not finite; fill missing values in, or drop the line", column(k), field));
    return *value;
  }

  void add(const std::vector<std::string_view>& fields) {
    if (fields.size() != width_)
      lines_.refuse(fmt::format("{} fields, but line {} has {}", fields.size(), first_line_, width_));
    const bool kept = limit_ == 0 || std::ssize(table_.labels) < limit_;
    for (std::size_t k = 0; k < fields.size(); ++k) {
      const double value = number(fields[k], k);
      if (k == label_) {
        if (value != std::floor(value) || std::abs(value) > 1e9)
          lines_.refuse(
              fmt::format("{}: label {} is no class number; labels are integers", column(k), fields[k]));
        table_.labels.push_back(static_cast<std::int64_t>(value));
      } else if (kept) {
        table_.values.push_back(value);
      }
    }
    table_.lines.push_back(lines_.number());
  }

  LineSource lines_;
  LabelColumn label_column_;
  Index limit_;
  RawTable table_;
  char delimiter_ = ',';
  std::size_t width_ = 0, label_ = 0;
  std::int64_t first_line_ = 0;
  std::vector<std::string> names_;
};

}  // namespace

RawTable read_csv(const std::filesystem::path& path, LabelColumn label_column, Index limit) {
  return CsvReader(path, label_column, limit).read();
}

}  // namespace optex
