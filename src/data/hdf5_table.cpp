#include "optex/core/errors.hpp"
#include "optex/hdf5/file.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "row_source.hpp"
#include <fmt/format.h>

namespace optex {
namespace {

constexpr Index numbers_a_read = 131'072;  // 1 MiB

class Hdf5Rows final : public RowSource {
 public:
  Hdf5Rows(const std::filesystem::path& path, const std::string& features, const std::string& labels,
           Index limit)
      : file_(hdf5::File::open(path)), inputs_(file_.dataset(features)), classes_(file_.dataset(labels)) {
    if (classes_.columns() != 1)
      throw IoError(
          fmt::format("{}: {} labels a sample; there must be one", classes_.name(), classes_.columns()));
    if (inputs_.rows() != classes_.rows())
      throw IoError(fmt::format("{}: {} samples, but {} has {} labels", inputs_.name(), inputs_.rows(),
                                labels, classes_.rows()));
    if (inputs_.rows() == 0 || inputs_.columns() == 0)
      throw IoError(fmt::format("{}: no samples", inputs_.name()));
    kept_ = limit == 0 ? inputs_.rows() : std::min(limit, inputs_.rows());
  }

  bool next(RawRow& row) override {
    if (next_ >= inputs_.rows()) return false;
    if (next_ >= first_ + count_) fill();
    const Index place = next_ - first_;
    row.line = next_;
    row.label = label(numbers_[static_cast<std::size_t>(place)]);
    row.columns = {};
    row.values = {};
    if (next_ < kept_)
      row.values = {values_.data() + place * inputs_.columns(), static_cast<std::size_t>(inputs_.columns())};
    ++next_;
    return true;
  }

  void skip(Index rows) override { next_ += rows; }
  Index features() const override { return inputs_.columns(); }

 private:
  void fill() {
    first_ = next_;
    // Features and labels of a block end at the same row, and at the limit.
    const Index end = first_ < kept_ ? kept_ : inputs_.rows();
    count_ = std::min(std::max<Index>(1, numbers_a_read / inputs_.columns()), end - first_);
    numbers_.resize(static_cast<std::size_t>(count_));
    classes_.read_rows(first_, count_, numbers_.data());
    if (first_ >= kept_) return;
    values_.resize(static_cast<std::size_t>(count_ * inputs_.columns()));
    inputs_.read_rows(first_, count_, values_.data());
    for (std::size_t k = 0; k < values_.size(); ++k)
      if (!std::isfinite(values_[k]))
        throw IoError(
            fmt::format("{}: row {}, column {} (from 0) is {}; fill missing values in, or drop the row",
                        inputs_.name(), first_ + static_cast<Index>(k) / inputs_.columns(),
                        static_cast<Index>(k) % inputs_.columns(), values_[k]));
  }

  std::int64_t label(double number) const {
    if (!(std::abs(number) <= 1e9) || number != std::floor(number))
      throw IoError(fmt::format("{}: row {} (from 0): label {} is no class number; labels are integers",
                                classes_.name(), next_, number));
    return static_cast<std::int64_t>(number);
  }

  hdf5::File file_;
  hdf5::Dataset inputs_, classes_;
  Index kept_ = 0;
  Index next_ = 0;
  Index first_ = 0, count_ = 0;  // the block at hand
  std::vector<double> values_, numbers_;
};

}  // namespace

std::unique_ptr<RowSource> open_hdf5_table(const std::filesystem::path& path, const std::string& features,
                                           const std::string& labels, Index limit) {
  return std::make_unique<Hdf5Rows>(path, features, labels, limit);
}

}  // namespace optex
