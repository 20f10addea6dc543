// The text of a configuration file: refused with words, or understood, and then its resolved form means the
// same.
#include "optex/setup/config.hpp"

#include "optex/setup/footprint.hpp"

#include <optional>
#include <string>

#include "fuzz/fuzz_target.hpp"

using namespace optex;

OPTEX_FUZZ_TARGET(config) {
  std::optional<Config> config;
  if (!fuzz::reads_or_refuses([&] { config = parse_config(bytes, "fuzzed.toml"); }, true)) return;
  const std::string resolved = config->to_toml();
  try {
    const Config again = parse_config(resolved, "resolved.toml");
    fuzz::require(again.to_toml() == resolved, "the resolved configuration resolves to itself");
    fuzz::require(again.numbers_hash() == config->numbers_hash(), "it gives the same numbers");
  } catch (const Error& error) {
    fuzz::require(false, error.what());
  }
  fuzz::require(differing_keys(*config, *config).empty(), "it does not differ from itself");
  static_cast<void>(footprint(*config, 1000, 4, 0.0, 3));
}
