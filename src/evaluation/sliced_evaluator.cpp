#include "optex/evaluation/sliced_evaluator.hpp"

#include <cstdint>
#include <cstring>
#include <utility>

namespace optex {
namespace {

/// What is known of an answer besides its gradient, without padding; the text of a failure follows.
struct AnswerHead {
  double value = 0.0;
  std::int64_t gradients = 0;
  std::uint64_t failure_bytes = 0;
  std::uint64_t has_gradient = 0;
};

std::string encode(const std::vector<Evaluation>& evaluations) {
  std::string text;
  for (const Evaluation& evaluation : evaluations) {
    const AnswerHead head{evaluation.value, evaluation.gradients, evaluation.failure.size(),
                          evaluation.gradient.size() > 0 ? std::uint64_t{1} : std::uint64_t{0}};
    text.append(reinterpret_cast<const char*>(&head), sizeof head);
    text += evaluation.failure;
  }
  return text;
}

/// The gradients that are to come have one entry.
std::vector<Evaluation> decode(const std::string& text) {
  std::vector<Evaluation> evaluations;
  for (std::size_t at = 0; at < text.size();) {
    AnswerHead head;
    if (text.size() - at < sizeof head) throw Error(ExitCode::internal, "garbled answers from rank 0");
    std::memcpy(&head, text.data() + at, sizeof head);
    at += sizeof head;
    if (head.failure_bytes > text.size() - at) throw Error(ExitCode::internal, "garbled answers from rank 0");
    Evaluation evaluation;
    evaluation.value = head.value;
    evaluation.gradients = head.gradients;
    evaluation.failure = text.substr(at, head.failure_bytes);
    if (head.has_gradient != 0) evaluation.gradient = Vector::Zero(1);
    at += head.failure_bytes;
    evaluations.push_back(std::move(evaluation));
  }
  return evaluations;
}

void deal_out(std::vector<Evaluation>& evaluations, CoordinateSlices& slices) {
  const Vector none;
  for (Evaluation& evaluation : evaluations) {
    if (evaluation.gradient.size() == 0) continue;
    Vector slice = slices.scatter(slices.is_first() ? evaluation.gradient : none);
    evaluation.gradient = std::move(slice);
  }
}

}  // namespace

void SlicedEvaluator::begin(const Opening& opening) {
  const SlicesInUse none(nullptr);
  whole_.begin({opening.points});
}

void SlicedEvaluator::submit(Point point) {
  const SlicesInUse none(nullptr);
  whole_.submit({point.key, std::make_shared<const Vector>(slices_.gather(*point.theta))});
}

Round SlicedEvaluator::close(const Closing&) {
  const SlicesInUse none(nullptr);
  Round round;
  try {
    round = whole_.close();
  } catch (const StallError&) {
    throw;  // somebody who would have to be told is silent
  } catch (...) {
    slices_.call(JointStep::broken);
    throw;
  }
  slices_.call(JointStep::collected);
  slices_.share(encode(round.evaluations));
  deal_out(round.evaluations, slices_);
  return round;
}

void EvaluatorOfSlice::submit(Point point) {
  slices_.gather(*point.theta);
  ++points_;
}

Round EvaluatorOfSlice::close(const Closing&) {
  const SlicesInUse none(nullptr);
  switch (serve_()) {
    case JointStep::collected:
      break;
    case JointStep::broken:
      throw RoundBroken();
    default:
      throw Error(ExitCode::internal, "rank 0 called for another step within a round");
  }
  Round round;
  round.evaluations = decode(slices_.share(""));
  if (round.evaluations.size() != points_)
    throw Error(ExitCode::internal, "rank 0 has answers to another number of points");
  deal_out(round.evaluations, slices_);
  return round;
}

}  // namespace optex
