#include "optex/evaluation/gradient_check.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/random.hpp"
#include "optex/core/reductions.hpp"
#include "optex/core/stopwatch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "coordinate_sizes.hpp"
#include "extrapolation.hpp"
#include "prober.hpp"
#include "worst_coordinates.hpp"

namespace optex {
namespace {

// Parts of the coordinates' sizes. The second and third belong to values of few digits, to curvature, and to
// sizes that say nothing.
constexpr std::array first_steps{1e-3, 1e-4, 1e-5};
constexpr std::array more_steps{0.5, 0.25, 0.125, 0.0625, 1e-2, 1e-6, 1e-7};
constexpr std::array small_steps{1e-8, 1e-9, 1e-10};
constexpr std::array large_steps{1000.0, 100.0, 10.0, 4.0, 2.0, 1.0};
constexpr double settled = 1e-3;            // an uncertainty that finds an error of one per cent
constexpr double uneven = 1e3;              // ratio of sizes
constexpr double doubts_allowed = 3.0;      // times the uncertainty
constexpr double digits_of_gradient = 4.0;  // times the root of the values' precision
constexpr double most_for_digits = 5e-3;

struct Direction {
  DirectionFinding finding;
  Vector v;              // d
  double typical = 0.0;  // |v o grad F|
  double bend = 0.0;     // F(theta + h v) + F(theta - h v) - 2 F(theta) over the smallest step h so far
};

/// sizes o (random signs, random lengths between a half and one).
Vector random_direction(const Vector& sizes, std::uint64_t seed, Index number) {
  SampleKey key;
  key.seed = seed;
  key.iteration = number;
  const CounterRandom random(key, Stream::direction);
  Vector v(sizes.size());
  for (Index i = 0; i < v.size(); ++i) {
    const double length = 2.0 * random.uniform(static_cast<std::uint64_t>(i)) - 1.0;
    v[i] = sizes[i] * std::copysign(0.5 + 0.5 * std::abs(length), length);
  }
  return v;
}

std::vector<Direction> directions_at(const Vector& gradient, const Vector& sizes, const Vector& even_sizes,
                                     const GradientCheckOptions& options) {
  std::vector<Direction> directions;
  const auto add = [&](std::string name, Vector v) -> Direction& {
    Direction direction;
    direction.finding.name = std::move(name);
    direction.finding.directional = dot(gradient, v);
    direction.typical = gradient.cwiseProduct(v).stableNorm();
    direction.v = std::move(v);
    return directions.emplace_back(std::move(direction));
  };
  const Vector scaled = gradient.cwiseProduct(sizes);
  const double largest = scaled.lpNorm<Eigen::Infinity>();
  if (largest > 0.0) add("along the gradient", sizes.cwiseProduct(scaled / largest));
  for (Index number = 0; number < options.directions; ++number)
    add("random direction " + std::to_string(number + 1), random_direction(sizes, options.seed, number));
  const double least = std::accumulate(sizes.begin(), sizes.end(), sizes.maxCoeff(),
                                       [](double a, double b) { return b > 0.0 ? std::min(a, b) : a; });
  if (options.directions > 0 && sizes.maxCoeff() > uneven * least)
    add("all moved alike", random_direction(even_sizes, options.seed, options.directions))
        .finding.of_own_sizes = false;
  return directions;
}

/// Adds differences at these steps to those directions that want them; one round for all.
template <class Wanted>
void probe(Prober& prober, double here, std::vector<Direction>& directions, std::span<const double> steps,
           Wanted wanted) {
  std::vector<Prober::Move> moves;
  std::vector<Direction*> those;
  for (Direction& direction : directions) {
    if (!wanted(direction)) continue;
    those.push_back(&direction);
    for (const double h : steps) moves.insert(moves.end(), {{&direction.v, h}, {&direction.v, -h}});
  }
  if (those.empty()) return;
  const std::vector<double> values = prober.values(moves);
  for (std::size_t i = 0; i < values.size(); i += 2) {
    Direction& direction = *those[i / (2 * steps.size())];
    DirectionFinding& finding = direction.finding;
    const double h = moves[i].length;
    const double difference = (values[i] - values[i + 1]) / (2.0 * h);
    if (!std::isfinite(difference)) continue;
    const auto place =
        std::find_if(finding.steps.begin(), finding.steps.end(), [h](double s) { return s < h; });
    finding.differences.insert(finding.differences.begin() + (place - finding.steps.begin()), difference);
    if (place == finding.steps.end()) direction.bend = (values[i] - here) + (values[i + 1] - here);
    finding.steps.insert(place, h);
  }
}

/// F bends more over the smallest step than it rises: it knows of no slope here, for all that the steps tell
/// (a kink, or steps as large as other coordinates that are far too large for these).
bool is_unresolved(const Direction& direction, double noise) {
  constexpr double clear = 10.0;
  const double rise = 2.0 * direction.finding.steps.back() * std::abs(direction.finding.differences.back());
  return std::abs(direction.bend) > clear * std::max(noise, rise);
}

/// The error of values, as it shows in differences over small steps: only round-off is left there. Over the
/// smallest ones the values may not change at all (a point that is rounded to single precision stays where
/// it is), so all of these are asked.
double noise_of_values(const std::vector<Direction>& directions, double value) {
  constexpr double small = 1.5e-5;
  double noise = std::numeric_limits<double>::epsilon() * std::abs(value);
  for (const auto& [finding, v, typical, bend] : directions)
    for (std::size_t k = 1; k < finding.steps.size() && finding.of_own_sizes; ++k)
      if (finding.steps[k] < small)
        noise =
            std::max(noise, std::abs(finding.differences[k] - finding.differences[k - 1]) * finding.steps[k]);
  return noise;
}

/// F may have kinks (a network of rectifiers has thousands): no extrapolation holds across them, while over
/// small steps plain differences find the gradient again and again. Two steps in a row do not agree with a
/// wrong one. The place of the first of two such steps; nothing when there are none.
std::optional<std::size_t> place_of_agreement(const DirectionFinding& finding, double allowed) {
  constexpr double small = 2e-3;
  const auto agrees = [&](std::size_t k) {
    return finding.steps[k] <= small && std::abs(finding.differences[k] - finding.directional) <= allowed;
  };
  for (std::size_t k = 1; k < finding.steps.size(); ++k)
    if (agrees(k - 1) && agrees(k)) return k - 1;
  return std::nullopt;
}

void judge(Direction& direction, double noise, double tolerance) {
  DirectionFinding& finding = direction.finding;
  finding.uncertainty = std::numeric_limits<double>::infinity();
  if (finding.steps.empty()) return;
  const Extrapolated found = extrapolate(finding.steps, finding.differences, noise);
  finding.difference = found.value;
  finding.chosen = found.last;
  const double scale =
      std::max({std::abs(finding.directional), std::abs(finding.difference), direction.typical});
  finding.error = scale > 0.0 ? std::abs(finding.difference - finding.directional) / scale : 0.0;
  finding.uncertainty = scale > 0.0 ? found.uncertainty / scale : 0.0;
  if (finding.error <= tolerance) return;
  if (is_unresolved(direction, noise)) finding.uncertainty = std::numeric_limits<double>::infinity();
  const double sure = std::max(std::abs(finding.directional), direction.typical);
  if (const auto place = place_of_agreement(finding, 0.1 * tolerance * sure)) {
    finding.difference = finding.differences[*place];
    finding.chosen = *place;
    finding.error = std::abs(finding.difference - finding.directional) / sure;
    finding.uncertainty = std::abs(finding.differences[*place + 1] - finding.difference) / sure;
  }
}

/// Where a difference alone, without extrapolation, says the same.
double plainest_step(const DirectionFinding& finding) {
  const auto off = [&](double difference) { return std::abs(difference - finding.difference); };
  const auto best = std::min_element(finding.differences.begin(), finding.differences.end(),
                                     [&](double a, double b) { return off(a) < off(b); });
  return finding.steps[static_cast<std::size_t>(best - finding.differences.begin())];
}

}  // namespace

bool GradientFindings::is_wrong(const DirectionFinding& direction) const {
  const double digits = std::min(digits_of_gradient * std::sqrt(precision), most_for_digits);
  return !(direction.error <= std::max(tolerance, digits) + doubts_allowed * direction.uncertainty);
}

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
  for (const DirectionFinding& direction : directions)
    if (direction.of_own_sizes) largest = std::max(largest, direction.uncertainty);
  return largest;
}

