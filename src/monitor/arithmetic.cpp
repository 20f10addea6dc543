#include "optex/monitor/arithmetic.hpp"

#include "optex/files/reading.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "json.hpp"
#include <fmt/format.h>
#include <fmt/ranges.h>
#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

namespace optex {
namespace {

/// FNV-1a over the bits of values.
class Digest {
 public:
  template <class Real>
  void add(Real value) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof value);
    hash_ = (hash_ ^ bits) * 1099511628211U;
  }
  std::uint64_t hash() const { return hash_; }

 private:
  std::uint64_t hash_ = 14695981039346656037U;
};

/// Of the functions that problems, kernels and plug-ins are made of, at arguments where variants round
/// differently here and there. A fraction of a millisecond.
std::uint64_t digits_of_functions() {
  Digest digest;
  for (int i = 1; i <= 500; ++i) {
    const volatile double at = 0.01371 * i;  // not for the compiler to compute
    const double x = at;
    const auto single = static_cast<float>(x);
    for (const double value : {std::exp(-x), std::log(x), std::pow(x, 1.37), std::sin(x), std::cos(x),
                               std::tanh(x), std::expm1(x), std::log1p(x), std::erf(0.2 * x), std::atan(x)})
      digest.add(value);
    for (const float value : {std::exp(-single), std::log(single), std::sin(single), std::tanh(single)})
      digest.add(value);
  }
  return digest.hash();
}

std::string processor_features() {
#if defined(__x86_64__)
  std::string text = "x86-64";
  if (__builtin_cpu_supports("avx2")) text += " avx2";
  if (__builtin_cpu_supports("fma")) text += " fma";
  if (__builtin_cpu_supports("fma4")) text += " fma4";
  if (__builtin_cpu_supports("avx512f")) text += " avx512f";
  return text;
#elif defined(__aarch64__)
  return "aarch64";
#else
  return "unknown processor";
#endif
}

std::string library_version() {
#ifdef __GLIBC__
  return std::string("glibc ") + gnu_get_libc_version();
#else
  return "unknown mathematical library";
#endif
}

constexpr std::string_view advice =
    "the same digits are promised on equal ones only: let all run on the same kind of node";

}  // namespace

std::string arithmetic_here() {
  return fmt::format("{}, {}, values {:016x}", processor_features(), library_version(),
                     digits_of_functions());
}

std::optional<std::string> uneven_arithmetic(const std::vector<std::string>& of_rank,
                                             const std::vector<std::string>& host_of_rank) {
  constexpr std::size_t most_named = 8;
  std::vector<std::string> others;
  std::size_t count = 0, first = 0;
  for (std::size_t rank = 1; rank < of_rank.size(); ++rank) {
    if (of_rank[rank] == of_rank.front()) continue;
    if (count++ == 0) first = rank;
    if (count <= most_named) others.push_back(fmt::format("{} ({})", rank, host_of_rank.at(rank)));
  }
  if (count == 0) return std::nullopt;
  if (count > most_named) others.push_back(fmt::format("{} more", count - most_named));
  return fmt::format("rank{} {} may compute other last digits than rank 0 ({}): {} there, {} on rank 0; {}",
                     count == 1 ? "" : "s", fmt::join(others, ", "), host_of_rank.front(), of_rank[first],
                     of_rank.front(), advice);
}

std::optional<std::string> other_arithmetic_before(const files::Place& provenance_file,
                                                   const std::string& now) {
  const Json page = Json::parse(files::read_text_if_there(provenance_file).value_or(""), nullptr, false);
  if (!page.is_object() || !page.contains("arithmetic") || !page["arithmetic"].is_string())
    return std::nullopt;
  const auto before = page["arithmetic"].get<std::string>();
  if (before == now) return std::nullopt;
  return fmt::format("the run was computed on another kind of machine so far ({}; now {}); {}", before, now,
                     advice);
}

}  // namespace optex
