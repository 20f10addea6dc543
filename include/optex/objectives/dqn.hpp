#pragma once

#include "optex/data/batch_sampler.hpp"
#include "optex/objectives/environment.hpp"
#include "optex/objectives/mlp.hpp"
#include "optex/objectives/objective.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace optex {

class DenseNetwork;

struct DqnOptions {
  EnvironmentKind environment = EnvironmentKind::cartpole;
  std::vector<Index> hidden = {64, 64};  ///< width of each hidden layer
  Activation activation = Activation::relu;
  Index buffer = 5000;             ///< transitions that are remembered
  Index batch = 128;               ///< transitions in a mini-batch
  Index steps_per_round = 8;       ///< of the environment after each round
  Index target_every = 20;         ///< rounds after which the target network is renewed
  double discount = 0.99;          ///< of what comes a step later
  double exploration = 0.05;       ///< share of random actions in the end
  Index exploration_steps = 5000;  ///< of the environment, over which it falls from 1
  Index longest_repeat = 1;        ///< most steps for which a random action is repeated
  Index returns = 1;               ///< rewards that are summed before Q' is asked
  bool double_q = false;           ///< Q chooses the action that Q' judges
  double reward_scale = 1.0;       ///< what the agent learns from is so many times the reward
  Index episodes = 20;             ///< that mean_return is the mean of
  Index shards = 1;
  std::uint64_t seed = 0;
};

/// Deep Q-learning (Mnih et al., Nature 518, 2015): with Q the network theta, Q' the target network, and
/// transitions (s, a, r, s') from a replay buffer,
///   F = mean of huber(Q(s, a) - r - discount max_a' Q'(s', a')), the last term 0 where s' is terminal,
/// huber(e) = e^2/2 for |e| <= 1, |e| - 1/2 beyond. The gradient is exact for a fixed Q'.
///
/// With `double_q` the action a' is the best one by Q, judged by Q' (van Hasselt, Guez, Silver, AAAI 2016):
/// the maximum over values that err is too large. With `returns` = n, r becomes the discounted sum of the
/// next n rewards, as far as the episode goes, and s' the state after them (Sutton, Barto 2018, section 7.1;
/// without correction for what the agent would do today, as in Hessel et al., AAAI 2018): what happens at the
/// end of an episode reaches its beginning n times sooner. A random action is repeated for k steps with a
/// probability proportional to k^-2, k at most `longest_repeat` (Dabney, Ostrovski, Barreto, ICLR 2021): a
/// random walk of single steps hardly ever leaves a valley.
///
/// F moves: after each round the agent makes some steps in the environment, at random with a probability that
/// falls, else by the largest Q of the round's theta, and from time to time Q' becomes theta. Buffer, target
/// network and episode are the state that a run carries from round to round (initial_state(), advance(),
/// renew()), so that it is stored, restarted and the same on any number of ranks. Random numbers are
/// functions of the seed and the number of steps that the agent has ever made. The buffer starts full, with
/// the steps of an agent that acts at random, so that the number of transitions, hence their shards, never
/// changes.
///
/// theta as in Mlp, observations in and one output an action.
class Dqn final : public Objective {
 public:
  /// Throws UsageError when an option does not fit.
  explicit Dqn(const DqnOptions& options);
  ~Dqn() override;

  Index dimension() const override;
  Index shard_count() const override { return sampler_.shard_count(); }
  Vector initial_point() const override;
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override;
  bool is_noisy() const override { return sampler_.is_random(); }

  Vector initial_state() const override { return start_; }
  void advance(ConstVectorRef theta, Vector& state) const override;
  void renew(ConstVectorRef state) const override;

  /// mean_return, the mean undiscounted return of the agent without random actions over episodes from starts
  /// that are always the same, and exploration, the share of random actions now.
  std::vector<Measure> assess(ConstVectorRef theta) const override;

  double bytes() const { return 2.0 * 8.0 * static_cast<double>(start_.size()); }

 private:
  Index row_length() const { return 2 * environment_->observations() + 3; }
  Index buffer_at() const;  ///< of the state
  double exploration_after(Index steps) const;
  Index repeats(Index step) const;
  /// Of the next steps of an episode, from row `row` of the buffer on: the rewards' discounted sum, the row
  /// whose next observation comes after them, and the weight of Q' there.
  struct Later {
    double reward;
    Index row;
    double weight;
  };
  Later later(Index row) const;
  /// One step of the environment into the buffer; theta null: at random.
  void remember_step(Vector& state, const Vector* theta) const;
  /// Q of so many observations, one a column: actions x columns.
  Matrix values(ConstVectorRef theta, const Matrix& observations) const;

  DqnOptions options_;
  std::unique_ptr<const Environment> environment_;
  BatchSampler sampler_;
  std::unique_ptr<const DenseNetwork> network_;
  std::vector<double> repeat_chances_;  ///< that a random action is repeated for at most 1, 2, ... steps
  Vector start_;
  mutable Vector state_;  ///< what F is now made of
};

}  // namespace optex
