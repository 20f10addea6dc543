#include "optex/report/run_history.hpp"

#include "optex/files/reading.hpp"

#include <algorithm>
#include <cmath>
#include <deque>

#include "metrics_line.hpp"
#include <fmt/format.h>

namespace optex {
namespace {

constexpr std::size_t most_quality_points = 2000;

/// Keeps of every `stride` rounds the ones with the smallest and the largest value; the stride doubles when
/// there are too many.
class RowThinner {
 public:
  explicit RowThinner(std::size_t limit) : limit_(std::max<std::size_t>(limit, 16)), head_rows_(limit_ / 5) {}

  void add(const HistoryRow& row) {
    // The first rounds stay whole: most happens there, and logarithmic axes show them large.
    if (head_.size() < head_rows_) {
      head_.push_back(row);
      return;
    }
    if (rows_.empty()) {
      rows_.push_back(row);
      return;
    }
    pending_.push_back(row);
    if (pending_.size() < 2 * stride_) return;
    take_extremes(pending_, rows_);
    pending_.clear();
    if (rows_.size() >= limit_) halve();
  }

  /// All that is left, the last round always.
  std::vector<HistoryRow> finish() {
    if (!pending_.empty()) {
      const HistoryRow last = pending_.back();
      pending_.pop_back();
      if (stride_ == 1)
        rows_.insert(rows_.end(), pending_.begin(), pending_.end());
      else if (!pending_.empty())
        take_extremes(pending_, rows_);
      rows_.push_back(last);
    }
    head_.insert(head_.end(), rows_.begin(), rows_.end());
    return std::move(head_);
  }

 private:
  static void take_extremes(const std::vector<HistoryRow>& from, std::vector<HistoryRow>& to) {
    // Not a number is larger than everything: it must not hide what is there.
    const auto key = [](const HistoryRow& row) {
      return std::isnan(row.value) ? std::numeric_limits<double>::infinity() : row.value;
    };
    const auto [low, high] = std::minmax_element(
        from.begin(), from.end(), [&](const HistoryRow& a, const HistoryRow& b) { return key(a) < key(b); });
    to.push_back(*std::min(low, high));
    if (low != high) to.push_back(*std::max(low, high));
  }

  void halve() {
    std::vector<HistoryRow> kept{rows_.front()};
    for (std::size_t i = 1; i < rows_.size(); i += 4) {
      const std::size_t end = std::min(i + 4, rows_.size());
      take_extremes(
          {rows_.begin() + static_cast<std::ptrdiff_t>(i), rows_.begin() + static_cast<std::ptrdiff_t>(end)},
          kept);
    }
    rows_ = std::move(kept);
    stride_ *= 2;
  }

  std::size_t limit_, head_rows_;
  std::size_t stride_ = 1;
  std::vector<HistoryRow> head_, rows_, pending_;
};

/// Buckets of equal width, which doubles when there are too many.
class BucketThinner {
 public:
  explicit BucketThinner(std::size_t limit) : limit_(std::max<std::size_t>(limit, 2)) {}

  void add(const HistoryBucket& round) {
    if (buckets_.empty() || filled_ == width_) {
      if (buckets_.size() == limit_) halve();
    }
    if (buckets_.empty() || filled_ == width_) {
      buckets_.push_back(round);
      filled_ = 1;
    } else {
      buckets_.back().merge(round);
      ++filled_;
    }
  }

  std::vector<HistoryBucket> finish() { return std::move(buckets_); }

 private:
  void halve() {
    std::vector<HistoryBucket> merged;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      if (i % 2 == 0)
        merged.push_back(std::move(buckets_[i]));
      else
        merged.back().merge(buckets_[i]);
    }
    filled_ = buckets_.size() % 2 == 1 ? width_ : 2 * width_;
    buckets_ = std::move(merged);
    width_ *= 2;
  }

  std::size_t limit_;
  std::int64_t width_ = 1;
  std::int64_t filled_ = 0;  // rounds in the last bucket
  std::vector<HistoryBucket> buckets_;
};

/// Lines without depths are about the first points of the chain.
std::size_t depth_class_of(const MetricsLine& line, std::size_t point) {
  if (point >= line.depths.size()) return depth_class(static_cast<std::int64_t>(point));
  return depth_class(static_cast<std::int64_t>(std::clamp(line.depths[point], 0.0, 1e15)));
}

Mean& at_class(std::vector<Mean>& means, std::size_t number) {
  if (means.size() <= number) means.resize(number + 1);
  return means[number];
}

void add_each(std::vector<Mean>& means, const std::vector<Mean>& others) {
  for (std::size_t i = 0; i < others.size(); ++i) at_class(means, i).add(others[i]);
}

/// Every so many measurements of one quantity; their distance doubles when there are too many.
class QualityThinner {
 public:
  void add(const QualityPoint& point) {
    if (seen_++ % stride_ != 0) return;
    points_.push_back(point);
    if (points_.size() < most_quality_points) return;
    for (std::size_t i = 0; 2 * i < points_.size(); ++i) points_[i] = points_[2 * i];
    points_.resize((points_.size() + 1) / 2);
    stride_ *= 2;
  }
  std::vector<QualityPoint> finish() { return std::move(points_); }

 private:
  std::int64_t seen_ = 0, stride_ = 1;
  std::vector<QualityPoint> points_;
};

/// The mean over the last so many values; NaN until there are as many.
class RunningMean {
 public:
  explicit RunningMean(std::int64_t window)
      : window_(static_cast<std::size_t>(std::max<std::int64_t>(window, 1))) {}
  double operator()(double x) {
    values_.push_back(x);
    if (values_.size() > window_) values_.pop_front();
    if (values_.size() < window_) return std::numeric_limits<double>::quiet_NaN();
    double sum = 0.0;
    for (const double value : values_) sum += value;
    return sum / static_cast<double>(values_.size());
  }

