#pragma once

#include "optex/core/types.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace optex {

/// How many points of a round a chain beside the model gets, by what paid. It begins with two (three from N =
/// 12 on, four from N = 32), one more for each round in a row that it won, and rests while the model finds
/// the new best points; it wakes when L-BFGS finds them, when nobody does, and where gradients stay long. As
/// long as it is about to overtake it does not rest but where the model is right. Two points of fewer than
/// eight are dear: there it rests while L-BFGS finds the best points, too, and wakes later.
struct ChainShare {
  static constexpr Index least_parallelism = 4;   ///< N with a chain
  static constexpr Index enough_parallelism = 8;  ///< N that can spare its points

  std::int64_t credit = 2;  ///< rounds; 0: the chain rests
  std::int64_t wins = 0;    ///< in a row
  std::int64_t losses = 0;  ///< rounds with points since it last won
  std::int64_t still = 0;   ///< rounds since the gradient at the best point last halved
  double least_gradient = std::numeric_limits<double>::infinity();  ///< when it did

  enum class Winner { nobody, guard, model, chain };

  Index points(Index parallelism) const {
    if (parallelism < least_parallelism || credit <= 0) return 0;
    const Index base = parallelism < 12 ? 2 : parallelism < 32 ? 3 : 4;
    return std::min<Index>(base + static_cast<Index>(wins), parallelism - 2);
  }

  struct Outcome {
    Winner winner = Winner::nobody;
    bool had_points = false;      ///< the chain
    bool overtakes = false;       ///< the chain, soon
    bool model_is_right = false;  ///< twice running
    bool points_are_dear = false;
    std::int64_t idle_rounds = 0;  ///< in a row that nobody won
    double gradient_norm = 0.0;    ///< at the best point
  };

  void learn(const Outcome& round) {
    constexpr std::int64_t most = 12;
    const std::int64_t long_still = round.points_are_dear ? 20 : 10;
    const std::int64_t long_idle = round.points_are_dear ? 2 : 1;
    if (round.gradient_norm < 0.5 * least_gradient) {
      least_gradient = round.gradient_norm;
      still = 0;
    } else {
      ++still;
    }
    const bool won = round.winner == Winner::chain;
    wins = won ? wins + 1 : 0;
    if (won)
      losses = 0;
    else if (round.had_points)
      ++losses;
    if (won)
      credit += 2 * wins - 1;  // two wins may be luck, three are not
    else if (still < long_still && round.idle_rounds < long_idle &&
             (round.winner != Winner::guard || round.points_are_dear))
      credit -= 2;
    else
      ++credit;
    credit = std::clamp<std::int64_t>(credit, round.overtakes && !round.model_is_right ? 1 : 0, most);
  }

  template <class Share, class Visit>
  static void fields(Share& share, const Visit& visit) {
    auto& [credit, wins, losses, still, least_gradient] = share;
    visit("credit", credit);
    visit("wins", wins);
    visit("losses", losses);
    visit("still", still);
    visit("least_gradient", least_gradient);
  }
};

}  // namespace optex
