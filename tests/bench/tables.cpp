// How many rounds each rule needs on the problems of configs/tables, beside the reference's counts.
//   tables [--starts 5] [--only TEXT] [--precision f64|f32]
// A cell is loose/tight (reference): medians over starts that differ by 1e-12, "-" when a gap is not met in
// 700 rounds, "*" when a median is more than 2 rounds and more than 15 % above the reference.
#include "optex/core/errors.hpp"
#include "optex/evaluation/serial_evaluator.hpp"
#include "optex/setup/assemble.hpp"

#include <fstream>
#include <sstream>

#include "bench/gaps.hpp"
#include <boost/program_options.hpp>
#include <fmt/core.h>

namespace optex::bench {
namespace {

struct Row {
  std::string config, points, rule;
  double loose_gap = 0.0, tight_gap = 0.0;
  Hits reference;
};

int rounds_of(const std::string& text) { return text == "-" ? never : std::stoi(text); }

std::vector<Row> read_reference(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw IoError(file + ": cannot be read");
  std::vector<Row> rows;
  std::string line;
  std::getline(in, line);  // the header
  while (std::getline(in, line)) {
    std::stringstream cells(line);
    std::vector<std::string> cell;
    for (std::string text; std::getline(cells, text, ',');) cell.push_back(text);
    rows.push_back({cell.at(1),
                    cell.at(2),
                    cell.at(3),
                    std::stod(cell.at(4)),
                    std::stod(cell.at(5)),
                    {rounds_of(cell.at(6)), rounds_of(cell.at(7))}});
  }
  return rows;
}

std::vector<Override> settings_of(const Row& row) {
  const Override points{"method.parallelism", row.points};
  if (row.rule == "vanilla") return {{"method.name", "vanilla"}};
  if (row.rule == "target") return {{"method.name", "target"}, points};
  if (row.rule == "paper") return {{"method.preset", "paper"}, points};
  if (row.rule == "replay_short") return {{"method.update", "replay"}, {"method.reach", "1"}, points};
  return {{"method.update", row.rule}, points};
}

Hits hits_of(const Row& row, const std::string& folder, int starts, const std::string& precision) {
  std::vector<Override> settings = settings_of(row);
  if (row.rule != "vanilla" && row.rule != "target") settings.push_back({"estimator.precision", precision});
  const Config config = read_config(folder + "/" + row.config + ".toml", settings);
  const Problem problem = assemble_problem(config);
  const Vector theta = assemble_start(config, *problem.objective);
  const auto rounds = static_cast<int>(config.integer("stop.iterations"));
  return median_hits(starts, [&](int start) {
    SerialEvaluator evaluator(*problem.objective);
    const auto method = assemble_method(config, evaluator);
    return rounds_to_gaps(*method, *problem.objective, perturbed(theta, start),
                          {row.loose_gap, row.tight_gap}, rounds, false);
  });
}

bool is_worse(int ours, int reference) {
  if (reference == never || ours == never) return ours != never ? false : reference != never;
  return ours > reference + 2 && ours > 1.15 * reference;
}

int run(int argc, char** argv) {
  namespace po = boost::program_options;
  po::options_description options("options");
  options.add_options()("help", "show this")("starts", po::value<int>()->default_value(5))(
      "precision", po::value<std::string>()->default_value("f64"))(
      "only", po::value<std::string>()->default_value(""));
  po::variables_map given;
  po::store(po::parse_command_line(argc, argv, options), given);
  if (given.contains("help")) {
    fmt::print("{}", (std::stringstream() << options).str());
    return 0;
  }
  const std::string source = OPTEX_SOURCE_DIR;
  const std::string only = given["only"].as<std::string>();
  int cells = 0, worse = 0;
  fmt::print(
      "| config | N | gaps | vanilla | target | paper | replay, reach N-1 | replay "
      "|\n|--|--|--|--|--|--|--|--|\n");
  for (const Row& row : read_reference(source + "/tests/bench/reference_rounds.csv")) {
    if (row.config.find(only) == std::string::npos) continue;
    if (row.rule == "vanilla")
      fmt::print("| {} | {} | {:g}/{:g} |", row.config, row.points, row.loose_gap, row.tight_gap);
    const Hits hits = hits_of(row, source + "/configs/tables", given["starts"].as<int>(),
                              given["precision"].as<std::string>());
    const bool flag =
        is_worse(hits.first, row.reference.first) || is_worse(hits.second, row.reference.second);
    fmt::print(" {} ({}){} |{}", text_of(hits), text_of(row.reference), flag ? " *" : "",
               row.rule == "replay" ? "\n" : "");
    std::fflush(stdout);
    ++cells;
    worse += flag ? 1 : 0;
  }
  fmt::print("\n{} of {} cells are within 2 rounds or 15 % of the reference, or below it\n", cells - worse,
             cells);
  return worse == 0 ? 0 : 1;
}

}  // namespace
}  // namespace optex::bench

int main(int argc, char** argv) {
  try {
    return optex::bench::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "tables: {}\n", error.what());
    return 2;
  }
}
