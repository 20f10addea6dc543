#include "optex/report/run_fields.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/printable.hpp"
#include "optex/hdf5/file.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace optex {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_objects = 2000;  // of a file
constexpr std::size_t most_fields = 30, most_frames = 16;
constexpr Index most_rows_of_curves = 2000, most_columns_of_curves = 12;
constexpr Index numbers_at_once = 1 << 20;
constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// Smallest block so that blocks of its size, or more, cover rows x columns with at most most_cells of them.
Index block_for(Index rows, Index columns) {
  const auto cells = [&](Index block) {
    const Index down = (rows + block - 1) / block, across = (columns + block - 1) / block;
    return static_cast<double>(down) * static_cast<double>(across);
  };
  Index block = 1;
  while (cells(block) > static_cast<double>(most_cells)) block = block < 16 ? block + 1 : block + block / 8;
  return block;
}

/// Takes the rows of a dataset one after the other.
class Thinner {
 public:
  Thinner(FieldFrame& frame, bool means) : frame_(frame), means_(means) {
    if (means) {
      block_rows_ = block_columns_ = block_for(frame.rows, frame.columns);
      frame.shown_columns = (frame.columns + block_columns_ - 1) / block_columns_;
    } else {
      block_rows_ = (frame.rows + most_rows_of_curves - 1) / most_rows_of_curves;
      frame.shown_columns = std::min(frame.columns, most_columns_of_curves);
    }
    frame.shown_rows = (frame.rows + block_rows_ - 1) / block_rows_;
    frame.smallest = std::numeric_limits<double>::infinity();
    frame.largest = -frame.smallest;
    start_block();
  }

  void take(Index row, const double* values) {
    for (Index column = 0; column < frame_.columns; ++column) {
      const double x = values[column];
      if (!std::isfinite(x)) {
        ++frame_.blank;
        continue;
      }
      frame_.smallest = std::min(frame_.smallest, x);
      frame_.largest = std::max(frame_.largest, x);
      const auto cell = static_cast<std::size_t>(column / block_columns_);
      if (cell >= sums_.size() || (!means_ && counts_[cell] > 0.0)) continue;
      sums_[cell] += x;
      counts_[cell] += 1.0;
    }
    // Of a curve's block the first row counts, whatever is in it.
    if (!means_ && row % block_rows_ == 0)
      for (double& count : counts_) count = std::max(count, 0.5);
    if ((row + 1) % block_rows_ != 0 && row + 1 != frame_.rows) return;
    for (std::size_t cell = 0; cell < sums_.size(); ++cell)
      frame_.values.push_back(counts_[cell] >= 1.0 ? sums_[cell] / counts_[cell] : nothing);
    start_block();
  }

  void end() {
    if (frame_.smallest > frame_.largest) frame_.smallest = frame_.largest = nothing;
  }

 private:
  void start_block() {
    sums_.assign(static_cast<std::size_t>(frame_.shown_columns), 0.0);
    counts_.assign(sums_.size(), 0.0);
  }

  FieldFrame& frame_;
  bool means_;
  Index block_rows_ = 1, block_columns_ = 1;
  std::vector<double> sums_, counts_;
};

std::string text_attribute(const hdf5::File& file, const std::string& path, const char* name) {
  if (!file.has_attribute(path, name)) return {};
  return printable(file.read_text_attribute(path, name), most_of_a_name);
}

FieldFrame read_frame(const hdf5::File& file, const std::string& path, const std::string& kind,
                      std::int64_t round) {
  const hdf5::Dataset data = file.dataset(path);
  FieldFrame frame;
  frame.round = round;
  frame.rows = data.rows();
  frame.columns = data.columns();
  Thinner thinner(frame, kind != "curve" && kind != "table");
  const Index at_once = std::clamp<Index>(numbers_at_once / std::max<Index>(frame.columns, 1), 1, frame.rows);
  std::vector<double> numbers(static_cast<std::size_t>(at_once * frame.columns));
  for (Index row = 0; row < frame.rows; row += at_once) {
    const Index count = std::min(at_once, frame.rows - row);
    data.read_rows(row, count, numbers.data());
    for (Index k = 0; k < count; ++k) thinner.take(row + k, numbers.data() + k * frame.columns);
  }
  thinner.end();
  return frame;
}

