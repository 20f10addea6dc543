#include "field_reader.hpp"

#include "optex/checkpoint/checkpoint.hpp"
#include "optex/checkpoint/long_fields.hpp"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "sliced_fields.hpp"
#include <fmt/format.h>

namespace optex {
std::int64_t FieldReader::read_integer(const std::string& path) {
  const std::int64_t value = file_.read_integer(path);
  hash_.add(path, "int64", {}, content_hash(std::span(&value, 1)));
  return value;
}

std::vector<std::int64_t> FieldReader::read_integers(const std::string& path) {
  std::vector<std::int64_t> values = file_.read_integers(path);
  hash_.add(path, "int64", {std::ssize(values)}, content_hash(values));
  return values;
}

void FieldReader::operator()(const std::string& path, double& value) {
  value = file_.read_double(path);
  hash_.add(path, "float64", {}, content_hash(std::span(&value, 1)));
}

void FieldReader::operator()(const std::string& path, std::string& text) {
  text = file_.read_text(path);
  hash_.add(path, "text", {}, content_hash(text));
}

void FieldReader::operator()(const std::string& path, Vector& values) {
  values = file_.read_vector(path);
  hash_.add(path, "float64", {values.size()}, content_hash(values));
  if (slices_ == nullptr || !is_long(path)) return;
  slices_->share(std::to_string(values.size() > 0 ? 1 : 0));
  if (values.size() > 0) values = slices_->scatter(values);
}

bool FieldReader::is_there(const std::string& path, bool) const {
  const bool there = file_.contains(path);
  if (slices_ != nullptr) slices_->share(std::to_string(there ? 1 : 0));
  return there;
}

void FieldReader::operator()(const std::string& path, Matrix& values) {
  const hdf5::Dataset dataset = file_.dataset(path);
  if (slices_ != nullptr && is_long(path)) {
    const Index columns = dataset.columns() == 0 ? no_columns : dataset.rows();
    slices_->share(std::to_string(columns));
    values.resize(columns == no_columns ? 0 : slices_->mine().size, std::max<Index>(columns, 0));
    return read_rows(path, dataset,
                     [&](Index i, const Vector& row) { values.col(i) = slices_->scatter(row); });
  }
  values.resize(dataset.columns(), dataset.rows());
  dataset.read_rows(0, dataset.rows(), values.data());
  hash_.add(path, "float64", {dataset.rows(), dataset.columns()}, content_hash(values));
}

void FieldReader::operator()(const std::string& path, std::vector<Vector>& rows) {
  const hdf5::Dataset dataset = file_.dataset(path);
  const bool dealt_out = slices_ != nullptr && is_long(path);
  if (dealt_out) slices_->share(std::to_string(dataset.rows()));
  rows.clear();
  read_rows(path, dataset,
            [&](Index, const Vector& row) { rows.push_back(dealt_out ? slices_->scatter(row) : row); });
}

/// take(i, row) for every row that has numbers.
template <typename Take>
void FieldReader::read_rows(const std::string& path, const hdf5::Dataset& dataset, Take take) {
  ContentHasher bytes;
  Vector row(dataset.columns());
  for (Index i = 0; i < dataset.rows() && row.size() > 0; ++i) {
    dataset.read_row(i, row);
    bytes.add(row);
    take(i, row);
  }
  hash_.add(path, "float64", {dataset.rows(), dataset.columns()}, bytes.text());
}

void FieldReader::operator()(const std::string& path, GradientHistory& history) {
  const std::int64_t capacity = read_integer(path + "/capacity");
  if (history_capacity_ && capacity != 0 && capacity != *history_capacity_)
    throw CheckpointError(
        fmt::format("{}: it keeps a history of {} entries, this run one of {}: name the rule that made it "
                    "(method.update), or start anew from its theta (problem.initial = \"{}:/state/theta\")",
                    file_.path().string(), capacity, *history_capacity_, file_.path().string()));
  const std::int64_t bits = read_integer(path + "/bits");
  const bool in_all_coordinates = read_integers(path + "/coordinates").empty();
  Vector origin;
  (*this)(path + "/origin", origin);
  const hdf5::Dataset thetas = file_.dataset(path + "/theta");
  const hdf5::Dataset gradients = file_.dataset(path + "/gradient");
  const Vector values = file_.read_vector(path + "/value");
  const std::vector<std::int64_t> iterations = file_.read_integers(path + "/iteration");
  const Index rows = thetas.rows(), columns = thetas.columns();
  if (gradients.rows() != rows || gradients.columns() != columns || values.size() != rows ||
      static_cast<Index>(iterations.size()) != rows || rows > capacity || capacity == 1 ||
      (capacity > 0 && columns == 0) || (bits != 32 && bits != 64) ||
      origin.size() != (bits == 32 && rows > 0 ? (slices_ == nullptr ? columns : slices_->mine().size) : 0))
    throw DamagedCheckpointError(fmt::format("{}: the parts of {} do not fit", file_.path().string(), path));

  if (!in_all_coordinates)
    throw CheckpointError(
        fmt::format("{}: its distances are measured in a part of the coordinates, which this version cannot "
                    "do; start anew from its theta (problem.initial = \"{}:/state/theta\")",
                    file_.path().string(), file_.path().string()));

  // Appended oldest first, as they once came: the pairwise tables get the same bits again.
  const bool keep = history_capacity_.has_value() && capacity > 0;
  const Precision precision = bits == 32 ? Precision::f32 : Precision::f64;
  if (slices_ != nullptr) share_shape({capacity, bits, values, iterations}, *slices_);
  const Index columns_here = slices_ == nullptr ? columns : slices_->mine().size;
  history = keep ? GradientHistory(columns_here, capacity, precision) : GradientHistory();
  if (keep) history.restore_origin(std::move(origin));
  const auto here = [&](const Vector& row) { return slices_ == nullptr ? row : slices_->scatter(row); };
  ContentHasher theta_bytes, gradient_bytes;
  Vector theta(columns), gradient(columns);
  for (Index row = 0; row < rows; ++row) {
    thetas.read_row(row, theta);
    gradients.read_row(row, gradient);
    theta_bytes.add(theta);
    gradient_bytes.add(gradient);
    if (!keep) continue;
    const Vector theta_here = here(theta);  // the others take them in this order
    const Vector gradient_here = here(gradient);
    history.restore(theta_here, gradient_here, values[row], iterations[static_cast<std::size_t>(row)]);
  }
  hash_.add(path + "/theta", "float64", {rows, columns}, theta_bytes.text());
  hash_.add(path + "/gradient", "float64", {rows, columns}, gradient_bytes.text());
  hash_.add(path + "/value", "float64", {rows}, content_hash(values));
  hash_.add(path + "/iteration", "int64", {rows}, content_hash(iterations));
}

}  // namespace optex
