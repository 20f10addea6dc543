#pragma once

#include "optex/setup/config.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The methods that a comparison can set against each other, as variations of one configuration.
namespace optex {

/// A name for `optex compare --methods` and what stands behind it: every method and every update rule of the
/// catalogue, and some with settings of their own.
struct ContenderChoice {
  std::string name;
  std::string help;
};
std::vector<ContenderChoice> contender_choices();

/// Who is compared when nobody is named: of exact problems the plain optimizer, the ideal, OptEx and the
/// quasi-Newton methods that the catalogue has; of noisy ones data parallelism in its best forms, the
/// averaged ideal, `whitened` and `sequence`, and the configured rule if it is none of them.
std::vector<std::string> usual_contenders(const Config& config);

/// One method on the problem of a configuration.
struct ContenderConfig {
  std::string label;   ///< "optex (replay)", "vanilla"
  bool ideal = false;  ///< "target": no machine can do it
  /// F at its answer is not among the values that it evaluates.
  bool answers_elsewhere = false;
  /// It tries one point a round and answers with the best of them: "lbfgs".
  bool tries_points = false;
  bool takes_rate = true;  ///< its steps depend on optimizer.learning_rate
  Index points = 1;        ///< gradients of a round that do not wait for each other
  Config config;
};

/// `config` with the method of that name in the place of its own. When it is the configured one all its keys
/// stay; others get their defaults, and `parallelism` and `batches_per_point` as configured. Throws
/// UsageError, one line, for an unknown name and for a method that does not go with the problem or the
/// optimizer.
ContenderConfig contender(const Config& config, const std::string& name);

/// The same with another seed and, where it has one, another learning rate.
Config with_seed_and_rate(const Config& config, std::int64_t seed, std::optional<double> learning_rate);

}  // namespace optex
