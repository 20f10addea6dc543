#include "cosine_transform.hpp"

#include <bit>
#include <cmath>
#include <numbers>

namespace optex {
namespace {

Index largest_prime_factor(Index n) {
  Index largest = 1;
  for (Index p = 2; p * p <= n; ++p)
    for (; n % p == 0; n /= p) largest = p;
  return n > 1 ? n : largest;
}

/// exp(-i pi numerator / denominator)
std::complex<double> turn(Index numerator, Index denominator) {
  return std::polar(1.0,
                    -std::numbers::pi * static_cast<double>(numerator) / static_cast<double>(denominator));
}

}  // namespace

CosineTransform::CosineTransform(Index d) : d_(d), quarter_turns_(static_cast<std::size_t>(d)) {
  for (Index k = 0; k < d; ++k) quarter_turns_[static_cast<std::size_t>(k)] = turn(k, 2 * d);
  if (largest_prime_factor(d) <= 31) return;  // a prime factor p costs p operations a number

  const auto length = std::bit_ceil(static_cast<std::size_t>(2 * d - 1));
  chirp_.resize(static_cast<std::size_t>(d));
  Sequence wrapped(length);
  Index square = 0;  // n^2 mod 2d: keeps the angle exact
  for (Index n = 0; n < d; ++n) {
    const auto at = static_cast<std::size_t>(n);
    chirp_[at] = turn(square, d);
    wrapped[at] = std::conj(chirp_[at]);
    if (n > 0) wrapped[length - at] = wrapped[at];
    square = (square + 2 * n + 1) % (2 * d);
  }
  chirp_spectrum_.resize(length);
  fft_.fwd(chirp_spectrum_.data(), wrapped.data(), static_cast<Index>(length));
}

void CosineTransform::fourier(Sequence& x) const {
  const std::lock_guard lock(mutex_);
  Sequence spectrum(chirp_.empty() ? x.size() : chirp_spectrum_.size());
  if (chirp_.empty()) {
    fft_.fwd(spectrum.data(), x.data(), d_);
    x.swap(spectrum);
    return;
  }
  // 2kn = k^2 + n^2 - (k-n)^2: X_k = chirp_k sum_n (x_n chirp_n) conj(chirp)_{k-n}, a convolution.
  Sequence padded(chirp_spectrum_.size());
  for (std::size_t n = 0; n < x.size(); ++n) padded[n] = x[n] * chirp_[n];
  fft_.fwd(spectrum.data(), padded.data(), static_cast<Index>(padded.size()));
  for (std::size_t k = 0; k < spectrum.size(); ++k) spectrum[k] *= chirp_spectrum_[k];
  fft_.inv(padded.data(), spectrum.data(), static_cast<Index>(padded.size()));
  for (std::size_t k = 0; k < x.size(); ++k) x[k] = padded[k] * chirp_[k];
}

// Makhoul, "A fast cosine transform in one and two dimensions", IEEE ASSP 28, 1980: with the even samples
// forwards and the odd ones backwards in v, sum_n x_n cos(pi k (2n+1) / 2d) = Re(exp(-i pi k / 2d) V_k).
void CosineTransform::forward(ConstVectorRef x, VectorRef out) const {
  Sequence v(static_cast<std::size_t>(d_));
  for (Index n = 0; n < d_; ++n) v[static_cast<std::size_t>(n % 2 == 0 ? n / 2 : d_ - 1 - n / 2)] = x[n];
  fourier(v);
  const double scale = std::sqrt(2.0 / static_cast<double>(d_));
  for (Index k = 0; k < d_; ++k) {
    const auto at = static_cast<std::size_t>(k);
    out[k] = scale * (quarter_turns_[at] * v[at]).real();
  }
  out[0] *= std::numbers::sqrt2 / 2;
}

void CosineTransform::inverse(ConstVectorRef x, VectorRef out) const {
  // Backwards: V_k = exp(i pi k / 2d) (C_k - i C_{d-k}) with C the unscaled transform and C_d = 0. v is real,
  // so the inverse Fourier transform is the conjugate of the forward one of conj(V), divided by d.
  Sequence v(static_cast<std::size_t>(d_));
  const double scale = 1.0 / std::sqrt(2.0 / static_cast<double>(d_));
  for (Index k = 0; k < d_; ++k) {
    const auto at = static_cast<std::size_t>(k);
    const Complex spectrum =
        k == 0 ? Complex(scale * std::numbers::sqrt2 * x[0], 0.0) : Complex(scale * x[k], -scale * x[d_ - k]);
    v[at] = quarter_turns_[at] * std::conj(spectrum);
  }
  fourier(v);
  for (Index n = 0; n < d_; ++n)
    out[n] =
        v[static_cast<std::size_t>(n % 2 == 0 ? n / 2 : d_ - 1 - n / 2)].real() / static_cast<double>(d_);
}

}  // namespace optex
