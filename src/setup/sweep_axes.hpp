#pragma once

#include "optex/setup/schema.hpp"
#include "optex/setup/value.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include "given.hpp"
#include "toml_node.hpp"

namespace optex {

inline constexpr std::int64_t most_sweep_runs = 10'000;

struct SweptValue {
  Value value;
  Origin origin;
};

/// A key of [sweep], or an option of a key that is a table, with its values.
struct SweptAxis {
  const Key* key = nullptr;
  Origin origin;
  std::vector<SweptValue> values;
  bool counts_seeds = false;  ///< `seeds = K`: values are offsets from run.seed
  std::string option = {};  ///< of a table of options the one that is swept: values are tables with it alone

  std::string name() const { return option.empty() ? key->full_name() : key->full_name() + "." + option; }
  bool is_swept_by(const Given& given) const {
    if (given.key != key) return false;
    const auto* const table = given.value ? std::get_if<OptionTable>(&*given.value) : nullptr;
    return option.empty() || table == nullptr || table->contains(option);
  }
};

struct SweptAxes {
  std::vector<SweptAxis> axes;  ///< in the order of the file
  std::vector<Mistake> mistakes;
};

/// The table [sweep] of a file. Throws UsageError when there is none.
SweptAxes read_axes(const toml::table& root, const std::string& file);

/// A value as tables and folder names have it.
std::string swept_text(const Value& value);

}  // namespace optex
