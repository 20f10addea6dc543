#pragma once

#include <stdexcept>
#include <string>

namespace optex {

/// How the program ends. The numbers are documented and stable: scripts rely on them.
enum class ExitCode : int {
  success = 0,            ///< a stop rule was met
  internal = 1,           ///< a defect of this program
  usage = 2,              ///< command line or configuration
  evaluation_failed = 3,  ///< the objective failed beyond what the policy forgives
  numerical = 4,          ///< the mathematics went wrong (NaN, divergence)
  checkpoint = 5,         ///< a checkpoint is unreadable or belongs to another run
  io = 6,                 ///< files, folders, disks
  stall = 7,              ///< a rank did not answer in time
  launch = 8,             ///< the launch environment is unusable
  output_exists = 9,      ///< the run's folder is already there
  requeue = 75,           ///< stopped early with a checkpoint: start me again
};

/// Every error that a user can meet: one line of text and the exit code it leads to.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

struct UsageError : Error {
  explicit UsageError(const std::string& message) : Error(ExitCode::usage, message) {}
};
struct EvaluationError : Error {
  explicit EvaluationError(const std::string& message) : Error(ExitCode::evaluation_failed, message) {}
};
/// The objective says that F has no value at this point: no fault, and trying again is no use.
struct InfeasiblePoint : EvaluationError {
  explicit InfeasiblePoint(const std::string& reason)
      : EvaluationError(reason.empty() ? "infeasible" : "infeasible: " + reason) {}
};
struct NumericalError : Error {
  explicit NumericalError(const std::string& message) : Error(ExitCode::numerical, message) {}
};
struct CheckpointError : Error {
  explicit CheckpointError(const std::string& message) : Error(ExitCode::checkpoint, message) {}
};
struct IoError : Error {
  explicit IoError(const std::string& message) : Error(ExitCode::io, message) {}
};
struct StallError : Error {
  explicit StallError(const std::string& message) : Error(ExitCode::stall, message) {}
};
struct LaunchError : Error {
  explicit LaunchError(const std::string& message) : Error(ExitCode::launch, message) {}
};
struct OutputExistsError : Error {
  explicit OutputExistsError(const std::string& message) : Error(ExitCode::output_exists, message) {}
};

}  // namespace optex
