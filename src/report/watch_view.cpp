#include "optex/report/watch_view.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace optex {
namespace {

constexpr double worrying_silence = 120.0;  // seconds without a sign of life
constexpr std::size_t most_rank_bars = 64;

std::string clock_text(double seconds) {
  constexpr double longest = 1e12;
  if (!(seconds >= 0.0 && seconds < longest)) return "-";
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

Style style_of(const std::string& state) {
  if (state == "finished") return Style::green;
  if (state == "failed") return Style::red;
  return state == "running" ? Style::cyan : Style::yellow;
}

std::int64_t rounds_of(const RunSnapshot& now) {
  return now.rows.empty() ? now.status.iteration : std::max(now.status.iteration, now.rows.back().round);
}

/// Of the last rounds, a second; NaN when there are too few.
double rate_of(const RunSnapshot& now, double (*number)(const HistoryRow&)) {
  if (now.rows.size() < 2) return std::nan("");
  const double seconds = now.rows.back().seconds - now.rows.front().seconds;
  return seconds > 0.0 ? (number(now.rows.back()) - number(now.rows.front())) / seconds : std::nan("");
}
double round_number(const HistoryRow& row) { return static_cast<double>(row.round); }
double gradient_number(const HistoryRow& row) { return static_cast<double>(row.evaluations); }

std::string bar_of(double share, std::size_t width) {
  const auto filled =
      static_cast<std::size_t>(std::lround(std::clamp(share, 0.0, 1.0) * static_cast<double>(width)));
  std::string bar;
  for (std::size_t i = 0; i < width; ++i) bar += i < filled ? "\u2588" : "\u2591";
  return bar;
}

std::string state_text(const RunSnapshot& now, const TextStyle& style) {
  const RunStatus& status = now.status;
  std::string text = styled(status.state, style_of(status.state), style.colour);
  if (!status.reason.empty()) text += fmt::format(" ({})", status.reason);
  if (status.ended_without_word())
    text += styled(fmt::format(", but its process is gone: it ended without a word; {} goes on",
                               now.computed_outside ? "minimize with this folder" : "optex resume"),
                   Style::red, style.colour);
  else if (status.is_asked())
    text += ", by optex ask and optex tell";
  else if (status.state == "running" && now.silent_seconds > worrying_silence)
    text += styled(fmt::format(", no sign of life for {}", clock_text(now.silent_seconds)), Style::red,
                   style.colour);
  return text;
}

std::string load_line(const RunSnapshot& now, const RunSnapshot* before, const TextStyle& style) {
  const RankLoad& load = now.status.load;
  const std::size_t ranks = load.busy.size();
  if (ranks == 0 || !(load.seconds > 0.0)) return {};
  std::vector<double> shares(ranks);
  // Of the time since the last look, when that is long enough.
  const RankLoad* earlier = before != nullptr ? &before->status.load : nullptr;
  if (earlier != nullptr && (earlier->busy.size() != ranks || !(load.seconds > earlier->seconds + 0.5)))
    earlier = nullptr;
  const double over = load.seconds - (earlier != nullptr ? earlier->seconds : 0.0);
  double mean = 0.0;
  for (std::size_t r = 0; r < ranks; ++r) {
    const double seconds = load.busy[r] - (earlier != nullptr ? earlier->busy[r] : 0.0);
    shares[r] = std::clamp(seconds / over, 0.0, 1.0);
    mean += shares[r] / static_cast<double>(ranks);
  }
  static constexpr std::array<const char*, 9> heights = {" ",      "\u2581", "\u2582", "\u2583", "\u2584",
                                                         "\u2585", "\u2586", "\u2587", "\u2588"};
  const std::size_t shown = std::min({ranks, most_rank_bars, style.width > 40 ? style.width - 40 : 1});
  std::string bars;
  for (std::size_t r = 0; r < shown; ++r)
    bars += heights[static_cast<std::size_t>(std::lround(8.0 * shares[r * ranks / shown]))];
  return fmt::format("ranks      {:>3.0f} % busy  [{}]  {} rank{}", 100.0 * mean, bars, ranks,
                     ranks == 1 ? "" : "s");
}

}  // namespace

std::optional<double> seconds_left(const RunSnapshot& now) {
  std::optional<double> left;
  const auto rule = [&](double amount, double rate) {
    if (!(rate > 0.0)) return;
    const double seconds = std::max(0.0, amount / rate);
    left = left ? std::min(*left, seconds) : seconds;
  };
  if (now.rows.empty()) return left;
  const HistoryRow& last = now.rows.back();
  if (now.stop_iterations)
    rule(static_cast<double>(*now.stop_iterations) - static_cast<double>(last.round),
         rate_of(now, round_number));
  if (now.stop_evaluations)
    rule(static_cast<double>(*now.stop_evaluations) - static_cast<double>(last.evaluations),
         rate_of(now, gradient_number));
  if (now.stop_seconds) rule(*now.stop_seconds - last.seconds, 1.0);
  return left;
}

std::string sparkline(const std::vector<double>& numbers, std::size_t width) {
  static constexpr std::array<const char*, 8> blocks = {"\u2581", "\u2582", "\u2583", "\u2584",
                                                        "\u2585", "\u2586", "\u2587", "\u2588"};
  std::vector<double> finite;
  for (const double x : numbers)
    if (std::isfinite(x)) finite.push_back(x);
  if (finite.empty() || width == 0) return {};
  if (std::all_of(finite.begin(), finite.end(), [](double x) { return x > 0.0; }))
    for (double& x : finite) x = std::log(x);
  const auto [low, high] = std::minmax_element(finite.begin(), finite.end());
  const std::size_t shown = std::min(width, finite.size());
  std::string line;
  for (std::size_t i = 0; i < shown; ++i) {
    const double x = finite[shown == 1 ? finite.size() - 1 : i * (finite.size() - 1) / (shown - 1)];
    // Halves: the span of finite numbers may be infinite.
    const double span = *high / 2.0 - *low / 2.0;
    const double share = span > 0.0 ? (x / 2.0 - *low / 2.0) / span : 0.0;
    line += blocks[static_cast<std::size_t>(std::lround(7.0 * share))];
  }
  return line;
}

std::vector<std::string> watch_lines(const RunSnapshot& now, const RunSnapshot* before,
                                     const TextStyle& style) {
  std::vector<std::string> lines;
  const RunStatus& status = now.status;
  std::string head = styled(now.name, Style::bold, style.colour) + "  " + state_text(now, style);
  if (!status.host.empty()) head += fmt::format("  on {}", status.host);
  if (!status.host.empty() && status.pid != 0) head += fmt::format(", process {}", status.pid);
  lines.push_back(head);
  const std::int64_t rounds = rounds_of(now);
  std::string progress = fmt::format("round      {}", rounds);
  if (now.stop_iterations) {
    const double share =
        static_cast<double>(rounds) / static_cast<double>(std::max<std::int64_t>(1, *now.stop_iterations));
    progress +=
        fmt::format(" of {}  {} {:.0f} %", *now.stop_iterations,
                    bar_of(share, std::min<std::size_t>(30, style.width / 4)), 100.0 * std::min(1.0, share));
  }
  lines.push_back(progress);
  if (!now.rows.empty()) {
    const HistoryRow& last = now.rows.back();
    std::string values = fmt::format("value      {:.6g}   best {:.6g}   gradient norm {:.3g}", last.value,
                                     last.best_value, last.gradient_norm);
    if (now.stop_value) values += fmt::format("   until {:.6g}", *now.stop_value);
    lines.push_back(values);
    std::vector<double> recent;
    for (const HistoryRow& row : now.rows) recent.push_back(row.value);
    const std::size_t width = style.width > 40 ? style.width - 40 : 10;
    lines.push_back(fmt::format("           {}  last {} rounds", sparkline(recent, width), now.rows.size()));
    std::string rates =
        fmt::format("rate       {:.3g} rounds/s   {:.3g} gradients/s   for {}", rate_of(now, round_number),
                    rate_of(now, gradient_number), clock_text(last.seconds));
    if (const auto left = seconds_left(now); left && status.state == "running")
      rates += styled(fmt::format("   {} left", clock_text(*left)), Style::green, style.colour);
    lines.push_back(rates);
  }
  const HistoryBucket& recent = now.recent;
  if (recent.reach.count > 0 && recent.reach.value() > 0.0) {
    std::string chain = fmt::format("chain      {:.3g} steps accepted, reach {:.3g}", recent.accepted.value(),
                                    recent.reach.value());
    if (recent.log_error.size() > 1 && recent.log_error[1].count > 0)
      chain += fmt::format(", first prediction off by {:.3g} %",
                           std::round(1000.0 * std::pow(10.0, recent.log_error[1].value())) / 10.0);
    if (recent.dropped.value() > 0.0)
      chain +=
          styled(fmt::format(", {:.2g} points dropped", recent.dropped.value()), Style::yellow, style.colour);
    lines.push_back(chain);
  }
  if (recent.seconds > 0.0) {
    std::string time = "time      ";
    for (std::size_t p = 0; p < phase_names.size(); ++p) {
      const double share = recent.phases[p] / recent.seconds;
      if (share >= 0.005) time += fmt::format(" {} {:.0f} %", phase_names[p], 100.0 * std::min(1.0, share));
    }
    lines.push_back(time);
  }
  if (const std::string load = load_line(now, before, style); !load.empty()) lines.push_back(load);
  if (!status.message.empty() && status.state != "finished")
    lines.push_back(styled(status.message, Style::red, style.colour));
  return lines;
}

std::string fitted(const std::string& line, const TextStyle& style) {
  std::string out;
  std::size_t columns = 0, word = 0;  // where the last one begins
  bool has_digit = false;             // the last word
  for (std::size_t i = 0; i < line.size();) {
    std::size_t bytes = 1;
    if (line[i] == '\x1b') {
      bytes = line.find('m', i) - i + 1;
    } else {
      while (i + bytes < line.size() && (static_cast<unsigned char>(line[i + bytes]) & 0xC0U) == 0x80U)
        ++bytes;
      if (++columns > style.width) {
        // Half a number would be another number.
        if (line[i] != ' ' && has_digit) out = out.substr(0, word) + "\u2026";
        return out + (style.colour ? "\x1b[0m" : "");
      }
    }
    const bool blank = line[i] == ' ', digit = line[i] >= '0' && line[i] <= '9';
    out += line.substr(i, bytes);
    i += bytes;
    if (blank) word = out.size();
    has_digit = !blank && (has_digit || digit);
  }
  return out;
}

std::string watch_line(const RunSnapshot& now, const TextStyle& style) {
  std::string line = fmt::format("{}  {}  round {}", now.name, state_text(now, style), rounds_of(now));
  if (now.stop_iterations) line += fmt::format("/{}", *now.stop_iterations);
  line += fmt::format("  value {:.6g}", now.rows.empty() ? now.status.answer() : now.rows.back().value);
  if (!now.rows.empty()) line += fmt::format("  best {:.6g}", now.rows.back().best_value);
  if (const auto left = seconds_left(now); left && now.status.state == "running")
    line += fmt::format("  {} left", clock_text(*left));
  return line;
}

}  // namespace optex
