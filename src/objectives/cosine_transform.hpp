#pragma once

#include "optex/core/types.hpp"

#include <complex>
#include <mutex>
#include <vector>

#include <unsupported/Eigen/FFT>

namespace optex {

/// The orthonormal discrete cosine transform of one length d (scipy.fft.dct(x, norm="ortho")) and its
/// inverse, in O(d log d) for every d: one complex Fourier transform of length d, which for lengths with a
/// large prime factor becomes a convolution of a power of two (Bluestein). May be used from several threads,
/// one at a time.
class CosineTransform {
 public:
  explicit CosineTransform(Index d);

  /// out_k = c_k sum_n x_n cos(pi k (2n+1) / 2d), c_0 = sqrt(1/d), else sqrt(2/d). out must not overlap x.
  void forward(ConstVectorRef x, VectorRef out) const;
  /// The inverse, which is the transpose.
  void inverse(ConstVectorRef x, VectorRef out) const;

  static constexpr Index largest = Index{1} << 26;  ///< Eigen's transform counts in int

 private:
  using Complex = std::complex<double>;
  using Sequence = std::vector<Complex>;

  /// Unscaled sum_n x_n exp(-2 pi i k n / d), in place.
  void fourier(Sequence& x) const;

  Index d_;
  Sequence quarter_turns_;  // exp(-i pi k / 2d)
  // Bluestein; empty when d has small factors only.
  Sequence chirp_;           // exp(-i pi n^2 / d)
  Sequence chirp_spectrum_;  // of the conjugate chirp, wrapped around
  mutable std::mutex mutex_;
  mutable Eigen::FFT<double> fft_;  // caches its twiddle factors
};

}  // namespace optex
