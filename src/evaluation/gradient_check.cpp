#include "optex/evaluation/gradient_check.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/random.hpp"
#include "optex/core/reductions.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

namespace optex {
namespace {

constexpr std::array relative_steps{1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8};
constexpr Index all_coordinates_up_to = 64;
constexpr Index pieces = 4;
constexpr double clearly_wrong = 1e-3;                     // relative, of one coordinate
constexpr Index most_numbers_in_a_round = Index{1} << 27;  // 1 GiB of theta under way

/// Coordinates [begin, end).
struct Group {
  Index begin, end;
  double discrepancy = 0.0;  ///< of the sum of their derivatives with random signs
};

class Prober {
 public:
  Prober(Evaluator& evaluator, const SampleKey& sample, ConstVectorRef theta, GradientFindings& findings)
      : evaluator_(evaluator),
        sample_(sample),
        theta_(theta),
        findings_(findings),
        size_of_coordinates_(1.0 + norm(theta) / std::sqrt(static_cast<double>(theta.size()))) {}

  Evaluation at_theta() { return std::move(evaluate(std::span(&nowhere_, 1)).front()); }

  /// A step that moves `coordinates` coordinates by `relative` of their size each.
  double step(double relative, Index coordinates) const {
    return relative * size_of_coordinates_ * std::sqrt(static_cast<double>(coordinates));
  }

  /// Central differences along v for all steps; v has length d.
  std::vector<double> differences(const Vector& v, std::span<const double> steps) {
    std::vector<Move> moves;
    for (const double h : steps)
      for (const double sign : {1.0, -1.0}) moves.push_back({&v, sign * h});
    const std::vector<Evaluation> answers = evaluate(moves);
    std::vector<double> quotients;
    for (std::size_t i = 0; i < steps.size(); ++i)
      quotients.push_back((answers[2 * i].value - answers[2 * i + 1].value) / (2.0 * steps[i]));
    return quotients;
  }

  /// (F(theta + h v) - F(theta - h v)) / 2h for v = random signs on a group, sum of squares 1.
  double group_difference(const Group& group, const Vector& signs, double h) {
    Vector v = Vector::Zero(theta_.size());
    const Index count = group.end - group.begin;
    v.segment(group.begin, count) = signs.segment(group.begin, count) / std::sqrt(static_cast<double>(count));
    return differences(v, std::span(&h, 1)).front();
  }

 private:
  struct Move {
    const Vector* direction = nullptr;
    double length = 0.0;
  };

  std::vector<Evaluation> evaluate(std::span<const Move> moves) {
    const auto at_once = std::max<Index>(2, most_numbers_in_a_round / theta_.size());
    std::vector<Evaluation> answers;
    while (!moves.empty()) {
      const auto count = std::min(static_cast<std::size_t>(at_once), moves.size());
      evaluator_.begin(static_cast<Index>(count));
      for (const Move& move : moves.first(count)) {
        if (move.direction == nullptr)
          evaluator_.submit(sample_, theta_);
        else
          evaluator_.submit(sample_, theta_ + move.length * *move.direction);
      }
      for (Evaluation& answer : evaluator_.collect()) {
        if (answer.failed()) throw EvaluationError(answer.failure);
        if (!is_usable(answer))
          throw NumericalError("value or gradient is not finite (value " + std::to_string(answer.value) +
                               ")");
        if (moves.front().direction != nullptr) answer.gradient.resize(0);
        answers.push_back(std::move(answer));
      }
      findings_.gradients += static_cast<Index>(count);
      moves = moves.subspan(count);
    }
    return answers;
  }

