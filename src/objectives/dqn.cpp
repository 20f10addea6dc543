#include "optex/objectives/dqn.hpp"

#include "optex/core/product_blocking.hpp"
#include "optex/core/random.hpp"
#include "optex/core/reductions.hpp"

#include <algorithm>
#include <cmath>

#include "check_arguments.hpp"
#include "dense_network.hpp"
#include "sample_blocks.hpp"

namespace optex {
namespace {

// The state: so many numbers, then the target network, then the buffer, one transition a row: observation,
// action, reward, what comes after it, next observation; at its end, if random actions are repeated, the
// steps for which one is still to be repeated, and the action.
enum StatePlace : Index {
  next_row,       // of the buffer that is overwritten next
  episode_steps,  // of the episode that is under way
  all_steps,      // that the agent has ever made
  rounds,
  environment_at,  // four numbers
  state_head = environment_at + 4,
};

// What comes after a transition.
constexpr double nothing = 0.0, the_next_row = 1.0, cut_off = 2.0;

constexpr Index transitions_a_block = 256;
// Random numbers of one step of the agent.
enum StepDraw : std::uint64_t { explores, random_action, new_start, draws_a_step = new_start + 4 };

Index whole(double number) { return static_cast<Index>(number); }

const DqnOptions& checked_dqn(const DqnOptions& options) {
  const auto at_least = [](const char* key, Index value, Index least) {
    if (value < least) throw UsageError(fmt::format("{} = {}: must be at least {}", key, value, least));
  };
  at_least("problem.buffer", options.buffer, 2);
  at_least("problem.steps_per_round", options.steps_per_round, 1);
  at_least("problem.target_every", options.target_every, 1);
  at_least("problem.exploration_steps", options.exploration_steps, 1);
  at_least("problem.episodes", options.episodes, 1);
  at_least("problem.longest_repeat", options.longest_repeat, 1);
  at_least("problem.returns", options.returns, 1);
  if (!(options.reward_scale > 0.0 && std::isfinite(options.reward_scale)))
    throw UsageError(fmt::format("problem.reward_scale = {}: must be positive", options.reward_scale));
  at_least("data.batch", options.batch, 1);
  if (options.batch > options.buffer)
    throw UsageError(
        fmt::format("data.batch = {} exceeds problem.buffer = {}", options.batch, options.buffer));
  if (options.shards > options.buffer)
    throw UsageError(fmt::format("data.shards = {} exceeds problem.buffer = {}: some shards would be empty",
                                 options.shards, options.buffer));
  if (!(options.discount >= 0.0 && options.discount <= 1.0))
    throw UsageError(fmt::format("problem.discount = {}: must be in [0, 1]", options.discount));
  if (!(options.exploration >= 0.0 && options.exploration <= 1.0))
    throw UsageError(fmt::format("problem.exploration = {}: must be in [0, 1]", options.exploration));
  return options;
}

Index padded_columns(Index count) {
  return (count + sample_block_multiple - 1) / sample_block_multiple * sample_block_multiple;
}

Index largest_of(const Matrix& values, Index column) {
  Index best = 0;
  for (Index a = 1; a < values.rows(); ++a)
    if (values(a, column) > values(best, column)) best = a;
  return best;
}

/// Loss of an error, and its derivative in its place.
double huber(double& error) {
  const double size = std::abs(error);
  if (size <= 1.0) return 0.5 * error * error;
  error = error > 0.0 ? 1.0 : -1.0;
  return size - 0.5;
}

}  // namespace

Dqn::Dqn(const DqnOptions& options)
    : options_(checked_dqn(options)),
      environment_(make_environment(options.environment)),
      sampler_(options.buffer, options.shards, options.batch),
      network_(std::make_unique<const DenseNetwork>(environment_->observations(), options.hidden,
                                                    environment_->actions(), options.activation)) {
  fix_product_blocking();
  double chances = 0.0;
  for (Index k = 1; k <= options.longest_repeat && options.longest_repeat > 1; ++k)
    repeat_chances_.push_back(chances += 1.0 / (static_cast<double>(k) * static_cast<double>(k)));
  for (double& chance : repeat_chances_) chance /= chances;
  start_ = Vector::Zero(buffer_at() + options.buffer * row_length() + (repeat_chances_.empty() ? 0 : 2));
  start_.segment(state_head, dimension()) = initial_point();
  const CounterRandom random(SampleKey{.seed = options.seed}, Stream::experience);
  Environment::State uniform{};
  for (std::size_t i = 0; i < 4; ++i) uniform[i] = random.uniform(i);
  const Environment::State first = environment_->start(uniform);
  for (std::size_t i = 0; i < 4; ++i) start_[environment_at + static_cast<Index>(i)] = first[i];
  for (Index row = 0; row < options.buffer; ++row) remember_step(start_, nullptr);
  state_ = start_;
}

Dqn::~Dqn() = default;

Index Dqn::dimension() const { return network_->dimension(); }

Vector Dqn::initial_point() const { return network_->initial_point(options_.seed); }

Index Dqn::buffer_at() const { return state_head + dimension(); }

Matrix Dqn::values(ConstVectorRef theta, const Matrix& observations) const {
  const Index count = observations.cols(), width = environment_->observations();
  Matrix inputs = Matrix::Zero(width + 1, padded_columns(count));
  inputs.topLeftCorner(width, count) = observations;
  inputs.row(width).head(count).setOnes();
  Matrix outputs;
  DenseNetwork::Pass(*network_, theta).forward(inputs, outputs);
  return outputs;
}

double Dqn::exploration_after(Index steps) const {
  const double passed = static_cast<double>(steps - options_.buffer);  // the first ones were all random
  const double share = std::clamp(passed / static_cast<double>(options_.exploration_steps), 0.0, 1.0);
  return 1.0 + share * (options_.exploration - 1.0);
}

Index Dqn::repeats(Index step) const {
  const double u = CounterRandom(SampleKey{.seed = options_.seed, .iteration = 1}, Stream::experience)
                       .uniform(static_cast<std::uint64_t>(step));
  const auto found = std::lower_bound(repeat_chances_.begin(), repeat_chances_.end() - 1, u);
  return 1 + (found - repeat_chances_.begin());
}

void Dqn::remember_step(Vector& state, const Vector* theta) const {
  const Index width = environment_->observations();
  const Index step = whole(state[all_steps]);
  const CounterRandom random(SampleKey{.seed = options_.seed}, Stream::experience);
  // The first four numbers belong to the very first start.
  const auto draw = [&](std::uint64_t which) {
    return 4 + static_cast<std::uint64_t>(step) * draws_a_step + which;
  };

  Environment::State now{};
  for (std::size_t i = 0; i < 4; ++i) now[i] = state[environment_at + static_cast<Index>(i)];
  const Index row = buffer_at() + whole(state[next_row]) * row_length();
  environment_->observe(now, state.data() + row);
  const bool repeating = !repeat_chances_.empty();
  double* const repeated = state.data() + state.size() - 2;  // steps and action, when actions are repeated
  Index action = 0;
  if (repeating && repeated[0] > 0.0) {
    action = whole(repeated[1]);
    repeated[0] -= 1.0;
  } else if (theta == nullptr || random.uniform(draw(explores)) < exploration_after(step)) {
    action = static_cast<Index>(
        random.below(draw(random_action), static_cast<std::uint64_t>(environment_->actions())));
    if (repeating) {
      repeated[0] = static_cast<double>(repeats(step) - 1);
      repeated[1] = static_cast<double>(action);
    }
  } else {
    action = largest_of(values(*theta, state.segment(row, width)), 0);
  }
  const Environment::Step outcome = environment_->step(now, action);
  state[row + width] = static_cast<double>(action);
  state[row + width + 1] = outcome.reward;
  state[row + width + 2] = outcome.terminal ? nothing : the_next_row;
  environment_->observe(now, state.data() + row + width + 3);

  state[next_row] = static_cast<double>((whole(state[next_row]) + 1) % options_.buffer);
  state[all_steps] += 1.0;
  state[episode_steps] += 1.0;
  if (outcome.terminal || whole(state[episode_steps]) >= environment_->time_limit()) {
    if (!outcome.terminal) state[row + width + 2] = cut_off;
    if (repeating) repeated[0] = 0.0;
    Environment::State uniform{};
    for (std::size_t i = 0; i < 4; ++i) uniform[i] = random.uniform(draw(new_start + i));
    now = environment_->start(uniform);
    state[episode_steps] = 0.0;
  }
  for (std::size_t i = 0; i < 4; ++i) state[environment_at + static_cast<Index>(i)] = now[i];
}

void Dqn::advance(ConstVectorRef theta, Vector& state) const {
  const Vector now = theta;
  for (Index step = 0; step < options_.steps_per_round; ++step) remember_step(state, &now);
  state[rounds] += 1.0;
  if (whole(state[rounds]) % options_.target_every == 0) state.segment(state_head, dimension()) = theta;
}

void Dqn::renew(ConstVectorRef state) const {
  if (state.size() != start_.size())
    throw EvaluationError(
        fmt::format("a state of {} numbers was given, dqn has {}", state.size(), start_.size()));
  state_ = state;
}

Dqn::Later Dqn::later(Index row) const {
  const Index width = environment_->observations();
  const Index newest = (whole(state_[next_row]) + options_.buffer - 1) % options_.buffer;
  Later found{0.0, row, 1.0};
  for (Index k = 0; k < options_.returns; ++k) {
    const double* const transition = state_.data() + buffer_at() + row * row_length() + width;
    found.reward += found.weight * transition[1];
    found.row = row;
    found.weight *= transition[2] == nothing ? 0.0 : options_.discount;
    if (transition[2] != the_next_row || row == newest) break;
    row = (row + 1) % options_.buffer;
  }
  found.reward *= options_.reward_scale;
  return found;
}

double Dqn::value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                               VectorRef gradient) const {
  check_arguments(*this, theta, shard, gradient);
  const Selection selection = sampler_.select(key, shard);
  const Index width = environment_->observations();
  const double* const buffer = state_.data() + buffer_at();
  DenseNetwork::Pass pass(*network_, theta);
  Vector losses(std::ssize(selection.samples));
  Matrix slope;
  for (Index first = 0; first < losses.size(); first += transitions_a_block) {
    const Index count = std::min(transitions_a_block, losses.size() - first);
    Matrix inputs = Matrix::Zero(width + 1, padded_columns(count)), next(width, count);
    const auto sample = [&](Index k) { return selection.samples[static_cast<std::size_t>(first + k)]; };
    std::vector<Later> returns;
    for (Index k = 0; k < count; ++k) {
      inputs.col(k).head(width) = Eigen::Map<const Vector>(buffer + sample(k) * row_length(), width);
      inputs(width, k) = 1.0;
      returns.push_back(later(sample(k)));
      next.col(k) = Eigen::Map<const Vector>(buffer + returns.back().row * row_length() + width + 3, width);
    }
    const Matrix target = values(state_.segment(state_head, dimension()), next);
    const Matrix chooser = options_.double_q ? values(theta, next) : target;
    pass.forward(inputs, slope);
    for (Index k = 0; k < count; ++k) {
      const Index action = whole(buffer[sample(k) * row_length() + width]);
      const Later& after = returns[static_cast<std::size_t>(k)];
      double error = slope(action, k) - (after.reward + after.weight * target(largest_of(chooser, k), k));
      losses[first + k] = huber(error);
      slope.col(k).setZero();
      slope(action, k) = error;
    }
    slope.rightCols(slope.cols() - count).setZero();
    pass.backward(inputs, slope);
  }
  pass.write_gradient(selection.weight, gradient);
  return selection.weight * sum(losses);
}

