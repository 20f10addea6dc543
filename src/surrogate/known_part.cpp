#include "optex/surrogate/known_part.hpp"

#include "optex/core/parallel_for.hpp"

#include <cmath>
#include <utility>

#include <Eigen/SparseCholesky>

namespace optex {
namespace {

constexpr int most_lifts = 6;

using Sparse = Eigen::SparseMatrix<double>;
/// P K P' = L L'.
using Factor = Eigen::SimplicialLLT<Sparse, Eigen::Lower, Eigen::AMDOrdering<int>>;

/// C = P'L.
class KnownScale final : public PriorScale {
 public:
  explicit KnownScale(std::unique_ptr<const Factor> factor) : factor_(std::move(factor)) {}

  Index length() const override { return factor_->rows(); }
  Vector up(ConstVectorRef step) const override {
    return factor_->matrixU() * Vector(factor_->permutationP() * step);
  }
  Vector gradient(ConstVectorRef g) const override {
    return factor_->matrixL().solve(Vector(factor_->permutationP() * g));
  }
  Vector down(ConstVectorRef scaled) const override {
    return factor_->permutationPinv() * Vector(factor_->matrixU().solve(scaled));
  }
  /// Made at once, d x rows: an entry of C'x has its terms anywhere in x.
  RowSet up(RowSet steps) const override {
    auto made = std::make_shared<Matrix>(length(), steps.count);
    parallel_for(steps.count, 1, [&](Index row) {
      copy_row(steps, row, length(), made->col(row).data());
      made->col(row) = up(made->col(row));
    });
    return {steps.count,
            [made = std::shared_ptr<const Matrix>(std::move(made))](Index row, Index first, Index, double*) {
              return made->col(row).data() + first;
            }};
  }

 private:
  std::unique_ptr<const Factor> factor_;
};

}  // namespace

KnownPart::KnownPart(const std::vector<HessianEntry>& known, Index d) : lower_(d, d) {
  std::vector<Eigen::Triplet<double, int>> entries;
  entries.reserve(known.size() + static_cast<std::size_t>(d));
  for (const HessianEntry& entry : known)
    entries.emplace_back(static_cast<int>(entry.row), static_cast<int>(entry.column), entry.value);
  for (Index i = 0; i < d; ++i) entries.emplace_back(static_cast<int>(i), static_cast<int>(i), 0.0);
  lower_.setFromTriplets(entries.begin(), entries.end());
}

Vector KnownPart::times(ConstVectorRef x) const { return lower_.selfadjointView<Eigen::Lower>() * x; }

Matrix KnownPart::times(const RowSet& rows) const {
  Matrix products(lower_.rows(), rows.count);
  parallel_for(rows.count, 1, [&](Index row) {
    copy_row(rows, row, products.rows(), products.col(row).data());
    products.col(row) = times(products.col(row));
  });
  return products;
}

std::unique_ptr<const PriorScale> KnownPart::scale(double shift) const {
  if (!(shift > 0.0) || !std::isfinite(shift) || lower_.squaredNorm() == 0.0) return nullptr;
  auto factor = std::make_unique<Factor>();
  factor->analyzePattern(lower_);
  for (int lift = 0; lift <= most_lifts; ++lift, shift *= 10.0) {
    factor->setShift(shift);
    factor->factorize(lower_);
    if (factor->info() == Eigen::Success) return std::make_unique<KnownScale>(std::move(factor));
  }
  return nullptr;
}

}  // namespace optex
