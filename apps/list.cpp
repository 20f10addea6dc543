#include "optex/core/errors.hpp"
#include "optex/setup/catalogue.hpp"
#include "optex/setup/suggestion.hpp"

#include "commands.hpp"
#include "output.hpp"
#include <fmt/format.h>

namespace optex::app {
namespace {

struct Topic {
  std::string name;
  std::string key;  ///< where the names go
  std::vector<TextRow> rows;
};

template <class Build>
std::vector<TextRow> rows_of(const Catalogue<Build>& catalogue) {
  std::vector<TextRow> rows;
  for (const auto& entry : catalogue) rows.push_back({entry.name, entry.help});
  return rows;
}

std::vector<Topic> topics() {
  return {{"problems", "problem.name", rows_of(problems())},
          {"optimizers", "optimizer.name", rows_of(optimizers())},
          {"kernels", "estimator.kernel", rows_of(kernels())},
          {"methods", "method.name", rows_of(methods())},
          {"updates", "method.update", rows_of(updates())}};
}

ExitCode start_list(const CommandLine& line) {
  const std::vector<Topic> all = topics();
  const TextStyle style = terminal_style();
  if (line.arguments.empty()) {
    std::string text;
    for (const Topic& topic : all) {
      text += (text.empty() ? "" : "\n") + heading(fmt::format("{} ({})", topic.name, topic.key), style) +
              two_columns(topic.rows, style);
    }
    print(text);
    return ExitCode::success;
  }
  std::vector<std::string> names;
  for (const Topic& topic : all) {
    names.push_back(topic.name);
    if (topic.name != line.arguments.front()) continue;
    print(two_columns(topic.rows, style));
    return ExitCode::success;
  }
  refuse_name(line.arguments.front(), "list", names);
}

}  // namespace

Subcommand list_command() {
  return {{.name = "list",
           .help = "the problems, optimizers, kernels, methods or update rules there are",
           .arguments = {{.name = "TOPIC",
                          .help = "problems, optimizers, kernels, methods or updates; all without it",
                          .required = false}},
           .examples = {{"optex list", "everything that has a name"},
                        {"optex list optimizers", "what optimizer.name can be"}}},
          start_list};
}

}  // namespace optex::app
