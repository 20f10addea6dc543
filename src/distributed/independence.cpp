#include "optex/distributed/independence.hpp"

#include "optex/core/errors.hpp"
#include "optex/distributed/agreement.hpp"

#include <cmath>
#include <exception>
#include <limits>
#include <string>

namespace optex {
namespace {

/// NaN when there is none.
double answer_at(const Objective& objective, ConstVectorRef theta) {
  Vector gradient(theta.size());
  try {
    return objective.value_and_gradient(theta, SampleKey::exact(), 0, gradient);
  } catch (const std::exception&) {
    return std::numeric_limits<double>::quiet_NaN();
  }
}

}  // namespace

void check_independent(Communicator& communicator, const Objective& objective, ConstVectorRef theta) {
  if (communicator.size() < 2) return;
  const bool even = communicator.rank() % 2 == 0;
  // Another one on each rank, so near that hardly a domain ends between them.
  const double step = 1e-3 * (1.0 + communicator.rank());
  const Vector elsewhere = theta.array() + step * (theta.array().abs() + 1e-3);
  double mine = 0.0;  // at theta, all ranks there
  double while_others_are_elsewhere = 0.0;
  double again = 0.0;  // as `mine`
  // The ranks wait for each other between the steps, so that hidden messages meet.
  run_agreed(communicator, [&] { mine = answer_at(objective, theta); });
  for (const bool my_turn : {even, !even})
    run_agreed(communicator, [&] {
      const double found = answer_at(objective, my_turn ? theta : ConstVectorRef(elsewhere));
      if (my_turn) while_others_are_elsewhere = found;
    });
  run_agreed(communicator, [&] { again = answer_at(objective, theta); });
  run_agreed(communicator, [&] {
    const bool repeats = mine == again;
    if (repeats && while_others_are_elsewhere != mine)
      throw UsageError(
          "the objective's value depends on the points that other ranks evaluate at the same time: it seems "
          "to communicate over MPI_COMM_WORLD, to which all workers belong; let it use MPI_COMM_SELF, or, "
          "with parallel.ranks_per_worker, the communicator that it is given (settings->communicator)");
  });
}

}  // namespace optex
