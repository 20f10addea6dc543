#include "optex/core/errors.hpp"

#include <algorithm>
#include <cmath>

#include "line_source.hpp"
#include "read_number.hpp"
#include "row_source.hpp"
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

class CsvRows final : public RowSource {
 public:
  CsvRows(const std::filesystem::path& path, LabelColumn label_column)
      : source_(path.string()), lines_(path), label_column_(label_column) {}

  bool next(RawRow& row) override {
    std::string_view line;
    if (!next_line(line)) {
      if (rows_ == 0) throw IoError(fmt::format("{}: no samples", source_));
      return false;
    }
    split(line, delimiter_, fields_);
    read(row);
    return true;
  }

  void skip(Index rows) override {
    std::string_view line;
    while (rows > 0 && next_line(line)) --rows;
  }

  Index features() const override { return static_cast<Index>(width_) - 1; }

 private:
  /// The next line that holds a sample.
  bool next_line(std::string_view& line) {
    while (lines_.next(line)) {
      if (without_blanks(line).empty()) continue;
      if (width_ == 0) {
        delimiter_ = delimiter_of(line);
        split(line, delimiter_, fields_);
        start(fields_);
        if (is_header(fields_)) {
          names_.assign(fields_.begin(), fields_.end());
          continue;
        }
      }
      ++rows_;
      return true;
    }
    return false;
  }

  void start(const std::vector<std::string_view>& fields) {
    width_ = fields.size();
    first_line_ = lines_.number();
    if (width_ < 2)
      lines_.refuse(
          "only one column; a label and at least one feature are needed, with ',', ';' or a tab "
          "between them");
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
                                field.find(',') != std::string_view::npos ? "; decimals need a point"
                                : k == label_ ? "; labels are integers: write 0, 1, 2, ... for the classes"
                                              : "; write numbers for words, or leave the column out"));
    if (!std::isfinite(*value))
      lines_.refuse(
          fmt::format("{}: {} is not finite; fill missing values in, or drop the line", column(k), field));
    return *value;
  }

  void read(RawRow& row) {
    if (fields_.size() != width_)
      lines_.refuse(fmt::format("{} fields, but line {} has {}; fill missing values in, or drop the line",
                                fields_.size(), first_line_, width_));
    values_.clear();
    for (std::size_t k = 0; k < fields_.size(); ++k) {
      const double value = number(fields_[k], k);
      if (k != label_) {
        values_.push_back(value);
        continue;
      }
      if (value != std::floor(value) || std::abs(value) > 1e9)
        lines_.refuse(
            fmt::format("{}: label {} is no class number; labels are integers", column(k), fields_[k]));
      row.label = static_cast<std::int64_t>(value);
    }
    row.line = lines_.number();
    row.values = values_;
    row.columns = {};
  }

  std::string source_;
  LineSource lines_;
  LabelColumn label_column_;
  char delimiter_ = ',';
  std::size_t width_ = 0, label_ = 0;
  std::int64_t first_line_ = 0;
  std::vector<std::string> names_;
  Index rows_ = 0;
  std::vector<std::string_view> fields_;  // of the line at hand
  std::vector<double> values_;
};

}  // namespace

std::unique_ptr<RowSource> open_csv(const std::filesystem::path& path, LabelColumn label_column) {
  return std::make_unique<CsvRows>(path, label_column);
}

}  // namespace optex