  Evaluator& evaluator_;
  SampleKey sample_;
  ConstVectorRef theta_;
  GradientFindings& findings_;
  double size_of_coordinates_;
  Move nowhere_;
};

Vector random_unit(Index dimension, std::uint64_t seed, Index number) {
  SampleKey key;
  key.seed = seed;
  key.iteration = number;
  const CounterRandom random(key, Stream::direction);
  Vector v(dimension);
  for (Index i = 0; i < dimension; ++i) v[i] = random.normal(static_cast<std::uint64_t>(i));
  return v / norm(v);
}

Vector random_signs(Index dimension, std::uint64_t seed) {
  SampleKey key;
  key.seed = seed;
  key.iteration = -1;
  const CounterRandom random(key, Stream::direction);
  Vector signs(dimension);
  for (Index i = 0; i < dimension; ++i)
    signs[i] = (random.bits(static_cast<std::uint64_t>(i)) & 1U) != 0 ? 1.0 : -1.0;
  return signs;
}

/// The step where round-off and the change since the step before are least.
void choose_step(DirectionFinding& finding, std::span<const double> steps, double value_error) {
  finding.uncertainty = std::numeric_limits<double>::infinity();
  for (std::size_t i = 1; i < steps.size(); ++i) {
    const double change = std::abs(finding.differences[i] - finding.differences[i - 1]);
    const double uncertainty = change + value_error / steps[i];
    if (uncertainty >= finding.uncertainty) continue;
    finding.uncertainty = uncertainty;
    finding.chosen = i;
  }
}

/// v has length d; `typical` is the size of v'grad F for a random v, `value_error` that of F's round-off.
DirectionFinding examine(Prober& prober, const Vector& v, const Vector& gradient, double typical,
                         std::span<const double> steps, double value_error) {
  DirectionFinding finding;
  finding.directional = dot(gradient, v);
  finding.differences = prober.differences(v, steps);
  choose_step(finding, steps, value_error);
  const double scale = std::max({std::abs(finding.directional), std::abs(finding.difference()), typical});
  finding.error = scale > 0.0 ? std::abs(finding.difference() - finding.directional) / scale : 0.0;
  finding.uncertainty = scale > 0.0 ? finding.uncertainty / scale : 0.0;
  return finding;
}

/// Cuts the groups with the largest discrepancy in pieces until they are single coordinates.
std::vector<CoordinateFinding> find_worst(Prober& prober, const Vector& gradient, double relative_step,
                                          const GradientCheckOptions& options) {
  const Index d = gradient.size();
  const Vector signs = random_signs(d, options.seed);
  const auto named = static_cast<std::size_t>(options.named);
  const auto measure = [&](Group group) {
    const Index count = group.end - group.begin;
    const double root = std::sqrt(static_cast<double>(count));
    const double expected =
        dot(gradient.segment(group.begin, count), signs.segment(group.begin, count)) / root;
    const double found = prober.group_difference(group, signs, prober.step(relative_step, count));
    group.discrepancy = std::abs(found - expected) * root;
    return group;
  };
  const auto by_discrepancy = [](const Group& a, const Group& b) { return a.discrepancy > b.discrepancy; };

  std::vector<Group> groups{{0, d}};
  const Index cut = d <= all_coordinates_up_to ? d : pieces;
  while (std::any_of(groups.begin(), groups.end(), [](const Group& g) { return g.end - g.begin > 1; })) {
    std::vector<Group> smaller;
    for (const Group& group : groups) {
      const Index count = group.end - group.begin;
      if (count == 1) {
        smaller.push_back(group);
        continue;
      }
      const Index parts = std::min(cut, count);
      for (Index part = 0; part < parts; ++part)
        smaller.push_back(
            measure({group.begin + part * count / parts, group.begin + (part + 1) * count / parts}));
    }
    std::stable_sort(smaller.begin(), smaller.end(), by_discrepancy);
    if (smaller.size() > named) smaller.resize(named);
    groups = std::move(smaller);
  }
  std::vector<CoordinateFinding> worst;
  for (const Group& group : groups) {
    const double h = prober.step(relative_step, 1);
    const double along = prober.group_difference(group, signs, h);
    const CoordinateFinding found{group.begin, gradient[group.begin], along * signs[group.begin]};
    const double size = std::max(std::abs(found.gradient), std::abs(found.difference));
    // The search fills its list up with coordinates that are right.
    if (worst.empty() || std::abs(found.gradient - found.difference) > clearly_wrong * size)
      worst.push_back(found);
  }
  return worst;
}

}  // namespace

bool GradientFindings::right() const {
  return std::none_of(directions.begin(), directions.end(), [this](const auto& d) { return is_wrong(d); });
}

double GradientFindings::worst_error() const {
  double worst_of_all = 0.0;
  for (const DirectionFinding& direction : directions) worst_of_all = std::max(worst_of_all, direction.error);
  return worst_of_all;
}

double GradientFindings::roughness() const {
  double largest = 0.0;
  for (const DirectionFinding& direction : directions) largest = std::max(largest, direction.uncertainty);
  return largest;
}

double GradientFindings::common_factor() const {
  constexpr double same = 1e-3;
  if (right() || directions.size() < 2 || directions.front().difference() == 0.0) return 0.0;
  const double factor = directions.front().directional / directions.front().difference();
  for (const DirectionFinding& direction : directions)
    if (std::abs(direction.directional - factor * direction.difference()) >
        same * std::abs(direction.directional) +
            2.0 * direction.uncertainty * std::abs(direction.difference()))
      return 0.0;
  return factor;
}

GradientFindings check_gradient(Evaluator& evaluator, ConstVectorRef theta,
                                const GradientCheckOptions& options) {
  GradientFindings findings;
  findings.tolerance = options.tolerance;
  Prober prober(evaluator, options.sample, theta, findings);
  const Evaluation here = prober.at_theta();
  findings.value = here.value;
  findings.norm = norm(here.gradient);
  for (const double relative : relative_steps) findings.steps.push_back(prober.step(relative, theta.size()));

  const double typical = findings.norm / std::sqrt(static_cast<double>(theta.size()));
  const double value_error = 2.0 * options.rounding * std::abs(here.value);
  const auto look_along = [&](const Vector& v) {
    findings.directions.push_back(examine(prober, v, here.gradient, typical, findings.steps, value_error));
  };
  if (findings.norm > 0.0) look_along(here.gradient / findings.norm);
  for (Index number = 0; number < options.directions; ++number)
    look_along(random_unit(theta.size(), options.seed, number));

  if (!findings.right() && options.named > 0) {
    const auto wrong = std::find_if(findings.directions.begin(), findings.directions.end(),
                                    [&](const auto& direction) { return findings.is_wrong(direction); });
    findings.worst = find_worst(prober, here.gradient, relative_steps.at(wrong->chosen), options);
  }
  return findings;
}

}  // namespace optex
