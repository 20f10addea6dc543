#pragma once

#include "optex/evaluation/evaluator.hpp"

#include <span>
#include <string>
#include <vector>

namespace optex {

/// Evaluates an objective near a point, so many points a round that memory holds them.
class Prober {
 public:
  struct Move {
    const Vector* direction = nullptr;  ///< d; null: stay
    double length = 0.0;
  };

  Prober(Evaluator& evaluator, const SampleKey& sample, ConstVectorRef theta)
      : evaluator_(evaluator), sample_(sample), theta_(theta) {}

  /// Throws EvaluationError when it fails, NumericalError when it is not finite.
  Evaluation at_theta();

  /// F at each of the places; NaN where it has no value. Cost: one gradient each.
  std::vector<double> values(std::span<const Move> moves);

  /// (F(theta + h v) - F(theta - h v)) / 2h.
  double difference(const Vector& v, double h);

  Index gradients() const { return gradients_; }
  /// Why the last point without a value had none.
  const std::string& last_failure() const { return last_failure_; }

 private:
  std::vector<Evaluation> evaluate(std::span<const Move> moves);

  Evaluator& evaluator_;
  SampleKey sample_;
  Vector theta_;
  Index gradients_ = 0;
  std::string last_failure_;
};

}  // namespace optex
