#pragma once

#include "optex/core/objective.hpp"
#include "optex/data/dataset.hpp"
#include "optex/evaluation/evaluator.hpp"
#include "optex/kernels/kernel.hpp"
#include "optex/methods/method.hpp"
#include "optex/optimizers/optimizer.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Which names there are and what each stands for: plain tables, in the order in which `optex list` prints
/// them.
namespace optex {

class Config;

/// What a user writes, what it is, and how it is made.
template <class Build>
struct CatalogueEntry {
  std::string name;
  std::string help;  ///< one line for `optex list`
  Build build;
};

template <class Build>
using Catalogue = std::vector<CatalogueEntry<Build>>;

/// A problem with what a run records about its data.
struct Problem {
  std::unique_ptr<const Objective> objective;
  std::optional<DataDescription> train = {}, test = {};  ///< for problems that learn from data
  double data_bytes = 0.0;  ///< memory that data take on every rank; by shard: the test data, on rank 0
  std::vector<double> shard_bytes = {};  ///< by shard: memory that each shard takes on the rank that has it
  std::string library_hash = {};         ///< of a plug-in's file: ranks must agree on it
  bool uses_mpi = false;                 ///< a plug-in that may communicate by itself
};

using ProblemBuilder = Problem (*)(const Config&);
using OptimizerBuilder = std::shared_ptr<const Optimizer> (*)(const Config&);
using KernelBuilder = std::shared_ptr<const Kernel> (*)();
/// What a method is made of beside its keys.
struct MethodParts {
  std::shared_ptr<const Optimizer> optimizer = nullptr;  ///< null for methods that take none
  KnownHessian known_hessian = {};                       ///< unset: nothing is known
};
using MethodBuilder = std::unique_ptr<Method> (*)(const Config&, Evaluator&, const MethodParts&);

/// What a method keeps in rows of the dimension beside points, predictions and gradients of a round.
struct KeptRows {
  Index pairs = 0;       ///< what the run calls its history, where the rule has one of its own
  double history = 0.0;  ///< rows in it
  double state = 0.0;    ///< others, from round to round
  double round = 0.0;    ///< while a round is planned
  double known = 0.0;    ///< then, too, where the objective says a part of its Hessian
};

/// What the rest of setup/ asks a method or an update rule, in place of its name.
struct MethodTraits {
  enum class Points { one, several, several_if_noisy };  ///< without noise gradients at a point are alike

  Points points = Points::several;   ///< of a round, that do not wait for each other
  bool takes_parallelism = true;     ///< method.parallelism and method.batches_per_point
  bool exact_only = false;           ///< needs exact gradients
  bool has_rate = true;              ///< optimizer.learning_rate
  bool has_optimizer = true;         ///< any optimizer, with all its keys
  bool averages_batches = false;     ///< mini-batches of a point become one gradient before it sees them
  bool keeps_history = false;        ///< a GradientHistory
  bool keeps_states = false;         ///< the optimizer's, at every point of a chain
  bool takes_late = false;           ///< gradients that come after their round
  bool schedule_free = false;        ///< has Adam's keys, and answers with a mean of its iterates
  bool tries_points = false;         ///< one a round, and answers with the best of them
  bool needs_whole_vectors = false;  ///< where there are bounds, or a known Hessian: no slices
  KeptRows (*rows)(const Config&, Index points, Index dimension) = nullptr;  ///< null: none
};

template <>
struct CatalogueEntry<MethodBuilder> {
  std::string name;
  std::string help;
  MethodBuilder build;
  MethodTraits traits;
};

const Catalogue<ProblemBuilder>& problems();
const Catalogue<OptimizerBuilder>& optimizers();
const Catalogue<KernelBuilder>& kernels();
const Catalogue<MethodBuilder>& methods();
/// Of the method "optex".
const Catalogue<MethodBuilder>& updates();
/// Of an update rule, or of the method that stands for it ("whitened"). Throws UsageError.
const CatalogueEntry<MethodBuilder>& method_entry(const std::string& name);

template <class Build>
std::vector<std::string> names_of(const Catalogue<Build>& catalogue) {
  std::vector<std::string> names;
  for (const auto& entry : catalogue) names.push_back(entry.name);
  return names;
}

/// Throws UsageError: "unknown kernel 'mattern52'; did you mean 'matern52'?".
[[noreturn]] void refuse_name(const std::string& name, const std::string& what,
                              const std::vector<std::string>& names);

/// What `name` stands for. Throws UsageError as refuse_name().
template <class Build>
const Build& find_entry(const Catalogue<Build>& catalogue, const std::string& name, const std::string& what) {
  for (const auto& entry : catalogue) {
    if (entry.name == name) return entry.build;
  }
  refuse_name(name, what, names_of(catalogue));
}

}  // namespace optex
