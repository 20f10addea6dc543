#pragma once

#include "optex/checkpoint/checkpoint.hpp"

namespace optex {

/// As visit_fields of state_fields.hpp, for what stays the same during a run.
template <typename Run, typename Visitor>
void visit_run_fields(Run& run, Visitor& visit) {
  auto& [config, config_hash, optimizer, seed, random_scheme, data_source, data_hash, data_shards,
         data_samples, coordinate_files] = run;
  visit("/config", config);
  static_cast<void>(config_hash);  // an attribute of the root
  visit("/optimizer/name", optimizer);
  visit("/rng/scheme", random_scheme);
  visit("/rng/seed", seed);
  visit("/data/source", data_source);
  visit("/data/hash", data_hash);
  visit("/data/shards", data_shards);
  visit("/data/samples", data_samples);
  visit("/files/hashes", coordinate_files);
}

}  // namespace optex