std::vector<Measure> Dqn::assess(ConstVectorRef theta) const {
  const Index count = options_.episodes, width = environment_->observations();
  const CounterRandom random(SampleKey{.seed = options_.seed}, Stream::assessment);
  std::vector<Environment::State> states(static_cast<std::size_t>(count));
  for (std::size_t e = 0; e < states.size(); ++e) {
    Environment::State uniform{};
    for (std::size_t i = 0; i < 4; ++i) uniform[i] = random.uniform(4 * e + i);
    states[e] = environment_->start(uniform);
  }
  std::vector<bool> over(states.size(), false);
  double total = 0.0;
  Matrix observations(width, count);
  // All episodes side by side: one pass through the network a time step.
  for (Index step = 0; step < environment_->time_limit(); ++step) {
    for (std::size_t e = 0; e < states.size(); ++e)
      environment_->observe(states[e], observations.col(static_cast<Index>(e)).data());
    const Matrix q = values(theta, observations);
    bool running = false;
    for (std::size_t e = 0; e < states.size(); ++e) {
      if (over[e]) continue;
      const Environment::Step outcome = environment_->step(states[e], largest_of(q, static_cast<Index>(e)));
      total += outcome.reward;
      over[e] = outcome.terminal;
      running = running || !outcome.terminal;
    }
    if (!running) break;
  }
  return {{"mean_return", total / static_cast<double>(count)},
          {"exploration", exploration_after(whole(state_[all_steps]))}};
}

}  // namespace optex
