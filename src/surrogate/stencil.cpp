#include "optex/surrogate/stencil.hpp"

#include "optex/core/reductions.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numeric>

#include <unsupported/Eigen/FFT>

namespace optex {
namespace {

constexpr double beyond_chance = 6.0;  // standard deviations of what there is at other offsets
constexpr double chance = 1e-3;        // that one of all offsets is found where there is none

/// What offsets that are none show, by the median of all: 1 where products know nothing of the signs, sqrt 2
/// where most of the matrix is its diagonal, because both directions then say the same. What is more is no
/// chance.
double background(const Vector& strength) {
  constexpr double median_of_normal = 0.6745;  // of |x|, in standard deviations
  std::vector<double> sorted(strength.begin(), strength.end());
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  return std::clamp(*middle / median_of_normal, 1.0, std::sqrt(2.0));
}

/// Sum over rows of the correlation of signs and products, cyclic over `room` places, both directions added,
/// in units of what noise would show.
Vector correlation(const RowSet& signs, const RowSet& products, Index length, Index room) {
  using Complex = std::complex<double>;
  const auto places = static_cast<std::size_t>(room);
  Eigen::FFT<double> fft;
  std::vector<Complex> both(places), spectrum(places), sum(places);
  std::vector<double> s(static_cast<std::size_t>(length)), y(s);
  double squared_signs = 0.0;
  double squared_products = 0.0;
  for (Index row = 0; row < signs.count; ++row) {
    copy_row(signs, row, length, s.data());
    copy_row(products, row, length, y.data());
    // Not as vectors: what is as long as a slice would be taken for one.
    const double sign_square = squared_norm(s.data(), length);
    const double product_square = squared_norm(y.data(), length);
    squared_signs += sign_square;
    squared_products += product_square;
    if (!(sign_square > 0.0) || !(product_square > 0.0)) continue;
    // One transform for two real rows, both at unit length, so that neither drowns in the other's rounding.
    const double sign_length = std::sqrt(sign_square), product_length = std::sqrt(product_square);
    std::fill(both.begin(), both.end(), Complex());
    for (std::size_t j = 0; j < s.size(); ++j) both[j] = {y[j] / product_length, s[j] / sign_length};
    fft.fwd(spectrum, both);
    for (std::size_t k = 0; k < places; ++k) {
      const Complex here = spectrum[k];
      const Complex mirrored = std::conj(spectrum[(places - k) % places]);
      const Complex of_products = 0.5 * product_length * (here + mirrored);
      const Complex of_signs = Complex(0.0, -0.5) * sign_length * (here - mirrored);
      sum[k] += of_products * std::conj(of_signs);
    }
  }
  fft.inv(both, sum);
  const double mean_sign = squared_signs / static_cast<double>(signs.count * length);
  Vector found(length);
  for (Index k = 1; k < length; ++k) {
    const double both_ways =
        both[static_cast<std::size_t>(k)].real() + both[static_cast<std::size_t>(room - k)].real();
    const double share = 1.0 - static_cast<double>(k) / static_cast<double>(length);
    found[k] = both_ways / std::sqrt(2.0 * squared_products * mean_sign * share + 1e-300);
  }
  found[0] = 0.0;
  return found;
}

}  // namespace

Stencil band_stencil(Index width) {
  Stencil band(static_cast<std::size_t>(width));
  std::iota(band.begin(), band.end(), Index{1});
  return band;
}

bool is_band(const Stencil& stencil) {
  return stencil.empty() || stencil.back() == static_cast<Index>(stencil.size());
}

void StencilMatrix::keep_only(const Vector& mask) {
  const Index length = entries.rows();
  for (std::size_t place = 0; place < stencil.size(); ++place) {
    const Index rest = std::max<Index>(length - stencil[place], 0);
    entries.col(static_cast<Index>(place) + 1).head(rest).array() *=
        mask.head(rest).array() * mask.tail(rest).array();
  }
}

Stencil find_stencil(const RowSet& signs, const RowSet& products, Index length) {
  Index room = 1;  // a power of 2: the fast transforms
  while (room < 2 * length) room *= 2;
  Vector strength = correlation(signs, products, length, room).cwiseAbs();
  strength = strength.array().isFinite().select(strength, 0.0);
  // Farther ones could not be told from few products that happen to be large.
  const Index farthest = (length - 1) / 4;
  if (farthest < 1) return {};
  const double needed =
      std::max(beyond_chance, std::sqrt(2.0 * std::log(static_cast<double>(farthest) / chance))) *
      background(strength.segment(1, farthest));
  Stencil offsets(static_cast<std::size_t>(farthest));
  std::iota(offsets.begin(), offsets.end(), Index{1});
  std::stable_sort(offsets.begin(), offsets.end(),
                   [&](Index a, Index b) { return strength[a] > strength[b]; });
  offsets.resize(static_cast<std::size_t>(std::min<Index>(most_offsets, std::ssize(offsets))));
  std::erase_if(offsets, [&](Index k) { return !(strength[k] > needed); });
  std::sort(offsets.begin(), offsets.end());
  return offsets;
}

}  // namespace optex
