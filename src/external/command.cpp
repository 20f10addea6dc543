#include "optex/external/command.hpp"

#include "optex/core/errors.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "dialogue.hpp"
#include <fmt/format.h>

namespace optex {

Command::Command(CommandOptions options, const ExternalSettings& settings)
    : dialogue_(std::make_unique<Dialogue>(std::move(options), settings)) {
  try {
    dialogue_->converse([] {});
  } catch (const EvaluationError& error) {
    throw UsageError(fmt::format("problem.command: before it said what it computes: {}{}", error.what(),
                                 "; its own words stand above, if it had any"));
  }
}

Command::~Command() = default;

Index Command::dimension() const { return dialogue_->dimension(); }
Index Command::shard_count() const { return dialogue_->shards(); }
bool Command::is_noisy() const { return dialogue_->is(wire::flag_noisy); }

Vector Command::initial_point() const {
  return dialogue_->start().size() > 0 ? dialogue_->start() : Vector::Zero(dialogue_->dimension());
}

double Command::value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                                   VectorRef gradient) const {
  Dialogue& dialogue = *dialogue_;
  wire::Reply outcome{};
  std::string reason;
  const double value = dialogue.converse([&] {
    const auto deadline = dialogue.evaluation_deadline();
    wire::Request header = dialogue.about_point(wire::Ask::evaluate, theta.size());
    header.whole = key.whole ? 1 : 0;
    header.seed = key.seed;
    header.iteration = key.iteration;
    header.point = key.point;
    header.batch = key.batch;
    header.shard = shard;
    dialogue.send(header, theta, deadline);
    const wire::Answer answer = dialogue.receive_header(deadline);
    outcome = static_cast<wire::Reply>(answer.kind);
    if (outcome == wire::Reply::evaluated)
      dialogue.receive_numbers(answer, gradient, deadline);
    else if (outcome == wire::Reply::failed || outcome == wire::Reply::infeasible)
      reason = dialogue.receive_text(answer, deadline);
    else
      not_an_answer(fmt::format("a message of kind {} instead of a gradient", answer.kind));
    return answer.value;
  });
  // The child said so itself and is in order.
  if (outcome == wire::Reply::infeasible) throw InfeasiblePoint(reason);
  if (outcome == wire::Reply::failed)
    throw EvaluationError(reason.empty() ? "the command failed without a reason" : reason);
  return value;
}

std::vector<Measure> Command::assess(ConstVectorRef theta) const {
  Dialogue& dialogue = *dialogue_;
  if (!dialogue.is(wire::flag_assesses)) return {};
  const std::string text = dialogue.converse([&] {
    const auto deadline = dialogue.evaluation_deadline();
    dialogue.send(dialogue.about_point(wire::Ask::assess, theta.size()), theta, deadline);
    const wire::Answer answer = dialogue.receive_header(deadline);
    std::string words = dialogue.receive_text(answer, deadline);
    if (static_cast<wire::Reply>(answer.kind) != wire::Reply::assessed)
      throw EvaluationError("assessing the solution: " + words);
    return words;
  });
  std::vector<Measure> measures;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    const std::size_t gap = line.rfind(' ');
    Measure measure;
    if (gap == std::string_view::npos) not_an_answer(fmt::format("'{}' is no name with a number", line));
    measure.name = line.substr(0, gap);
    const auto [last, error] =
        std::from_chars(line.data() + gap + 1, line.data() + line.size(), measure.value);
    if (error != std::errc{} || last != line.data() + line.size())
      not_an_answer(fmt::format("'{}' is no name with a number", line));
    measures.push_back(std::move(measure));
    begin = end + 1;
  }
  return measures;
}

std::vector<Exhibit> Command::exhibits(ConstVectorRef theta) const {
  Dialogue& dialogue = *dialogue_;
  if (!dialogue.is(wire::flag_exhibits)) return {};
  std::string reason;
  std::vector<Exhibit> exhibits = dialogue.converse([&] {
    const auto deadline = dialogue.evaluation_deadline();
    dialogue.send(dialogue.about_point(wire::Ask::exhibit, theta.size()), theta, deadline);
    std::vector<Exhibit> shown;
    for (;;) {
      const wire::Answer answer = dialogue.receive_header(deadline);
      const auto kind = static_cast<wire::Reply>(answer.kind);
      if (kind == wire::Reply::all_shown) return shown;
      const std::string text = dialogue.receive_text(answer, deadline);
      if (kind == wire::Reply::failed || kind == wire::Reply::infeasible) {
        reason = text.empty() ? "the command failed without a reason" : text;
        return shown;
      }
      if (kind != wire::Reply::shown)
        not_an_answer(fmt::format("a message of kind {} instead of an exhibit", answer.kind));
      shown.push_back(dialogue.receive_exhibit(answer, text, deadline));
    }
  });
  if (!reason.empty()) throw EvaluationError(reason);
  return exhibits;
}

}  // namespace optex
