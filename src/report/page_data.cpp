#include "page_data.hpp"

#include <cmath>
#include <functional>

#include "json_file.hpp"
#include <fmt/format.h>

namespace optex {
namespace {

/// [1,2.5,null]; digits: of each number.
template <class Items, class Number>
std::string array_of(const Items& items, int digits, Number number) {
  std::string text = "[";
  for (const auto& item : items) {
    if (text.size() > 1) text += ',';
    const double x = number(item);
    text += std::isfinite(x) ? fmt::format("{:.{}g}", x, digits) : "null";
  }
  return text + "]";
}

std::string quoted(const std::string& text) {
  // "</script>" within a text must not end the script.
  std::string out;
  for (const char c : report_json_text(ReportJson(text), -1))
    out += c == '<' ? std::string("\\u003c") : std::string(1, c);
  return out;
}

std::string rows_of(const ReportedRun& run) {
  const auto& rows = run.history.rows;
  return fmt::format(
      "\"rounds\":{},\"gradients\":{},\"seconds\":{},\"value\":{},\"best\":{},\"norm\":{}",
      array_of(rows, 12, [](const HistoryRow& r) { return static_cast<double>(r.round); }),
      array_of(rows, 12, [](const HistoryRow& r) { return static_cast<double>(r.evaluations); }),
      array_of(rows, 6, [](const HistoryRow& r) { return r.seconds; }),
      // All digits: gaps to the best are differences of these.
      array_of(rows, 17, [](const HistoryRow& r) { return r.value; }),
      array_of(rows, 17, [](const HistoryRow& r) { return r.best_value; }),
      array_of(rows, 5, [](const HistoryRow& r) { return r.gradient_norm; }));
}

std::string buckets_of(const ReportedRun& run) {
  const auto& buckets = run.history.buckets;
  const auto power = [](const Mean& mean) { return std::pow(10.0, mean.value()); };
  std::string phases, depths;
  for (std::size_t p = 0; p < phase_names.size(); ++p)
    phases += fmt::format("{}\"{}\":{}", p == 0 ? "" : ",", phase_names[p],
                          array_of(buckets, 4, [p](const HistoryBucket& b) { return b.phases[p]; }));
  for (std::size_t depth = 0; depth < run.history.total.log_error.size(); ++depth)
    depths += fmt::format("{}\"{}\"", depth == 0 ? "" : ",", depth_class_text(depth));
  std::string winners;
  for (std::size_t k = 0; k < winner_names.size(); ++k)
    winners += fmt::format(
        "{}\"{}\":{}", k == 0 ? "" : ",", winner_names[k],
        array_of(buckets, 12, [k](const HistoryBucket& b) { return static_cast<double>(b.winners[k]); }));
  // A cell of the heat map: bucket, depth class, mean.
  const auto cells = [&](const std::vector<Mean> HistoryBucket::*means) {
    std::string text;
    for (std::size_t b = 0; b < buckets.size(); ++b)
      for (std::size_t depth = 0; depth < (buckets[b].*means).size(); ++depth)
        if (const double mean = (buckets[b].*means)[depth].value(); std::isfinite(mean))
          text += fmt::format("{}[{},{},{:.3g}]", text.empty() ? "" : ",", b, depth, mean);
    return "[" + text + "]";
  };
  return fmt::format(
      "\"first\":{},\"last\":{},\"accepted\":{},\"reach\":{},\"dropped\":{},\"lengthscale\":{},\"nugget\":{},"
      "\"took\":{},\"winners\":{{{}}},\"phases\":{{{}}},\"depths\":[{}],\"errors\":{},\"cosines\":{}",
      array_of(buckets, 12, [](const HistoryBucket& b) { return static_cast<double>(b.first); }),
      array_of(buckets, 12, [](const HistoryBucket& b) { return static_cast<double>(b.last); }),
      array_of(buckets, 4, [](const HistoryBucket& b) { return b.accepted.value(); }),
      array_of(buckets, 4, [](const HistoryBucket& b) { return b.reach.value(); }),
      array_of(buckets, 4, [](const HistoryBucket& b) { return b.dropped.value(); }),
      array_of(buckets, 4, [&](const HistoryBucket& b) { return power(b.log_lengthscale); }),
      array_of(buckets, 4, [&](const HistoryBucket& b) { return power(b.log_nugget); }),
      array_of(buckets, 5, [](const HistoryBucket& b) { return b.seconds; }), winners, phases, depths,
      cells(&HistoryBucket::log_error), cells(&HistoryBucket::cosine));
}

std::string fields_of(const ReportedRun& run) {
  std::string fields;
  for (const ReportedField& field : run.fields) {
    std::string frames;
    for (const FieldFrame& frame : field.frames)
      frames += fmt::format("{}{{\"round\":{},\"rows\":{},\"columns\":{},\"of\":[{},{}],\"values\":{}}}",
                            frames.empty() ? "" : ",", frame.round, frame.shown_rows, frame.shown_columns,
                            frame.rows, frame.columns, array_of(frame.values, 4, [](double x) { return x; }));
    fields += fmt::format("{}{{\"name\":{},\"kind\":{},\"unit\":{},\"truth\":{},\"frames\":[{}]}}",
                          fields.empty() ? "" : ",", quoted(field.name), quoted(field.kind),
                          quoted(field.unit), quoted(field.truth), frames);
  }
  return fields;
}

std::string run_json(const ReportedRun& run) {
  std::string quality, hosts;
  for (const auto& [name, points] : run.history.quality)
    quality +=
        fmt::format("{}{}:[{},{}]", quality.empty() ? "" : ",", quoted(name),
                    array_of(points, 12, [](const QualityPoint& p) { return static_cast<double>(p.round); }),
                    array_of(points, 6, [](const QualityPoint& p) { return p.value; }));
  for (const std::string& host : run.host_of_rank) hosts += (hosts.empty() ? "" : ",") + quoted(host);
  return fmt::format(
      "{{\"label\":{},\"noisy\":{},\"comparison\":{},\"parallelism\":{},{},\"buckets\":{{{}}},\"quality\":{{{"
      "}}},\"fields\":[{}],\"ranks\":{{\"seconds\":{},\"busy\":{},\"hosts\":[{}]}}}}",
      quoted(run.label), run.noisy, run.of_comparison, run.parallelism, rows_of(run), buckets_of(run),
      quality, fields_of(run), std::isfinite(run.status.load.seconds) ? run.status.load.seconds : 0.0,
      array_of(run.status.load.busy, 5, [](double seconds) { return seconds; }), hosts);
}

}  // namespace

std::string page_data(const Report& report) {
  std::string runs, groups, targets;
  for (const ReportedRun& run : report.runs) runs += (runs.empty() ? "" : ",\n") + run_json(run);
  for (const RunGroup& group : report.groups) {
    std::string places;
    for (const std::size_t i : group.runs) places += (places.empty() ? "" : ",") + std::to_string(i);
    groups += fmt::format("{}{{\"label\":{},\"ideal\":{},\"runs\":[{}]}}", groups.empty() ? "" : ",",
                          quoted(group.label), group.ideal, places);
  }
  for (const ReportTarget& target : report.targets)
    targets += fmt::format("{}{:.10g}", targets.empty() ? "" : ",", target.value);
  return fmt::format(
      "{{\"one_problem\":{},\"measure\":{},\"groups\":[{}],\n\"targets\":[{}],\n\"runs\":[{}]}}",
      report.one_problem, quoted(report.measure), groups, targets, runs);
}

}  // namespace optex
