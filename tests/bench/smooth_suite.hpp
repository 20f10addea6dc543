#pragma once

#include "optex/core/objective.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/smooth_functions.hpp"

namespace optex::bench {

/// A smooth problem with exact gradients that nobody chose a learning rate for.
struct SmoothProblem {
  std::string name;
  std::function<std::shared_ptr<const Objective>()> make;
  std::optional<double> optimum = {};  ///< F there, where a formula has it
};

/// 33 of them: quadratics, analytic functions, regressions, equations on grids, data assimilation, networks.
/// Their made data are functions of fixed seeds. Four read breast_cancer.csv and digits.csv (features, the
/// class in the last column) in `data`, as real_data.py writes them, and are left out when `data` is empty.
std::vector<SmoothProblem> smooth_suite(const std::string& data);

/// Its parts.
std::vector<SmoothProblem> smooth_quadratics();
std::vector<SmoothProblem> smooth_formulas();
std::vector<SmoothProblem> smooth_regressions(const std::string& data);
std::vector<SmoothProblem> smooth_grids();
std::vector<SmoothProblem> smooth_flows();
std::vector<SmoothProblem> smooth_networks(const std::string& data);

/// Normal numbers, a function of the seed.
Vector normal_numbers(Index count, std::uint64_t seed);
/// By columns.
Matrix normal_matrix(Index rows, Index columns, std::uint64_t seed);
/// Features and, in the last column, the class.
Matrix read_table(const std::string& file);

/// A problem out of a function that makes a FunctionObjective.
template <class Make>
SmoothProblem smooth_problem(std::string name, Make make, std::optional<double> optimum = {}) {
  return {std::move(name),
          [make]() -> std::shared_ptr<const Objective> {
            return std::make_shared<test::FunctionObjective>(make());
          },
          optimum};
}

}  // namespace optex::bench
