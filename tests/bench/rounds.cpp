// How many rounds each update rule needs to a loose and a tight gap on the suite of problems, as a Markdown
// table.
//   rounds [--points 4,8,16] [--starts 5] [--rules replay] [--only TEXT] [--budget 500] [--history T0]
//   rounds --smooth [--points 4,8,16] [--starts 3] [--only TEXT] [--budget 500] [--data FOLDER] [--baselines
//   FILE]
// shows surrogate beside L-BFGS and exact Newton on smooth problems instead (smooth_rounds.hpp). FOLDER: what
// real_data.py wrote, for four more of them; FILE remembers what L-BFGS and Newton need.
// A cell is the median over starts that differ by 1e-12; "-" means not within the budget.
#include "optex/core/errors.hpp"
#include "optex/estimation/gaussian_process.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/kernels/matern.hpp"
#include "optex/methods/lbfgs.hpp"
#include "optex/methods/optex.hpp"
#include "optex/methods/sequential.hpp"
#include "optex/methods/surrogate.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <sstream>

#include "bench/gaps.hpp"
#include "bench/smooth_rounds.hpp"
#include "bench/suite.hpp"
#include <boost/program_options.hpp>
#include <fmt/core.h>
#include <fmt/ranges.h>

namespace optex::bench {
namespace {

struct Limits {
  int rounds = 500;   // after so many a gap counts as not met
  Index history = 0;  // pairs that are kept; 0: the rule's default
};

std::unique_ptr<Method> make_rule(const std::string& rule, Index points, Evaluator& evaluator,
                                  const std::shared_ptr<const Optimizer>& optimizer, Index history) {
  const auto kernel = std::make_shared<Matern52>();
  if (rule == "vanilla") return std::make_unique<Sequential>(evaluator, optimizer, 1, 0);
  if (rule == "target") return std::make_unique<Sequential>(evaluator, optimizer, points, 0);
  if (rule == "lbfgs") return std::make_unique<Lbfgs>(evaluator, Lbfgs::Options{});
  if (rule == "surrogate")
    return std::make_unique<Surrogate>(evaluator,
                                       Surrogate::Options{.parallelism = points, .history = history});
  Optex::Options options{.parallelism = points, .history = history};
  if (rule == "replay")
    return std::make_unique<Optex>(
        evaluator, optimizer,
        std::make_shared<GaussianProcess>(kernel, PriorMean::constant, HyperparameterRules{}), options);
  if (rule == "paper") {
    options.update = UpdateRule::last;
    const HyperparameterRules rules{.lengthscale_rule = LengthscaleRule::paper, .nugget = 1e-3};
    return std::make_unique<Optex>(
        evaluator, optimizer, std::make_shared<GaussianProcess>(kernel, PriorMean::zero, rules), options);
  }
  throw UsageError("unknown rule " + rule);
}

Hits hits_of(const SuiteProblem& problem, const std::string& rule, Index points, int start,
             const Limits& limits) {
  SerialEvaluator evaluator(*problem.objective);
  const auto method = make_rule(rule, points, evaluator, problem.optimizer, limits.history);
  return rounds_to_gaps(*method, *problem.objective, perturbed(problem.objective->initial_point(), start),
                        problem.gaps, limits.rounds, rule == "lbfgs" || rule == "surrogate");
}

/// Logarithms of the speed-up over vanilla; a gap that is never met counts as half of vanilla's speed.
struct SpeedUps {
  std::vector<double> logarithms;
  void add(int vanilla, int rounds) {
    logarithms.push_back(rounds == never
                             ? std::log(0.5)
                             : std::log(static_cast<double>(vanilla) / static_cast<double>(rounds)));
  }
  double geometric_mean() const {
    double total = 0.0;
    for (const double l : logarithms) total += l;
    return std::exp(total / static_cast<double>(logarithms.size()));
  }
  double minimum() const { return std::exp(*std::min_element(logarithms.begin(), logarithms.end())); }
};

template <class T>
std::vector<T> list_of(const std::string& text) {
  std::vector<T> values;
  std::stringstream stream(text);
  for (std::string item; std::getline(stream, item, ',');) {
    std::stringstream one(item);
    values.emplace_back();
    one >> values.back();
  }
  return values;
}

int run(int argc, char** argv) {
  namespace po = boost::program_options;
  po::options_description options("options");
  options.add_options()("help", "show this")("smooth", "surrogate on smooth problems")(
      "points", po::value<std::string>()->default_value("4,8,16"))(
      "starts", po::value<int>()->default_value(5))("rules",
                                                    po::value<std::string>()->default_value("replay"))(
      "only", po::value<std::string>()->default_value(""))("budget", po::value<int>()->default_value(500))(
      "history", po::value<Index>()->default_value(0))("data", po::value<std::string>()->default_value(""))(
      "baselines", po::value<std::string>()->default_value(""));
  po::variables_map given;
  po::store(po::parse_command_line(argc, argv, options), given);
  if (given.contains("help")) {
    fmt::print("{}", (std::stringstream() << options).str());
    return 0;
  }
  const auto points = list_of<Index>(given["points"].as<std::string>());
  const auto rules = list_of<std::string>(given["rules"].as<std::string>());
  const int starts = given["starts"].as<int>();
  if (given.contains("smooth")) {
    print_smooth_rounds({.points = points,
                         .starts = starts,
                         .budget = given["budget"].as<int>(),
                         .only = given["only"].as<std::string>(),
                         .data = given["data"].as<std::string>(),
                         .baselines = given["baselines"].as<std::string>()});
    return 0;
  }
  const Limits limits{.rounds = given["budget"].as<int>(), .history = given["history"].as<Index>()};

  std::string header = "| problem | gaps | vanilla |";
  std::string line = "|--|--|--|";
  for (const auto& rule : rules)
    for (const Index n : points) {
      header += fmt::format(" {} N={} |", rule, n);
      line += "--|";
    }
  fmt::print("{}\n{}\n", header, line);
  std::map<std::pair<std::string, Index>, SpeedUps> speed_ups;
  for (const SuiteProblem& problem : suite()) {
    if (problem.name.find(given["only"].as<std::string>()) == std::string::npos) continue;
    const Hits vanilla = hits_of(problem, "vanilla", 1, 0, {.rounds = 3000});
    fmt::print("| {} | {:g}/{:g} | {} |", problem.name, problem.gaps.first, problem.gaps.second,
               text_of(vanilla));
    for (const auto& rule : rules)
      for (const Index n : points) {
        const Hits hits =
            median_hits(starts, [&](int start) { return hits_of(problem, rule, n, start, limits); });
        fmt::print(" {} |", text_of(hits));
        std::fflush(stdout);
        speed_ups[{rule, n}].add(vanilla.first, hits.first);
        speed_ups[{rule, n}].add(vanilla.second, hits.second);
      }
    fmt::print("\n");
  }
  for (const auto& rule : rules)
    for (const Index n : points)
      fmt::print("{} N={}: geometric mean of the speed-up {:.2f}, smallest {:.2f}\n", rule, n,
                 speed_ups[{rule, n}].geometric_mean(), speed_ups[{rule, n}].minimum());
  return 0;
}

}  // namespace
}  // namespace optex::bench

int main(int argc, char** argv) {
  try {
    return optex::bench::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "rounds: {}\n", error.what());
    return 2;
  }
}
