#include "optex/core/errors.hpp"

#include <cmath>
#include <deque>
#include <utility>

#include "csv_fields.hpp"
#include "csv_header.hpp"
#include "line_source.hpp"
#include "read_number.hpp"
#include "row_source.hpp"
#include <fmt/format.h>

namespace optex {
namespace {

constexpr int longest_header = 100;  // lines that one quoted name may go over

class CsvRows final : public RowSource {
 public:
  CsvRows(const std::filesystem::path& path, LabelColumn label_column, std::optional<bool> header)
      : source_(path.string()), lines_(path), label_column_(label_column), header_(header) {}

  bool next(RawRow& row) override {
    std::string_view line;
    if (!next_line(line)) {
      if (rows_ == 0) throw IoError(fmt::format("{}: no samples", source_));
      return false;
    }
    split_fields(line, delimiter_, fields_);
    read(row);
    return true;
  }

  void skip(Index rows) override {
    std::string_view line;
    while (rows > 0 && next_line(line)) --rows;
  }

  Index features() const override { return static_cast<Index>(width_ - first_column_) - 1; }

 private:
  /// A line with its number, kept while the next ones are looked at.
  struct Kept {
    std::string text;
    std::int64_t number = 0;
  };

  /// The next line that holds a sample.
  bool next_line(std::string_view& line) {
    if (!started_) start();
    if (waiting_ < kept_.size()) {
      const Kept& kept = kept_[waiting_++];
      line = kept.text;
      number_ = kept.number;
    } else if (!filled_line(line)) {
      return false;
    }
    ++rows_;
    return true;
  }

  /// The next line of the file, or of those that were looked at too early.
  bool any_line(std::string_view& line) {
    if (ahead_.empty()) {
      if (!lines_.next(line)) return false;
      number_ = lines_.number();
      return true;
    }
    now_ = std::move(ahead_.front());
    ahead_.pop_front();
    line = now_.text;
    number_ = now_.number;
    return true;
  }

  /// The next line with anything on it but a comment.
  bool filled_line(std::string_view& line) {
    while (any_line(line)) {
      const std::string_view text = without_blanks(line);
      if (text.starts_with('#') && !line.starts_with('\t')) {  // a tab: behind a first name that is empty
        if (rows_ == 0 && leaves_quote_open(text)) pass_names_that_look_like_a_comment(std::string(text));
        continue;
      }
      if (!text.empty()) return true;
    }
    return false;
  }

  /// "#1;"two lines";label": names of columns, whose lines are one when it has as many fields as the line
  /// below. Else it is a comment with a quote in it, and they stay what they are.
  void pass_names_that_look_like_a_comment(std::string names) {
    std::deque<Kept> seen;
    std::string_view line;
    while (leaves_quote_open(names) && std::ssize(seen) < longest_header && any_line(line)) {
      seen.push_back({std::string(line), number_});
      (names += ' ') += line;
    }
    if (!leaves_quote_open(names) && any_line(line)) {
      const char delimiter = delimiter_of(line);
      std::vector<std::string_view> below;
      split_fields(line, delimiter, below);
      split_fields(names, delimiter, fields_);
      if (below.size() == fields_.size()) seen.clear();
      seen.push_back({std::string(line), number_});
    }
    ahead_.insert(ahead_.begin(), seen.begin(), seen.end());
  }

  [[noreturn]] void refuse(const std::string& what) const {
    throw IoError(fmt::format("{}:{}: {}", source_, number_, what));
  }

  /// Looks at the first two lines: the second has the delimiter that names may have, too.
  void start() {
    started_ = true;
    std::string_view line;
    if (!filled_line(line)) return;
    Kept first{std::string(line), number_};
    for (int more = 0; leaves_quote_open(first.text); ++more) {
      if (more == longest_header || !any_line(line)) {
        number_ = first.number;
        refuse("a quote that is not closed");
      }
      first.text += ' ';
      first.text += line;
    }
    std::optional<Kept> second;
    if (filled_line(line)) second = {std::string(line), number_};
    delimiter_ = delimiter_of(second ? second->text : first.text);
    split_fields(first.text, delimiter_, fields_);
    number_ = first_line_ = first.number;
    // Between blanks a first name that is empty does not show.
    if (delimiter_ == ' ' && first.text.starts_with(' ') && second) {
      std::vector<std::string_view> below;
      split_fields(second->text, delimiter_, below);
      if (below.size() == fields_.size() + 1) fields_.insert(fields_.begin(), std::string_view());
    }
    if (is_header())
      take_names();
    else
      kept_.push_back(std::move(first));
    if (width_ == 0) width_ = fields_.size();
    if (width_ - first_column_ < 2)
      refuse(
          "only one column; a label and at least one feature are needed, with ',', ';', '|', blanks or a tab "
          "between them");
    label_ = label_column_ == LabelColumn::first ? first_column_ : width_ - 1;
    check_name_of_label();
    if (second) kept_.push_back(std::move(*second));
  }

