#include "bench/smooth_suite.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/random.hpp"

#include <cmath>
#include <fstream>
#include <sstream>

namespace optex::bench {
namespace {

void add(std::vector<SmoothProblem>& all, const std::vector<SmoothProblem>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

Vector normal_numbers(Index count, std::uint64_t seed) {
  const CounterRandom random({.seed = seed}, Stream::synthetic_truth);
  Vector v(count);
  for (Index i = 0; i < count; ++i) v[i] = random.normal(static_cast<std::uint64_t>(i));
  return v;
}

Matrix normal_matrix(Index rows, Index columns, std::uint64_t seed) {
  return Eigen::Map<const Matrix>(normal_numbers(rows * columns, seed).data(), rows, columns);
}

Matrix read_table(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw UsageError("no " + file + ": tests/bench/real_data.py FOLDER writes it");
  std::vector<double> numbers;
  Index rows = 0;
  for (std::string line; std::getline(in, line); ++rows) {
    std::stringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) numbers.push_back(std::stod(cell));
  }
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<const RowMajor>(numbers.data(), rows, std::ssize(numbers) / rows);
}

std::vector<SmoothProblem> smooth_formulas() {
  const auto classic = [] {
    return test::rosenbrock(
        test::made_of(50, [](double i) { return static_cast<int>(i) % 2 == 0 ? -1.2 : 1.0; }));
  };
  return {smooth_problem(
              "Rosenbrock, d = 100", [] { return test::rosenbrock(100); }, 0.0),
          smooth_problem("Rosenbrock's own start, d = 50", classic, 0.0),
          smooth_problem(
              "Wood, d = 200", [] { return test::wood(200); }, 0.0),
          smooth_problem(
              "Powell, d = 200", [] { return test::powell(200); }, 0.0),
          smooth_problem("Dixon-Price, d = 100", [] { return test::dixon_price(100); }),
          smooth_problem("Broyden, d = 150", [] { return test::broyden(150); })};
}

std::vector<SmoothProblem> smooth_suite(const std::string& data) {
  std::vector<SmoothProblem> all = smooth_quadratics();
  add(all, smooth_formulas());
  add(all, smooth_regressions(data));
  add(all, smooth_grids());
  add(all, smooth_flows());
  add(all, smooth_networks(data));
  return all;
}

}  // namespace optex::bench
