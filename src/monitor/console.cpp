#include "optex/monitor/console.hpp"

#include "optex/core/printable.hpp"
#include "optex/monitor/status_writer.hpp"
#include "optex/text/styled.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "json.hpp"
#include "summary.hpp"
#include "terminal.hpp"
#include <fmt/format.h>

namespace optex {

namespace {

constexpr double redraw_seconds = 0.1;
constexpr const char* erase_line = "\r\033[2K";

const char* word(LogLevel level) {
  switch (level) {
    case LogLevel::error:
      return "error";
    case LogLevel::warning:
      return "warning";
    case LogLevel::info:
      return "info";
    case LogLevel::debug:
      return "debug";
  }
  return "";
}

Style style_of(LogLevel level) {
  if (level == LogLevel::error) return Style::red;
  return level == LogLevel::warning ? Style::yellow : Style::dim;
}

/// "[=====>      ]"
std::string bar(double share) {
  constexpr std::size_t width = 12;
  const auto full = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(width));
  std::string text(full, '=');
  if (full < width) text += '>';
  text.resize(width, ' ');
  return "[" + text + "]";
}

int digits(std::int64_t number) { return static_cast<int>(fmt::formatted_size("{}", number)); }

std::string quality_text(const IterationReport& report) {
  std::string text = fmt::format("after round {}:", report.iteration);
  for (const Measure& measure : report.quality)
    text += fmt::format(" {} {:.4g}", measure.name, measure.value);
  return text;
}

}  // namespace

Console::Console(ConsoleOptions options) : options_(std::move(options)) {
  const bool text = options_.format == LogFormat::text;
  terminal_ = std::make_unique<Terminal>(options_.log_descriptor);
  live_ = text && options_.level >= LogLevel::info && terminal_->exists();
  coloured_ = text && terminal_->wants_colour();
}

Console::~Console() { erase(); }

void Console::on_start(const RunState& run) {
  progress_ = Progress();
  progress_.first_iteration = progress_.iteration = run.iteration;
  progress_.first_evaluations = progress_.evaluations = run.evaluations;
  progress_.first_seconds = progress_.seconds = run.seconds;
}

void Console::on_iteration(const RunState& run, const IterationReport& report) {
  const bool first = progress_.iteration == progress_.first_iteration;
  progress_.iteration = run.iteration;
  progress_.evaluations = run.evaluations;
  progress_.accepted = report.accepted;
  progress_.reach = report.reach;
  progress_.value = report.value;
  progress_.best_value = report.best_value;
  progress_.seconds = run.seconds;
  progress_.waited += report.seconds_in.wait;
  if (options_.level < LogLevel::info) return;
  if (first && !report.choice.empty()) message(LogLevel::info, report.choice);
  if (!report.quality.empty()) message(LogLevel::info, quality_text(report));
  if (live_) {
    if (first || since_draw_.seconds() >= redraw_seconds) draw();
  } else if (run.iteration % options_.every == 0) {
    put(options_.log_descriptor, options_.format == LogFormat::json
                                     ? progress_json()
                                     : progress_text(std::numeric_limits<std::size_t>::max(), false) + "\n");
  }
}

void Console::on_end(const RunState& run, const Outcome& outcome) {
  erase();
  progress_.iteration = run.iteration;
  progress_.evaluations = run.evaluations;
  progress_.seconds = run.seconds;
  const double best = std::fmin(run.best.value, outcome.best_value);
  const Summary summary{outcome,         options_.folder, run.iteration,  best,
                        run.evaluations, run.seconds,     waiting_share()};
  std::string text;
  if (options_.format == LogFormat::json) {
    text = summary_json(summary);
  } else {
    const Terminal terminal(options_.result_descriptor);
    // Launchers forward the two streams on their own: the summary may overtake the erasing of the live line.
    if (live_ && terminal.exists()) text = erase_line;
    text += summary_text(summary, terminal.wants_colour());
  }
  if (options_.summary) put(options_.result_descriptor, text);
  // The cause stands last, where it is looked for.
  if (status_of(outcome) != "finished" && !outcome.message.empty())
    message(status_of(outcome) == "failed" ? LogLevel::error : LogLevel::warning, outcome.message);
}

