#include "bench/suite.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/reductions.hpp"
#include "optex/data/image_sets.hpp"
#include "optex/objectives/quadratic.hpp"
#include "optex/objectives/softmax_regression.hpp"
#include "optex/objectives/test_functions.hpp"
#include "optex/optimizers/adam.hpp"
#include "optex/optimizers/sgd.hpp"

#include <cmath>
#include <fstream>
#include <stdexcept>

#include <fmt/core.h>

namespace optex::bench {
namespace {

/// 1/2 x'Lx, L log-spaced from 1/condition to 1; start 1 + 0.5 sin i.
class Diagonal final : public Objective {
 public:
  Diagonal(Index dimension, double condition) : spectrum_(dimension) {
    for (Index i = 0; i < dimension; ++i)
      spectrum_[i] = std::pow(condition, static_cast<double>(i) / static_cast<double>(dimension - 1) - 1.0);
  }
  Index dimension() const override { return spectrum_.size(); }
  Vector initial_point() const override {
    Vector start(dimension());
    for (Index i = 0; i < dimension(); ++i) start[i] = 1.0 + 0.5 * std::sin(static_cast<double>(i));
    return start;
  }
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index,
                            VectorRef gradient) const override {
    gradient = spectrum_.cwiseProduct(theta);
    return 0.5 * dot(theta, gradient);
  }

 private:
  Vector spectrum_;
};

/// mean |(A x - b)_i|, A x_i = x_i + 0.5 x_{i+1} - 0.5 x_{i-1} cyclic, solution cos i; start 1.5 + sin i.
class LeastAbsoluteDeviation final : public Objective {
 public:
  explicit LeastAbsoluteDeviation(Index dimension) : target_(dimension) {
    Vector solution(dimension);
    for (Index i = 0; i < dimension; ++i) solution[i] = std::cos(static_cast<double>(i));
    target_ = apply(solution, 0.5);
  }
  Index dimension() const override { return target_.size(); }
  Vector initial_point() const override {
    Vector start(dimension());
    for (Index i = 0; i < dimension(); ++i) start[i] = 1.5 + std::sin(static_cast<double>(i));
    return start;
  }
  double value_and_gradient(ConstVectorRef theta, const SampleKey&, Index,
                            VectorRef gradient) const override {
    const double d = static_cast<double>(dimension());
    const Vector residual = apply(theta, 0.5) - target_;
    gradient = apply(residual.cwiseSign(), -0.5) / d;
    return sum(residual.cwiseAbs()) / d;
  }

 private:
  /// x_i + c x_{i+1} - c x_{i-1}
  static Vector apply(ConstVectorRef x, double c) {
    const Index d = x.size();
    Vector out(d);
    for (Index i = 0; i < d; ++i) out[i] = x[i] + c * x[(i + 1) % d] - c * x[(i + d - 1) % d];
    return out;
  }
  Vector target_;
};

/// Another objective from a start that is 0.1 normal away; the draws are stored, so that other programs can
/// use the same ones.
class Perturbed final : public Objective {
 public:
  Perturbed(std::unique_ptr<const Objective> objective, int draw) : objective_(std::move(objective)) {
    const std::string file = std::string(OPTEX_TEST_DATA) + "/normal_" + std::to_string(draw) + ".txt";
    std::ifstream stream(file);
    start_ = objective_->initial_point();
    for (double& coordinate : start_) {
      double normal = 0.0;
      if (!(stream >> normal)) throw std::runtime_error(file + ": cannot be read");
      coordinate += 0.1 * normal;
    }
  }
  Index dimension() const override { return objective_->dimension(); }
  Vector initial_point() const override { return start_; }
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override {
    return objective_->value_and_gradient(theta, key, shard, gradient);
  }

 private:
  std::unique_ptr<const Objective> objective_;
  Vector start_;
};

std::shared_ptr<const Optimizer> sgd(double rate, double momentum = 0.0) {
  return std::make_shared<Sgd>(Sgd::Options{.learning_rate = rate, .momentum = momentum});
}
std::shared_ptr<const Optimizer> adam(double rate) {
  return std::make_shared<Adam>(Adam::Options{.learning_rate = rate});
}

}  // namespace

std::vector<SuiteProblem> suite() {
  const auto rosenbrock = [](Index d) { return std::make_unique<Rosenbrock>(d); };
  std::vector<SuiteProblem> problems = {
      {"quadratic diagonal sgd", std::make_shared<Diagonal>(500, 1e3), sgd(1.5), {1e-1, 1e-2}},
      {"quadratic diagonal momentum", std::make_shared<Diagonal>(500, 1e3), sgd(1.0, 0.9), {1e-1, 1e-3}},
      {"quadratic diagonal adam", std::make_shared<Diagonal>(500, 1e3), adam(0.1), {1e-1, 1e-3}},
      {"quadratic dct sgd", std::make_shared<Quadratic>(200), sgd(200.0), {3e-4, 1e-4}},
      {"quadratic dct momentum", std::make_shared<Quadratic>(200), sgd(100.0, 0.9), {1e-4, 3e-5}},
      {"rosenbrock sgd", rosenbrock(200), sgd(0.1), {1.5, 1.0}},
      {"rosenbrock adam", rosenbrock(1000), adam(0.02), {0.3, 0.1}},
      {"rosenbrock adam perturbed 1",
       std::make_shared<Perturbed>(rosenbrock(1000), 1001),
       adam(0.02),
       {0.3, 0.1}},
      {"rosenbrock adam perturbed 2",
       std::make_shared<Perturbed>(rosenbrock(1000), 1002),
       adam(0.02),
       {0.3, 0.1}},
      {"rosenbrock momentum", rosenbrock(1000), sgd(0.02, 0.9), {1.2, 1.0}},
      {"ackley adam", std::make_shared<Ackley>(1000), adam(0.01), {0.3, 0.1}},
      {"sphere adam", std::make_shared<Sphere>(1000), adam(0.1), {1e-2, 1e-3}},
      {"absolute deviation adam", std::make_shared<AbsoluteDeviation>(1000), adam(0.005), {0.1, 0.02}},
      {"least absolute deviation adam",
       std::make_shared<Perturbed>(std::make_unique<LeastAbsoluteDeviation>(1000), 1001),
       adam(0.005),
       {0.1, 0.03}},
      {"styblinski-tang adam", std::make_shared<StyblinskiTang>(1000), adam(0.05), {7.0, 6.9}},
      {"styblinski-tang sgd", std::make_shared<StyblinskiTang>(1000), sgd(20.0), {7.0, 6.9}},
  };
  try {
    const ImageSets images = load_images("fashion-mnist", {.limit = 2000});
    const auto softmax =
        std::make_shared<SoftmaxRegression>(images.train, nullptr, SoftmaxOptions{.l2 = 1e-4});
    problems.push_back({"softmax sgd", softmax, sgd(0.1), {0.6, 0.5}});
    problems.push_back({"softmax momentum", softmax, sgd(0.03, 0.9), {0.5, 0.4}});
    problems.push_back({"softmax adam", softmax, adam(0.003), {0.4, 0.25}});
  } catch (const IoError& error) {
    fmt::print(stderr, "softmax regression is left out: {}\n", error.what());
  }
  return problems;
}

}  // namespace optex::bench
