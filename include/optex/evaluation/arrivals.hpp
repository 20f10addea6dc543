#pragma once

#include "optex/evaluation/forwarding_evaluator.hpp"

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
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

  void begin(Index points) override;
  void submit(const SampleKey& key, ConstVectorRef theta) override;
  void submit_shared(const SampleKey& key, std::shared_ptr<const Vector> theta) override;
  void submit_late(const SampleKey& key, ConstVectorRef theta) override { inner().submit_late(key, theta); }
  ClosedRound collect_quorum(Index enough) override;

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

  void begin(Index points) override;
  void submit(const SampleKey& key, ConstVectorRef theta) override {
    submit_shared(key, std::make_shared<const Vector>(theta));
  }
  void submit_shared(const SampleKey& key, std::shared_ptr<const Vector> theta) override;
  void submit_late(const SampleKey& key, ConstVectorRef theta) override;
  std::vector<Evaluation> collect() override;
  ClosedRound collect_quorum(Index enough) override;

 private:
  struct Submission {
    SampleKey key;
    std::shared_ptr<const Vector> theta;
  };
  const Arrivals& arrivals_of(const SampleKey& key) const;

  std::map<std::int64_t, Arrivals> log_;
  Index announced_ = 0;
  std::vector<Submission> round_, late_;
};

}  // namespace optex
