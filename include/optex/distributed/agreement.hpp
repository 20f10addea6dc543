#pragma once

#include "optex/core/errors.hpp"
#include "optex/distributed/communicator.hpp"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Leaving together: what goes wrong on one rank ends all of them with the same words and the same exit code,
/// and nobody is left waiting. Every function here is called by all ranks together.
namespace optex {

/// What went wrong on this rank.
struct Failure {
  ExitCode code = ExitCode::internal;
  std::string text;
};

/// Thrown on every rank alike: everybody knows, everybody leaves, the session may end in good order.
struct AgreedError : Error {
  using Error::Error;
};

/// Returns when no rank failed. Otherwise throws on every rank the failure of the lowest rank that failed,
/// with its rank and host unless all ranks failed with the same words.
void agree(Communicator& communicator, const std::optional<Failure>& failure);

/// Runs a step that can fail on some ranks only (reading data, say), then agrees on how it went.
void run_agreed(Communicator& communicator, const std::function<void()>& step);

/// Names and values of what must be equal on all ranks.
using Facts = std::vector<std::pair<std::string, std::string>>;

/// Throws on every rank (exit code `launch`) unless each rank has the facts of rank 0, naming the lowest rank
/// that differs and the first fact in which it does.
void check_same(Communicator& communicator, const Facts& facts);

}  // namespace optex
