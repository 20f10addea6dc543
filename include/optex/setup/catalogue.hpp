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
/// The optimizer is null for methods that take none.
using MethodBuilder = std::unique_ptr<Method> (*)(const Config&, Evaluator&,
                                                  std::shared_ptr<const Optimizer>);

const Catalogue<ProblemBuilder>& problems();
const Catalogue<OptimizerBuilder>& optimizers();
const Catalogue<KernelBuilder>& kernels();
const Catalogue<MethodBuilder>& methods();
/// Of the method "optex".
const Catalogue<MethodBuilder>& updates();

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