  bool is_header() const {
    if (header_) return *header_;
    const FirstLine kind = first_line(fields_);
    if (kind == FirstLine::either)
      refuse(
          "column numbers, as programs write them above columns without names, or a sample? data.header = "
          "true or false says which");
    return kind == FirstLine::names;
  }

  void take_names() {
    if (fields_.size() > 2 && fields_.back().empty()) fields_.pop_back();
    names_.assign(fields_.begin(), fields_.end());
    if (names_row_numbers(names_.front())) first_column_ = 1;
    width_ = names_.size();
  }

  /// Many tables of images call their first column so.
  void check_name_of_label() const {
    const auto named = std::find_if(names_.begin(), names_.end(), says_label);
    if (named == names_.end() || says_label(names_[label_])) return;
    const auto place = static_cast<std::size_t>(named - names_.begin());
    const std::string_view remedy = place == first_column_ ? "data.label_column = \"first\" takes it"
                                    : place + 1 == width_  ? "data.label_column = \"last\" takes it"
                                                           : "move it to the front or to the end";
    refuse(fmt::format("{}, but the labels would be {}; {}; if it is a feature, call it otherwise",
                       column(place), column(label_), remedy));
  }

  std::string column(std::size_t k) const {
    if (names_.empty()) return fmt::format("column {}", k + 1);
    return fmt::format("column {} ({})", k + 1, names_[k]);
  }

  std::string remedy(std::string_view field, std::size_t k) const {
    if (field.find(',') != std::string_view::npos) return "; decimals need a point";
    if (field.find(':') != std::string_view::npos && read_number(field.substr(0, field.find(':'))))
      return "; data.format = \"libsvm\" reads index:value";
    if (number_ == first_line_) return "; if this line holds the columns' names, data.header = true says so";
    if (k == label_) return "; labels are integers: write 0, 1, 2, ... for the classes";
    return "; write numbers for words, or leave the column out";
  }

  double number(std::string_view field, std::size_t k) const {
    if (field.empty())
      refuse(fmt::format("{} is empty; fill missing values in, or drop the line{}", column(k),
                         k + 1 == width_ ? " (or the separator at its end)" : ""));
    const auto value = read_cell(field);
    if (!value) refuse(fmt::format("{}: '{}' is no number{}", column(k), field, remedy(field, k)));
    if (!std::isfinite(*value))
      refuse(fmt::format("{}: {} is not finite; fill missing values in, or drop the line", column(k), field));
    return *value;
  }

  void read(RawRow& row) {
    // A separator at the end of every line, above which no name need stand.
    if (!names_.empty() && fields_.size() == width_ + 1 && fields_.back().empty()) fields_.pop_back();
    if (fields_.size() != width_)
      refuse(fmt::format("{} fields, but line {} has {}; fill missing values in, or drop the line",
                         fields_.size(), first_line_, width_));
    values_.clear();
    for (std::size_t k = first_column_; k < fields_.size(); ++k) {
      const double value = number(fields_[k], k);
      if (k != label_) {
        values_.push_back(value);
        continue;
      }
      if (value != std::floor(value) || std::abs(value) > 1e9)
        refuse(fmt::format("{}: label {} is no class number; labels are integers", column(k), fields_[k]));
      row.label = static_cast<std::int64_t>(value);
    }
    row.line = number_;
    row.values = values_;
    row.columns = {};
  }

  std::string source_;
  LineSource lines_;
  LabelColumn label_column_;
  std::optional<bool> header_;
  bool started_ = false;
  char delimiter_ = ',';
  std::size_t first_column_ = 0;  ///< behind the row numbers
  std::size_t width_ = 0, label_ = 0;
  std::int64_t first_line_ = 0, number_ = 0;
  std::vector<std::string> names_;
  std::vector<Kept> kept_;
  std::deque<Kept> ahead_;   ///< lines that come before those of the file
  Kept now_;                 ///< the last of them
  std::size_t waiting_ = 0;  ///< of the kept lines the one that comes next
  Index rows_ = 0;
  std::vector<std::string_view> fields_;  // of the line at hand
  std::vector<double> values_;
};

}  // namespace

std::unique_ptr<RowSource> open_csv(const std::filesystem::path& path, LabelColumn label_column,
                                    std::optional<bool> header) {
  return std::make_unique<CsvRows>(path, label_column, header);
}

}  // namespace optex
