#include "optex/setup/manual.hpp"

#include "optex/setup/schema.hpp"

#include <fmt/format.h>

namespace optex {
namespace {

/// Text for man(7): backslashes, and dots and quotes that begin a line, mean something there.
std::string roff(std::string_view text) {
  std::string out;
  bool begins = true;
  for (const char c : text) {
    if (begins && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
    begins = c == '\n';
  }
  return out;
}

std::string title_line(const std::string& name, int section, const std::string& version,
                       const std::string& date) {
  return fmt::format(".TH {} {} \"{}\" \"optex {}\" \"OptEx\"\n", name, section, date, version);
}

}  // namespace

std::string man_page(const CommandSyntax& syntax, const std::string& version, const std::string& date) {
  const std::string name(syntax.name);
  std::string page =
      title_line(fmt::format("OPTEX\\-{}", name), 1, version, date) +
      fmt::format(".SH NAME\noptex\\-{} \\- {}\n.SH SYNOPSIS\n.B optex {}\n", name, roff(syntax.help), name);
  for (const auto& argument : syntax.arguments) {
    const std::string word = fmt::format("\\fI{}\\fR{}", roff(argument.name), argument.repeats ? "..." : "");
    page += (argument.required ? word : "[" + word + "]") + "\n";
  }
  if (!syntax.options.empty()) page += "[options]\n";
  if (syntax.takes_keys) page += "[\\fB\\-\\-section.key=\\fIvalue\\fR ...]\n";
  page += fmt::format(".SH DESCRIPTION\n{}\n",
                      roff(syntax.description.empty() ? syntax.help : syntax.description));
  for (const auto& argument : syntax.arguments)
    page += fmt::format(".TP\n\\fI{}\\fR\n{}\n", roff(argument.name), roff(argument.help));
  page += ".SH OPTIONS\n";
  for (const auto& option : syntax.options) {
    const std::string letter = option.letter == '\0' ? "" : fmt::format("\\fB\\-{}\\fR, ", option.letter);
    const std::string value = option.value.empty() ? "" : fmt::format(" \\fI{}\\fR", roff(option.value));
    page +=
        fmt::format(".TP\n{}\\fB\\-\\-{}\\fR{}\n{}\n", letter, roff(option.name), value, roff(option.help));
  }
  if (syntax.takes_keys)
    page +=
        ".TP\n\\fB\\-\\-section.key=\\fIvalue\\fR\nany key of the configuration, see optex\\-config(5); wins "
        "over the file\n";
  page += ".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nshow a short help and stop\n";
  if (!syntax.examples.empty()) page += ".SH EXAMPLES\n";
  for (const auto& example : syntax.examples)
    page += fmt::format(".TP\n.B {}\n{}\n", roff(example.command), roff(example.help));
  return page + ".SH SEE ALSO\noptex(1), optex\\-config(5)\n";
}

std::string overview_man_page(const std::vector<CommandSyntax>& commands,
                              const std::vector<std::pair<std::string, std::string>>& exit_codes,
                              const std::string& version, const std::string& date) {
  std::string page = title_line("OPTEX", 1, version, date) +
                     ".SH NAME\noptex \\- MPI\\-distributed optimisation with predicted gradients\n"
                     ".SH SYNOPSIS\n.B optex\n\\fIcommand\\fR ...\n.br\n.B mpirun \\-n \\fIP\\fB optex "
                     "run\n\\fIconfig\\fR ...\n"
                     ".SH DESCRIPTION\nMinimises functions whose gradients are expensive. A Gaussian process "
                     "over past gradients predicts the next ones, a chain of optimizer steps runs ahead on "
                     "the predictions, and true gradients along the chain are computed side by side. An "
                     "experiment is one file, see optex\\-config(5); the same file gives the same numbers on "
                     "any number of ranks and after any restart.\n.SH COMMANDS\n";
  for (const CommandSyntax& command : commands)
    page += fmt::format(".TP\n.B {}\n{}\n", roff(command.name), roff(command.help));
  page += ".SH EXIT STATUS\n";
  for (const auto& [code, meaning] : exit_codes) page += fmt::format(".TP\n.B {}\n{}\n", code, roff(meaning));
  page +=
      ".SH SIGNALS\n.TP\n.B USR1\ncheckpoint and stop (exit status 75)\n.TP\n.B USR2\ncheckpoint and go "
      "on\n.TP\n.B TERM, INT\nstop now, with a checkpoint\n.SH ENVIRONMENT\n.TP\n.B NO_COLOR\nno colours, "
      "whatever the terminal can\n.PP\n"
      "The environment never changes numbers.\n.SH FILES\nA run's folder holds config.toml, resolved.toml, "
      "status.json, metrics.jsonl, events.jsonl, provenance.json, results.h5 and checkpoints/.\n.SH SEE "
      "ALSO\noptex\\-config(5)";
  for (const CommandSyntax& command : commands) page += fmt::format(", optex\\-{}(1)", roff(command.name));
  return page + "\n";
}

std::string key_man_page(const std::string& version, const std::string& date) {
  std::string page =
      title_line("OPTEX\\-CONFIG", 5, version, date) +
      ".SH NAME\noptex\\-config \\- configuration of optex\n.SH DESCRIPTION\nTOML: sections in brackets, one "
      "key = value a line. On the command line \\-\\-section.key=value, which beats the file. A key that "
      "would do nothing beside the others is refused; all mistakes are told at once, with line and column.\n";
  std::string section;
  for (const KeyText& key : key_texts()) {
    if (key.section != section) {
      section = key.section;
      page += fmt::format(".SH [{}]\n", roff(section));
      for (const Section& known : schema().sections())
        if (known.name == section) page += roff(known.help) + "\n";
    }
    page += fmt::format(".TP\n.B {}\n{}.\n{}; {}{}.\n", roff(key.name), roff(key.help), roff(key.takes),
                        roff(key.fallback), key.only.empty() ? "" : "; only for " + roff(key.only));
  }
  return page + ".SH SEE ALSO\noptex(1), optex\\-run(1)\n";
}

}  // namespace optex
