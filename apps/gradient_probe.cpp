#include "gradient_probe.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/random.hpp"
#include "optex/core/reductions.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/evaluation/serial_evaluator.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace optex::app {
namespace {

constexpr double good_enough = 1e-7;

Evaluation exact(Evaluator& evaluator, ConstVectorRef theta) {
  evaluator.begin(1);
  evaluator.submit(SampleKey::exact(), theta);
  Evaluation evaluation = std::move(evaluator.collect().front());
  if (evaluation.failed()) throw EvaluationError(evaluation.failure);
  if (!is_usable(evaluation)) {
    throw NumericalError(fmt::format("value or gradient is not finite (value {})", evaluation.value));
  }
  return evaluation;
}

Vector direction(const Vector& gradient, double gradient_norm) {
  const CounterRandom random(SampleKey{}, Stream::direction);
  Vector v(gradient.size());
  for (Index i = 0; i < v.size(); ++i) v[i] = random.normal(static_cast<std::uint64_t>(i));
  v /= norm(v);
  if (gradient_norm > 0.0) v += gradient / gradient_norm;
  return v / norm(v);
}

}  // namespace

GradientProbe probe_gradient(const Objective& objective, ConstVectorRef theta) {
  SerialEvaluator evaluator(objective);
  GradientProbe probe;
  const Stopwatch watch;
  const Evaluation here = exact(evaluator, theta);
  probe.seconds = watch.seconds();
  probe.gradients = 1;
  probe.value = here.value;
  probe.norm = norm(here.gradient);
  const Vector v = direction(here.gradient, probe.norm);
  probe.directional = dot(here.gradient, v);
  probe.error = std::numeric_limits<double>::infinity();
  const double scale = 1.0 + norm(theta);
  for (const double relative : {1e-4, 1e-5, 1e-6, 1e-3}) {
    const double h = relative * scale;
    const double difference =
        (exact(evaluator, theta + h * v).value - exact(evaluator, theta - h * v).value) / (2.0 * h);
    probe.gradients += 2;
    const double larger = std::max(std::abs(difference), std::abs(probe.directional));
    const double error = larger > 0.0 ? std::abs(difference - probe.directional) / larger : 0.0;
    if (error >= probe.error) continue;
    probe.error = error;
    probe.difference = difference;
    probe.step = h;
    if (error < good_enough) break;
  }
  return probe;
}

}  // namespace optex::app
