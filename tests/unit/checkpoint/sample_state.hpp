#pragma once

#include "optex/checkpoint/checkpoint.hpp"
#include "optex/checkpoint/state_fields.hpp"

#include <concepts>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace optex::test {

struct StateShape {
  Index dimension = 11;
  Index moments = 2;
  Index capacity = 4;
  int appended = 6;  ///< more than the capacity: the ring buffer has gone round
};

inline Vector random_vector(Index length, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  Vector out(length);
  for (Index i = 0; i < length; ++i) out[i] = normal(random);
  return out;
}

/// Fills every member of a state, those of tomorrow too; what must fit together is put right by
/// random_state().
struct FillWithRandomNumbers {
  std::mt19937_64& random;
  Index dimension;

  template <std::signed_integral Integer>
  void operator()(const std::string&, Integer& value) {
    value = static_cast<Integer>(random() % 100000);
  }
  void operator()(const std::string&, double& value) { value = random_vector(1, random)[0]; }
  void operator()(const std::string&, std::string& text) { text = fmt::format("text {}", random() % 1000); }
  void operator()(const std::string&, Vector& values) {
    values = random_vector(static_cast<Index>(random() % 13), random);
  }
  void operator()(const std::string&, Matrix& values) {
    values.resize(dimension, static_cast<Index>(random() % 4));
    for (Index column = 0; column < values.cols(); ++column)
      values.col(column) = random_vector(dimension, random);
  }
  void operator()(const std::string&, std::vector<Vector>& rows) {
    rows.assign(random() % 4, {});
    for (Vector& row : rows) row = random_vector(dimension, random);
  }
  void operator()(const std::string&, GradientHistory&) {}
};

/// A state in which every number is a function of the seed.
inline RunState random_state(std::uint64_t seed, const StateShape& shape = {}) {
  std::mt19937_64 random(seed);
  RunState state;
  FillWithRandomNumbers fill{random, shape.dimension};
  visit_fields(state, fill);
  state.iteration = static_cast<std::int64_t>(seed);
  state.theta = random_vector(shape.dimension, random);
  state.optimizer.moments.resize(shape.dimension, shape.moments);
  for (Index column = 0; column < shape.moments; ++column)
    state.optimizer.moments.col(column) = random_vector(shape.dimension, random);
  state.surrogate->guard.theta = random_vector(shape.dimension, random);
  for (LearntDiagonal* learnt :
       {&state.secants.diagonal, &(*state.surrogate).diagonal, &(*state.surrogate).guard.diagonal})
    learnt->entries = random_vector(learnt->pairs > 0 ? shape.dimension : 0, random).cwiseAbs();
  (*state.surrogate).stencil.chosen =
      (*state.surrogate).diagonal.pairs > 0 ? StencilChoice::learnt_diagonal : StencilChoice::none;
  (*state.surrogate).chain.theta = random_vector(shape.dimension, random);
  state.outstanding = {Matrix(shape.dimension, 2), Vector{{3.0, 4.0}}, Vector{{1.0, 3.0}}};
  for (Index column = 0; column < 2; ++column)
    state.outstanding.thetas.col(column) = random_vector(shape.dimension, random);
  if (shape.capacity > 0) {
    state.history = GradientHistory(shape.dimension, shape.capacity);
    for (int i = 0; i < shape.appended; ++i)
      state.history.append(random_vector(shape.dimension, random), random_vector(shape.dimension, random),
                           static_cast<double>(i) + 0.1, i);
  }
  return state;
}

inline RunDescription sample_run() {
  RunDescription run;
  run.config = "[run]\nseed = 7\n# \xce\xb8\n";
  run.config_hash = "0123456789abcdef";
  run.optimizer = "adam";
  run.seed = 7;
  run.data_source = "fashion-mnist";
  run.data_hash = "00ff";
  run.data_shards = 8;
  run.data_samples = 60000;
  run.coordinate_files = "problem.lower = \"a.h5:/l\" 0a\nproblem.upper = \"a.h5:/u\" 0b\n";
  return run;
}

inline Expectation expectation_of(const RunState& state) {
  const RunDescription run = sample_run();
  return {.dimension = state.theta.size(),
          .history_capacity = state.history.capacity(),
          .config_hash = run.config_hash,
          .differences = {},
          .data_hash = run.data_hash,
          .coordinate_files = run.coordinate_files,
          .accepted = {}};
}

/// All bytes of a state in one string, the history's tables included: equal exactly when the states are.
class StateBytes {
 public:
  static std::string of(const RunState& state) {
    StateBytes bytes;
    visit_fields(state, bytes);
    for (const Matrix& table : {state.history.squared_distances(), state.history.squared_gradient_distances(),
                                state.history.cross_products_about_newest()})
      bytes("table", table);
    return bytes.bytes_;
  }

  template <typename Number>
  requires std::is_arithmetic_v<Number>
  void operator()(const std::string& path, const Number& value) { add(path, &value, 1, sizeof value); }
  void operator()(const std::string& path, const std::string& text) {
    add(path, text.data(), std::ssize(text), 1);
  }
  void operator()(const std::string& path, const Vector& values) {
    add(path, values.data(), values.size(), sizeof(double));
  }
  void operator()(const std::string& path, const Matrix& values) {
    add(path, values.data(), values.rows(), 0);
    add(path, values.data(), values.size(), sizeof(double));
  }
  void operator()(const std::string& path, const std::vector<Vector>& rows) {
    add(path, nullptr, std::ssize(rows), 0);
    for (const Vector& row : rows) (*this)(path, row);
  }
  void operator()(const std::string& path, const GradientHistory& history) {
    (*this)(path, history.capacity());
    (*this)(path, history.dimension());
    (*this)(path, static_cast<int>(history.precision()));
    (*this)(path, history.origin());
    for (Index i = 0; i < history.size(); ++i) {
      (*this)(path, history.theta(i));
      (*this)(path, history.gradient(i));
      (*this)(path, history.value(i));
      (*this)(path, history.iteration(i));
    }
  }

 private:
  void add(const std::string& path, const void* data, Index count, std::size_t size) {
    bytes_ += fmt::format("{}[{}]", path, count);
    if (count > 0) bytes_.append(static_cast<const char*>(data), static_cast<std::size_t>(count) * size);
  }
  std::string bytes_;
};

}  // namespace optex::test