double GradientFindings::common_factor() const {
  constexpr double same = 1e-3;
  if (right() || directions.size() < 2 || directions.front().difference == 0.0) return 0.0;
  const double factor = directions.front().directional / directions.front().difference;
  for (const DirectionFinding& direction : directions)
    if (std::abs(direction.directional - factor * direction.difference) >
        same * std::abs(direction.directional) + 2.0 * direction.uncertainty * std::abs(direction.difference))
      return 0.0;
  return factor;
}

GradientFindings check_gradient(Evaluator& evaluator, ConstVectorRef theta,
                                const GradientCheckOptions& options) {
  GradientFindings findings;
  findings.tolerance = options.tolerance;
  const Vector inside = off_the_bounds(theta, options.bounds);
  findings.moved = (inside.array() != theta.array()).count();
  Prober prober(evaluator, options.sample, inside);
  const Stopwatch watch;
  const Evaluation here = prober.at_theta();
  findings.seconds = watch.seconds();
  findings.value = here.value;
  findings.norm = norm(here.gradient);

  const Vector sizes = coordinate_sizes(inside, options.bounds);
  const double even = sizes.stableNorm() / std::sqrt(static_cast<double>(sizes.size()));
  const Vector room = room_within(inside, options.bounds, sizes);
  const Vector even_room = room_within(inside, options.bounds, Vector::Constant(sizes.size(), even));
  std::vector<Direction> directions = directions_at(here.gradient, room, even_room, options);

  const auto conclude = [&] {
    const double noise = noise_of_values(directions, here.value);
    double change = std::abs(here.value);
    for (Direction& direction : directions) {
      judge(direction, noise, options.tolerance);
      change = std::max(change, std::abs(direction.finding.difference));
    }
    findings.precision = change > 0.0 ? noise / change : 0.0;
  };
  const auto is_doubtful = [&](const Direction& direction) {
    const DirectionFinding& finding = direction.finding;
    return !(finding.uncertainty <= settled) || !(finding.error <= options.tolerance);
  };
  probe(prober, here.value, directions, first_steps, [](const Direction&) { return true; });
  conclude();
  probe(prober, here.value, directions, more_steps, is_doubtful);
  conclude();
  probe(prober, here.value, directions, small_steps, is_doubtful);
  conclude();
  if (options.bounds.none()) probe(prober, here.value, directions, large_steps, is_doubtful);
  conclude();
  for (Direction& direction : directions) {
    if (direction.finding.steps.empty() && direction.finding.of_own_sizes)
      throw EvaluationError("every point near it fails: " + prober.last_failure());
    if (!direction.finding.steps.empty()) findings.directions.push_back(std::move(direction.finding));
  }

  if (!findings.right() && options.named > 0) {
    // The last one, if it is wrong, sees small coordinates too.
    const auto wrong = std::find_if(findings.directions.rbegin(), findings.directions.rend(),
                                    [&](const auto& direction) { return findings.is_wrong(direction); });
    findings.worst = find_worst(prober, here.gradient, wrong->of_own_sizes ? room : even_room,
                                plainest_step(*wrong), options);
  }
  findings.gradients = prober.gradients();
  return findings;
}

}  // namespace optex
