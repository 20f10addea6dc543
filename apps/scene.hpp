#pragma once

#include "optex/files/folder.hpp"
#include "optex/setup/assemble.hpp"
#include "optex/setup/config.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ranks.hpp"

namespace optex::app {

/// A configuration with the text that it came from.
struct GivenConfig {
  std::string text;
  Config config;
};

/// A configuration and its problem, the same on every rank.
struct Scene {
  GivenConfig given;
  Problem problem;
  std::optional<DataShare> share;            ///< of this rank, when ranks keep their own shards only
  std::vector<std::string> arithmetic = {};  ///< of every rank, on rank 0 (monitor/arithmetic.hpp)
};

/// As the configuration wants it.
EvaluatorWishes work_sharing(const Config& config);

/// Throws UsageError where the gradients come from outside: no command that computes them can do that run.
void refuse_external(const Config& config);

/// Reads the configuration on rank 0, which all ranks take over, and makes the problem on each. All ranks
/// call it together and leave together when something is wrong.
Scene set_scene(Ranks& ranks, const std::function<GivenConfig()>& configure);

/// Other ranks than the first: work until rank 0 is done; last words go into the run's folder.
void serve_in(Ranks& ranks, const Scene& scene);

/// Last words of a rank, for whoever looks into the run's folder. They are on stderr as well: that they
/// cannot be kept is no reason to tell of something else, nor is a folder that this rank does not see.
void keep_rank_error(const std::optional<files::Folder>& folder, int rank, const std::string& text);

}  // namespace optex::app
