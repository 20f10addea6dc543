#include "optex/methods/replay.hpp"

#include "optex/core/reductions.hpp"
#include "optex/methods/span_walk.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

namespace optex {

namespace {

/// sqrt(max(0, |mu - g|^2 - E)) / |g|
double relative_error(double squared_error, double noise_energy, const Vector& truth) {
  return std::sqrt(std::max(0.0, squared_error - noise_energy)) / (norm(truth) + 1e-300);
}

/// The same with a = -mean and b = -truth, as far as the box lets one go along them from theta.
double error_of_free(const Bounds& bounds, ConstVectorRef theta, Vector mean, Vector truth,
                     double noise_energy) {
  mean = -mean;
  truth = -truth;
  const double whole = squared_norm(truth);
  bounds.hold(theta, mean);
  bounds.hold(theta, truth);
  const double share = whole > 0.0 ? squared_norm(truth) / whole : 1.0;  // of the noise
  return relative_error(squared_distance(mean, truth), share * noise_energy, truth);
}

/// Whether the walk may go past an evaluated depth, whose prediction is off by so much.
bool passes(double squared_error, std::size_t number, const Posterior& posterior, const ReplayInput& input,
            ReplayResult& result) {
  const double error = relative_error(squared_error, posterior.noise_energy(), input.truth[number].gradient);
  if (!(error <= input.tolerance)) return false;
  result.worst_error = std::max(result.worst_error, error);
  return true;
}

/// Goes up to `end` steps, as far as the evaluated depths allow; returns how many.
template <class Walk, class Step>
Index follow_checked(const Walk& walk, const Posterior& posterior, const ReplayInput& input, Index end,
                     ReplayResult& result, Step step) {
  const Index first_entry = posterior.history().size() - input.chain_entries;
  std::size_t next = 1;  // the next evaluated depth
  for (Index depth = 0; depth < end; ++depth) {
    if (next < input.depths.size() && depth == input.depths[next]) {
      const double squared_error = walk.squared_error_at(first_entry + static_cast<Index>(next));
      if (!passes(squared_error, next, posterior, input, result)) return depth;
      ++next;
    }
    step(depth);
  }
  return end;
}

void replay_in_span(VectorRef theta, OptimizerState& state, const Posterior& posterior,
                    const Optimizer& optimizer, const ReplayInput& input, Index end, ReplayResult& result) {
  const Index first_entry = posterior.history().size() - input.chain_entries;
  SpanWalk walk(posterior, optimizer, theta, state);
  result.accepted = follow_checked(walk, posterior, input, end, result, [&](Index depth) {
    if (depth == 0)
      walk.advance_along(first_entry);
    else
      walk.advance();
  });
  result.complete = result.accepted >= end;
  Vector point, velocity;
  std::vector<SpanWalk::Wanted> wanted{{walk.offset(), true, &point}};
  if (optimizer.moment_count() > 0) wanted.push_back({walk.velocity(), false, &velocity});
  walk.realise(wanted);
  theta = point;
  state.step = walk.step_count();
  if (optimizer.moment_count() > 0) state.moments.col(0) = velocity;
}

}  // namespace

ReplayResult replay(VectorRef theta, OptimizerState& state, const GradientModel* model,
                    const Optimizer& optimizer, const ReplayInput& input) {
  const std::vector<Index>& depths = input.depths;
  std::size_t admissible = 1;
  while (admissible < depths.size() && input.usable[admissible] &&
         input.truth[admissible].value <= input.ceiling)
    ++admissible;

  ReplayResult result;
  result.whole = admissible == depths.size();
  const Index last_spacing = depths.size() > 1 ? depths.back() - depths[depths.size() - 2] : 1;
  Index end = result.whole ? depths.back() + last_spacing : depths[admissible];
  if (model == nullptr) end = 1;

  const BlockMove move = [&](Index first, VectorRef part, VectorRef gradient) {
    optimizer.update(state.step, first, part, gradient, state.moments);
  };
  const Vector& first_gradient = input.truth[0].gradient;
  if (end == 1) {
    optimizer.step(theta, first_gradient, state);
    result.accepted = 1;
    result.complete = true;
    return result;
  }
  const Posterior* const posterior = model->posterior();
  if (posterior != nullptr && input.chain_entries >= static_cast<Index>(admissible) &&
      SpanWalk::is_possible(optimizer) && SpanWalk::pays(end, 2)) {
    replay_in_span(theta, state, *posterior, optimizer, input, end, result);
    return result;
  }
  const std::unique_ptr<ModelWalk> walk = model->walk(theta, {});
  Vector mean = first_gradient;
  std::size_t next = 1;  // the next evaluated depth
  for (Index depth = 0; depth < end; ++depth) {
    const bool predicted = depth > 0 && (depth + 1 == end || (next < depths.size() && depth == depths[next]));
    if (predicted) walk->predict(mean);
    if (next < depths.size() && depth == depths[next]) {
      const Vector& truth = input.truth[next].gradient;
      const double error = input.bounds.none()
                               ? relative_error(squared_distance(mean, truth), model->noise_energy(), truth)
                               : error_of_free(input.bounds, theta, mean, truth, model->noise_energy());
      if (!(error <= input.tolerance)) break;
      result.worst_error = std::max(result.worst_error, error);
      ++next;
    }
    ++state.step;
    if (depth + 1 == end)
      optimizer.update(state.step, 0, theta, mean, state.moments);  // nobody asks about the place it ends at
    else if (depth == 0 || predicted)
      walk->advance_along(mean, move);
    else
      walk->advance(move, {}, false);
    ++result.accepted;
  }
  result.complete = result.accepted >= end;
  return result;
}

Index next_reach(Index reach, const ReachRule& rule, const ReplayResult& result) {
  if (result.whole && result.complete) {
    const bool accurate = result.worst_error < 0.3 * rule.tolerance;
    return accurate ? std::min(2 * reach, std::max(rule.largest, rule.points - 1)) : reach;
  }
  return std::max(rule.points - 1, std::min(reach, 2 * result.accepted));
}

}  // namespace optex
