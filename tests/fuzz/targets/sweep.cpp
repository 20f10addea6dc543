// A configuration with a table [sweep].
#include "optex/setup/sweep.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "fuzz/fuzz_target.hpp"

using namespace optex;

OPTEX_FUZZ_TARGET(sweep) {
  // A hundred thousand runs are allowed and take minutes: `seeds = 99999` would only slow the search down.
  int digits = 0;
  for (const char c : bytes.substr(0, 4096)) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits > 2 || c == '_') return;
  }
  if (bytes.size() > 1000 || std::count(bytes.begin(), bytes.end(), ',') > 40) return;
  fuzz::reads_or_refuses(
      [&] {
        const Sweep sweep = parse_sweep(bytes, "fuzzed.toml");
        std::set<std::string> names;
        for (const SweepRun& run : sweep.runs) {
          names.insert(run.name());
          fuzz::require(run.name().find('/') == std::string::npos, "a run's name is no path");
        }
        fuzz::require(names.size() == sweep.runs.size(), "every run has a folder of its own");
      },
      true);
}