/// The round of "/earlier/000120/name"; -1 for anything else that is no exhibit of the answer either.
std::int64_t round_of(const std::string& path, std::int64_t last) {
  constexpr std::string_view answer = "/problem/", earlier = "/earlier/";
  if (path.starts_with(answer)) return path.find('/', answer.size()) == std::string::npos ? last : -1;
  if (!path.starts_with(earlier)) return -1;
  std::int64_t round = -1;
  const auto [end, error] = std::from_chars(path.data() + earlier.size(), path.data() + path.size(), round);
  const bool whole = error == std::errc() && end != path.data() + path.size() && *end == '/' &&
                     std::find(end + 1, path.data() + path.size(), '/') == path.data() + path.size();
  return whole ? round : -1;
}

void add_field(const hdf5::File& file, const std::string& path, std::int64_t round,
               std::vector<ReportedField>& fields) {
  ReportedField field;
  field.name = text_attribute(file, path, "name");
  if (field.name.empty()) field.name = printable(path.substr(path.rfind('/') + 1), most_of_a_name);
  field.kind = text_attribute(file, path, "kind");
  if (field.kind.empty()) return;  // of a version that did not draw them
  auto known =
      std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.name == field.name; });
  if (known == fields.end()) {
    if (fields.size() == most_fields) return;
    field.unit = text_attribute(file, path, "unit");
    field.truth = text_attribute(file, path, "truth");
    known = fields.insert(fields.end(), std::move(field));
  }
  if (known->truth.empty()) known->truth = text_attribute(file, path, "truth");
  if (known->frames.size() < most_frames) known->frames.push_back(read_frame(file, path, known->kind, round));
}

}  // namespace

std::vector<ReportedField> read_run_fields(const fs::path& results, std::int64_t last,
                                           std::vector<std::string>& remarks) {
  std::vector<ReportedField> fields;
  std::error_code ignored;
  if (!fs::is_regular_file(results, ignored)) return fields;
  try {
    const hdf5::File file = hdf5::File::open(results);
    std::vector<hdf5::Entry> entries = file.entries(most_objects);
    for (const hdf5::Entry& entry : entries) {
      const std::int64_t round = round_of(entry.path, last);
      if (round < 0 || entry.extent.empty() || entry.extent.size() > 2 || entry.extent[0] == 0) continue;
      try {
        add_field(file, entry.path, round, fields);
      } catch (const Error& error) {
        remarks.push_back(
            fmt::format("results.h5: {} is not drawn: {}", printable(entry.path), error.what()));
      }
    }
  } catch (const Error& error) {
    remarks.push_back(fmt::format("results.h5 cannot be read, so no fields are drawn: {}", error.what()));
  }
  std::erase_if(fields, [](const ReportedField& field) { return field.frames.empty(); });
  for (ReportedField& field : fields) {
    std::stable_sort(field.frames.begin(), field.frames.end(),
                     [](const FieldFrame& a, const FieldFrame& b) { return a.round < b.round; });
    const FieldFrame& shown = field.frames.back();
    if (shown.shown_rows < shown.rows || shown.shown_columns < shown.columns)
      remarks.push_back(
          fmt::format("{}: {} x {} entries are drawn as {} x {}{}", field.name, shown.rows, shown.columns,
                      shown.shown_rows, shown.shown_columns,
                      field.kind != "curve" && field.kind != "table" ? ", means of blocks" : ""));
    for (const FieldFrame& frame : field.frames)
      if (frame.rows != shown.rows || frame.columns != shown.columns) {
        remarks.push_back(fmt::format("{}: its shape changes, from {} x {} in round {} to {} x {}",
                                      field.name, frame.rows, frame.columns, frame.round, shown.rows,
                                      shown.columns));
        break;
      }
  }
  return fields;
}

}  // namespace optex