 private:
  std::size_t window_;
  std::deque<double> values_;
};

}  // namespace

HistoryBucket bucket_of(const MetricsLine& line, double seconds) {
  HistoryBucket bucket;
  bucket.first = bucket.last = line.row.round;
  bucket.accepted.add(line.accepted);
  bucket.reach.add(line.reach);
  bucket.dropped.add(line.dropped);
  if (line.update == "surrogate") {
    const std::string_view winner = line.winner.empty() ? "none" : std::string_view(line.winner);
    for (std::size_t k = 0; k < winner_names.size(); ++k)
      bucket.winners[k] += winner_names[k] == winner ? 1 : 0;
  }
  if (line.lengthscale > 0.0) bucket.log_lengthscale.add(std::log10(line.lengthscale));
  if (line.nugget > 0.0) bucket.log_nugget.add(std::log10(line.nugget));
  for (std::size_t s = 0; s < line.prediction_error.size(); ++s)
    if (line.prediction_error[s] > 0.0)
      at_class(bucket.log_error, depth_class_of(line, s)).add(std::log10(line.prediction_error[s]));
  for (std::size_t s = 0; s < line.prediction_cosine.size(); ++s)
    if (std::isfinite(line.prediction_cosine[s]))
      at_class(bucket.cosine, depth_class_of(line, s)).add(line.prediction_cosine[s]);
  bucket.phases = line.phases;
  bucket.seconds = seconds;
  return bucket;
}

// Classes 5 + 2k and 6 + 2k are the lower and the upper half of 4 2^k + 1 .. 8 2^k.
std::size_t depth_class(std::int64_t depth) {
  if (depth <= 4) return static_cast<std::size_t>(std::max<std::int64_t>(depth, 0));
  std::int64_t below = 4;  // the doubling is below + 1 .. 2 below
  std::size_t number = 5;
  for (; depth > 2 * below; below *= 2) number += 2;
  return number + (2 * depth > 3 * below ? 1 : 0);
}

std::string depth_class_text(std::size_t number) {
  if (number <= 4) return std::to_string(number);
  const std::int64_t below = std::int64_t{4} << ((number - 5) / 2);
  return number % 2 == 1 ? fmt::format("{}\u2013{}", below + 1, 3 * below / 2)
                         : fmt::format("{}\u2013{}", 3 * below / 2 + 1, 2 * below);
}

void Mean::add(double x) {
  if (!std::isfinite(x)) return;
  sum += x;
  ++count;
}

void Mean::add(const Mean& other) {
  sum += other.sum;
  count += other.count;
}

double Mean::value() const {
  return count == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(count);
}

void HistoryBucket::merge(const HistoryBucket& next) {
  if (first == 0) first = next.first;
  last = next.last;
  accepted.add(next.accepted);
  reach.add(next.reach);
  dropped.add(next.dropped);
  for (std::size_t k = 0; k < winners.size(); ++k) winners[k] += next.winners[k];
  log_lengthscale.add(next.log_lengthscale);
  log_nugget.add(next.log_nugget);
  add_each(log_error, next.log_error);
  add_each(cosine, next.cosine);
  for (std::size_t p = 0; p < phases.size(); ++p) phases[p] += next.phases[p];
  seconds += next.seconds;
}

RunHistory read_run_history(const std::filesystem::path& metrics_file, const HistoryLimits& limits) {
  RunHistory history;
  std::error_code ignored;
  if (!std::filesystem::exists(metrics_file, ignored)) return history;
  files::LineReader lines(files::open_for_reading(metrics_file));
  RowThinner rows(limits.rows);
  BucketThinner buckets(limits.buckets);
  RunningMean mean(limits.window);
  std::map<std::string, QualityThinner> quality;
  double best = std::numeric_limits<double>::infinity();
  std::string text;
  MetricsLine line;
  while (lines.next(text)) {
    const bool whole = lines.was_whole();  // a line without its end is still being written
    if (!whole || !read_metrics_line(text, line) || line.row.round <= history.last.round) {
      if (whole && !text.empty()) ++history.damaged_lines;
      continue;
    }
    ++history.rounds;
    rows.add(line.row);
    const HistoryBucket bucket = bucket_of(line, line.row.seconds - history.last.seconds);
    buckets.add(bucket);
    history.total.merge(bucket);
    const double seen = limits.window > 1 ? mean(line.row.value) : line.row.best_value;
    if (seen < best) {
      best = seen;
      history.improvements.push_back({line.row.round, line.row.evaluations, line.row.seconds, seen});
    }
    if (!line.update.empty()) ++history.updates[line.update];
    for (const auto& [name, value] : line.quality)
      if (std::isfinite(value)) quality[name].add({line.row.round, value});
    if (std::isfinite(line.final_value)) history.final_value = line.final_value;
    history.last = line.row;
  }
  history.rows = rows.finish();
  history.buckets = buckets.finish();
  for (auto& [name, points] : quality) history.quality[name] = points.finish();
  return history;
}

const CurvePoint* first_at(const RunHistory& history, double target) {
  const auto found = std::partition_point(history.improvements.begin(), history.improvements.end(),
                                          [&](const CurvePoint& i) { return i.value > target; });
  return found == history.improvements.end() ? nullptr : &*found;
}

}  // namespace optex
