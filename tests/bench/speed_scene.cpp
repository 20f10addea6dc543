#include "speed_scene.hpp"

#include "optex/core/parallel_for.hpp"
#include "optex/kernels/matern.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <thread>

namespace optex::bench {
namespace {

constexpr double most_read = 1e9;  // bytes: beyond the caches of any machine

double bytes_a_number(Precision precision) { return precision == Precision::f32 ? 4.0 : 8.0; }

double pass_bytes(const SceneSize& size) {
  return 2.0 * bytes_a_number(size.precision) * static_cast<double>(size.history * size.dimension);
}

GradientHistory filled_history(const SceneSize& size) {
  constexpr Index at_once = 8;
  GradientHistory history(size.dimension, size.history, size.precision);
  for (Index first = 0; first < size.history; first += at_once) {
    std::vector<Vector> numbers;
    for (Index k = 2 * first; k < 2 * std::min(size.history, first + at_once); ++k)
      numbers.push_back(noise(size.dimension, 100 + static_cast<std::uint64_t>(k)));
    std::vector<NewPair> pairs;
    for (std::size_t k = 0; k + 1 < numbers.size(); k += 2)
      pairs.push_back({numbers[k], numbers[k + 1], 0.0, 0});
    history.append(pairs);
  }
  return history;
}

}  // namespace

std::string to_text(Precision precision) { return precision == Precision::f32 ? "f32" : "f64"; }

double bytes_needed(const SceneSize& size, Index points) {
  // While the history is filled 16 vectors wait; later points, predictions, gradients and their copies.
  const double vectors = std::max(16.0, 4.0 * static_cast<double>(points)) + 12.0;
  // The pairs of surrogate with their middles, twice: kept and used.
  const double pairs = 6.0 * static_cast<double>(size.history + points);
  return pass_bytes(size) + most_read + 8.0 * (vectors + pairs) * static_cast<double>(size.dimension);
}

double bytes_available() {
  std::ifstream file("/proc/meminfo");
  std::string name, unit;
  for (double kilobytes = 0.0; file >> name >> kilobytes; std::getline(file, unit))
    if (name == "MemAvailable:") return 1024.0 * kilobytes;
  return std::numeric_limits<double>::infinity();
}

Vector noise(Index d, std::uint64_t seed) {
  Vector v(d);
  parallel_for((d + 4095) / 4096, 1, [&](Index block) {
    for (Index i = block * 4096; i < std::min(d, (block + 1) * 4096); ++i) {
      std::uint64_t x = (seed << 40U) + static_cast<std::uint64_t>(i) * 0x9e3779b97f4a7c15U;
      x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
      x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
      v[i] = static_cast<double>(static_cast<std::int64_t>(x ^ (x >> 31U))) * 0x1p-63;
    }
  });
  return v;
}

Scene::Scene(const SceneSize& wanted)
    : size(wanted),
      bandwidth(static_cast<std::size_t>(std::min(pass_bytes(wanted), most_read))),
      adam({.learning_rate = 1e-3}),
      estimator(std::make_shared<Matern52>(), PriorMean::constant, {}),
      history(filled_history(wanted)),
      model(estimator.fit(history)),
      theta(noise(wanted.dimension, 1)),
      state(adam.initial_state(wanted.dimension)) {}

double Scene::pass() const { return pass_bytes(size); }

}  // namespace optex::bench