void Console::message(LogLevel level, const std::string& text) {
  if (level > options_.level) return;
  erase();
  if (options_.format == LogFormat::json)
    put(options_.log_descriptor, to_line({{"time", utc_time()}, {"level", word(level)}, {"text", text}}));
  else
    put(options_.log_descriptor,
        fmt::format("optex: {}{}\n",
                    level == LogLevel::info ? "" : styled(word(level), style_of(level), coloured_) + ": ",
                    printable(text)));
}

double Console::waiting_share() const {
  const double passed = progress_.seconds - progress_.first_seconds;
  return passed > 0.0 ? std::clamp(progress_.waited / passed, 0.0, 1.0) : 0.0;
}

double Console::seconds_left() const {
  const StopRules& rules = options_.rules;
  const double passed = progress_.seconds - progress_.first_seconds;
  double left = std::numeric_limits<double>::infinity();
  const auto rule = [&](std::int64_t limit, std::int64_t first, std::int64_t now) {
    if (now > first)
      left = std::min(left, passed * static_cast<double>(limit - now) / static_cast<double>(now - first));
  };
  if (rules.iterations) rule(*rules.iterations, progress_.first_iteration, progress_.iteration);
  if (rules.evaluations) rule(*rules.evaluations, progress_.first_evaluations, progress_.evaluations);
  if (rules.seconds) left = std::min(left, *rules.seconds - progress_.seconds);
  return std::max(left, 0.0);
}

/// Pieces in the order of the line, each with its rank of importance: the least important leave first when
/// the line does not fit.
std::string Console::progress_text(std::size_t width, bool coloured) const {
  struct Piece {
    int rank;
    std::string text;
    Style style = Style::plain;
  };
  std::vector<Piece> pieces;
  const auto& limit = options_.rules.iterations;
  if (limit)
    pieces.push_back(
        {1, fmt::format("round {:>{}}/{}", progress_.iteration, digits(*limit), *limit), Style::bold});
  else
    pieces.push_back({1, fmt::format("round {:>6}", progress_.iteration), Style::bold});
  if (limit && live_)
    pieces.push_back(
        {9, bar(static_cast<double>(progress_.iteration) / static_cast<double>(*limit)), Style::dim});
  pieces.push_back({2, fmt::format("value {:<11.6g}", progress_.value)});
  pieces.push_back({4, fmt::format("best {:<11.6g}", progress_.best_value)});
  pieces.push_back({6, fmt::format("accepted {:<3}  reach {:<3}", progress_.accepted, progress_.reach)});
  pieces.push_back({8, fmt::format("gradients {:<7}", progress_.evaluations)});
  pieces.push_back({5, fmt::format("waiting {:>3.0f}%", 100.0 * waiting_share())});
  pieces.push_back({7, fmt::format("time {:<6}", duration_text(progress_.seconds))});
  if (const double left = seconds_left(); std::isfinite(left))
    pieces.push_back({3, fmt::format("ETA {:<6}", duration_text(left)), Style::green});

  constexpr std::size_t gap = 2;
  const auto length = [&] {
    std::size_t sum = 0;
    for (const Piece& piece : pieces) sum += piece.text.size() + gap;
    return sum - gap;
  };
  while (pieces.size() > 1 && length() > width)
    pieces.erase(std::max_element(pieces.begin(), pieces.end(),
                                  [](const Piece& a, const Piece& b) { return a.rank < b.rank; }));
  pieces.front().text.resize(std::min(pieces.front().text.size(), width));

  std::string line;
  for (const Piece& piece : pieces) {
    if (!line.empty()) line.append(gap, ' ');
    line += styled(piece.text, piece.style, coloured);
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

std::string Console::progress_json() const {
  return to_line({{"time", utc_time()},
                  {"level", "info"},
                  {"iteration", progress_.iteration},
                  {"value", progress_.value},
                  {"best_value", progress_.best_value},
                  {"accepted", progress_.accepted},
                  {"reach", progress_.reach},
                  {"evaluations", progress_.evaluations},
                  {"seconds", progress_.seconds},
                  {"waiting", waiting_share()},
                  {"seconds_left", seconds_left()}});
}

void Console::draw() {
  // The last column stays free: some terminals wrap when it is written.
  const std::size_t width = terminal_->width() - 1;
  put(options_.log_descriptor, erase_line + progress_text(width, coloured_));
  drawn_ = true;
  since_draw_ = Stopwatch();
}

void Console::erase() {
  if (std::exchange(drawn_, false)) put(options_.log_descriptor, erase_line);
}

}  // namespace optex
