#pragma once

#include "optex/checkpoint/checkpoint_writer.hpp"
#include "optex/core/bounds.hpp"
#include "optex/core/units.hpp"
#include "optex/driver/stopping.hpp"
#include "optex/estimation/estimator.hpp"
#include "optex/estimation/hyperparameters.hpp"
#include "optex/methods/method.hpp"
#include "optex/setup/catalogue.hpp"
#include "optex/setup/config.hpp"
#include "optex/setup/data_share.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

/// From a configuration to the objects of a run. Here and in the catalogue names end; the numerics see none.
namespace optex {

/// The objective, with its noise if there is any. Reads the data; with a share, these only. Throws IoError,
/// or UsageError when the keys do not fit the data.
Problem assemble_problem(const Config& config, const DataShare* share = nullptr);

/// Null for methods that have their own way of making a step.
std::shared_ptr<const Optimizer> assemble_optimizer(const Config& config);

HyperparameterRules assemble_hyperparameters(const Config& config);

/// For methods that predict gradients only.
std::shared_ptr<const Estimator> assemble_estimator(const Config& config);

/// In what the history is stored: estimator.precision.
Precision assemble_precision(const Config& config);

/// How many threads rank 0 passes over its history with when `ranks_here` ranks share this machine:
/// parallel.threads, or an equal share of the cores that this process may use, at least 1.
int assemble_threads(const Config& config, int ranks_here);

/// The evaluator, and what knows the Hessian, must outlive the method.
std::unique_ptr<Method> assemble_method(const Config& config, Evaluator& evaluator, KnownHessian known = {});

/// `problem.lower` and `problem.upper`; none when neither is set. A file may hold infinite numbers: no limit.
/// Throws IoError when a file cannot be read, UsageError when it holds another number of coordinates or a
/// NaN, or when a lower bound is above its upper one.
Bounds assemble_bounds(const Config& config, Index dimension);

/// `problem.scale`; none when it is not set. Throws as assemble_bounds(), also when a unit is not positive.
Units assemble_units(const Config& config, Index dimension);

/// Where the run starts, length d: `problem.initial`, moved to the nearest point within the bounds; that is
/// added to `notes` as a line for people. Throws IoError when its file cannot be read, UsageError when it
/// holds another number of coordinates or a number that is not finite.
Vector assemble_start(const Config& config, const Objective& objective,
                      std::vector<std::string>* notes = nullptr);

StopRules assemble_stop_rules(const Config& config);

CheckpointSchedule assemble_checkpoint_schedule(const Config& config);

/// What a checkpoint of this run says about itself.
RunDescription describe_run(const Config& config, const Problem& problem);

/// The files' hashes for the checkpoints of a resumed run: `hashes`, and from `stored_hashes` those of files
/// that are gone.
std::string hashes_with_kept(const std::string& hashes, const std::string& stored_hashes);

/// What a checkpoint must be to be continued by this configuration. Its `differences` names the keys that
/// differ.
Expectation expect_checkpoint(const Config& config, const Problem& problem);

/// `run.output`/`run.name`.
std::filesystem::path run_folder(const Config& config);

}  // namespace optex
