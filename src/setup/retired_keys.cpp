#include <algorithm>
#include <iterator>

#include "given.hpp"
#include <fmt/format.h>

namespace optex {
namespace {

struct RetiredKey {
  std::string_view name;
  std::string_view harmless;  ///< the value, as TOML, that asks for what is done now; empty: any
  std::string_view why;
};

constexpr RetiredKey retired_keys[] = {
    {"estimator.coordinates", "0",
     "distances are measured in all coordinates: a part of them saved little and cost rounds"},
    {"estimator.coordinate_choice", "", "distances are measured in all coordinates"},
    {"method.balance", "", "it was a part of method.update = \"two_track\""},
};

}  // namespace

bool is_harmless_relic(std::string_view key, std::string_view value) {
  return std::any_of(std::begin(retired_keys), std::end(retired_keys), [&](const RetiredKey& retired) {
    return retired.name == key && (retired.harmless.empty() || retired.harmless == value);
  });
}

std::string why_retired(std::string_view key) {
  for (const RetiredKey& retired : retired_keys)
    if (retired.name == key) return fmt::format("'{}' is gone: {}; remove it", key, retired.why);
  return "";
}

std::string why_retired(std::string_view key, std::string_view word) {
  if (key != "method.update" || word != "two_track") return "";
  return "'two_track' is gone: \"surrogate\" needs fewer rounds, \"replay\" suits functions that are not "
         "smooth; what a run of it has found is a start for another one (problem.initial = "
         "\"DIR/results.h5:/solution/theta\")";
}

}  // namespace optex
