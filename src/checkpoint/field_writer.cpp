#include "field_writer.hpp"

#include "optex/checkpoint/long_fields.hpp"

#include <optional>
#include <span>
#include <vector>

namespace optex {

/// Everything that touches the file.
template <typename Use>
void FieldWriter::on_file(Use use) {
  if (slices_ == nullptr) return use();
  if (failure_) return;
  try {
    use();
  } catch (...) {
    failure_ = std::current_exception();
  }
}

void FieldWriter::write(const std::string& path, std::int64_t value) {
  on_file([&] { file_.write(path, value); });
  hash_.add(path, "int64", {}, content_hash(std::span(&value, 1)));
}

void FieldWriter::operator()(const std::string& path, const double& value) {
  on_file([&] { file_.write(path, value); });
  hash_.add(path, "float64", {}, content_hash(std::span(&value, 1)));
}

void FieldWriter::operator()(const std::string& path, const std::string& text) {
  on_file([&] { file_.write(path, text); });
  hash_.add(path, "text", {}, content_hash(text));
}

void FieldWriter::operator()(const std::string& path, const Vector& values) {
  if (slices_ != nullptr && is_long(path) && values.size() > 0)
    return write_long(path, slices_->gather(values));
  write_long(path, values);
}

void FieldWriter::write_long(const std::string& path, const Vector& values) {
  on_file([&] { file_.write(path, values); });
  hash_.add(path, "float64", {values.size()}, content_hash(values));
}

void FieldWriter::operator()(const std::string& path, const Matrix& values) {
  write_columns(path, values.cols(), values.rows(), [&](Index k) { return values.col(k); });
}

void FieldWriter::operator()(const std::string& path, const std::vector<Vector>& rows) {
  const Index length = rows.empty() ? 0 : rows.front().size();
  write_columns(path, std::ssize(rows), length,
                [&](Index k) -> const Vector& { return rows[static_cast<std::size_t>(k)]; });
}

template <typename Column>
void FieldWriter::write_columns(const std::string& path, Index count, Index length, Column column) {
  if (slices_ != nullptr && is_long(path) && length > 0)
    return write_rows(path, count, slices_->whole(), false,
                      [&](Index k) { return slices_->gather(column(k)); });
  write_rows(path, count, length, false, column);
}

void FieldWriter::operator()(const std::string& path, const GradientHistory& history) {
  const bool sliced = slices_ != nullptr && history.capacity() > 0;
  const Index rows = history.size(), columns = sliced ? slices_->whole() : history.dimension();
  const auto whole = [&](Vector row) { return sliced ? slices_->gather(row) : row; };
  (*this)(path + "/capacity", history.capacity());
  const bool single = history.precision() == Precision::f32;
  write(path + "/bits", std::int64_t{single ? 32 : 64});
  write_integers(path + "/coordinates", {});  // distances were once measured in some coordinates
  (*this)(path + "/origin", history.origin());
  write_rows(path + "/theta", rows, columns, single,
             [&](Index row) { return whole(history.stored_theta(row)); });
  write_rows(path + "/gradient", rows, columns, single,
             [&](Index row) { return whole(history.gradient(row)); });
  Vector values(rows);
  std::vector<std::int64_t> iterations(static_cast<std::size_t>(rows));
  for (Index row = 0; row < rows; ++row) {
    values[row] = history.value(row);
    iterations[static_cast<std::size_t>(row)] = history.iteration(row);
  }
  (*this)(path + "/value", values);
  write_integers(path + "/iteration", iterations);
}

void FieldWriter::write_integers(const std::string& path, const std::vector<std::int64_t>& values) {
  on_file([&] { file_.write(path, values); });
  hash_.add(path, "int64", {std::ssize(values)}, content_hash(values));
}

template <typename Row>
void FieldWriter::write_rows(const std::string& path, Index rows, Index columns, bool single, Row row) {
  std::optional<hdf5::Dataset> dataset;
  on_file([&] { dataset.emplace(file_.create_rows(path, rows, columns, single)); });
  ContentHasher bytes;
  for (Index i = 0; i < rows; ++i) {
    const auto& numbers = row(i);
    on_file([&] { dataset->write_row(i, numbers); });
    bytes.add(numbers);
  }
  on_file([&] { dataset->close(); });
  hash_.add(path, "float64", {rows, columns}, bytes.text());
}

}  // namespace optex
