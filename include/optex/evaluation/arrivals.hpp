#pragma once

#include "optex/evaluation/forwarding_evaluator.hpp"

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace optex {

/// A point of a run.
struct PointName {
  std::int64_t iteration = 0;  ///< SampleKey::iteration
  std::int32_t point = 0;      ///< SampleKey::point

  friend auto operator<=>(const PointName&, const PointName&) = default;
};

/// What was there when a round was closed: all that a trajectory owes to the clock.
struct Arrivals {
  std::int64_t iteration = 0;         ///< of the round: SampleKey::iteration
  Index submitted = 0;                ///< points of the round
  std::vector<std::int32_t> arrived;  ///< those of them that were there: SampleKey::point, ascending
  std::vector<PointName> late;        ///< of earlier rounds that came in this one, ascending
  std::vector<PointName> failed;      ///< of both, those whose evaluation failed

  friend bool operator==(const Arrivals&, const Arrivals&) = default;
};

/// Hands everything on to another evaluator, and tells of every round that it closed at a quorum what was
/// there, before anybody has made use of it.
class ArrivalRecorder final : public ForwardingEvaluator {
 public:
  /// `inner` must outlive this object.
  ArrivalRecorder(Evaluator& inner, std::function<void(const Arrivals&)> record)
      : ForwardingEvaluator(inner), record_(std::move(record)) {}

  using Evaluator::close;
  void begin(const Opening& opening) override;
  void submit(Point point) override;
  Round close(const Closing& how) override;

 private:
  std::function<void(const Arrivals&)> record_;
  std::vector<SampleKey> round_;
};

/// Closes rounds as an earlier run did, whatever the clock says: what had arrived then is waited for, what
/// had not is not asked for, and late points are evaluated in the round in which they had come. With the same
/// objective and settings the run is then the same, bit for bit, on any evaluator.
///
/// Throws UsageError when the rounds asked for are not those of the log.
class ArrivalReplay final : public ForwardingEvaluator {
 public:
  /// `inner` must outlive this object. `log`: by Arrivals::iteration.
  ArrivalReplay(Evaluator& inner, std::map<std::int64_t, Arrivals> log)
      : ForwardingEvaluator(inner), log_(std::move(log)) {}

  using Evaluator::close;
  void begin(const Opening& opening) override;
  void submit(Point point) override { round_.push_back(std::move(point)); }
  Round close(const Closing& how) override;

 private:
  Round close_as_logged();
  const Arrivals& arrivals_of(const SampleKey& key) const;

  std::map<std::int64_t, Arrivals> log_;
  std::vector<Point> round_, late_;
};

}  // namespace optex
