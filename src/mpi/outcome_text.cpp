#include "outcome_text.hpp"

#include <cstring>
#include <type_traits>

namespace optex {
namespace {

template <class Plain>
void put(std::string& bytes, const Plain& value) {
  static_assert(std::is_trivially_copyable_v<Plain>);
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void put_text(std::string& bytes, std::string_view text) {
  put(bytes, text.size());
  bytes += text;
}

class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : rest_(bytes) {}

  template <class Plain>
  Plain take() {
    Plain value{};
    const std::string_view raw = next(sizeof value);
    std::memcpy(&value, raw.data(), sizeof value);
    return value;
  }
  std::string_view next(std::size_t count) {
    if (count > rest_.size()) throw Error(ExitCode::internal, "garbled outcome of a run");
    const std::string_view piece = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return piece;
  }
  std::string text() { return std::string(next(take<std::size_t>())); }

 private:
  std::string_view rest_;
};

}  // namespace

std::string to_bytes(const Outcome& outcome) {
  std::string bytes;
  put(bytes, outcome.code);
  put(bytes, outcome.answer);
  put(bytes, outcome.final_value);
  put(bytes, outcome.best_value);
  put_text(bytes, outcome.reason);
  put_text(bytes, outcome.message);
  put(bytes, outcome.solution.size());
  bytes.append(reinterpret_cast<const char*>(outcome.solution.data()),
               static_cast<std::size_t>(outcome.solution.size()) * sizeof(double));
  put(bytes, outcome.rounds);
  put(bytes, outcome.gradients);
  put(bytes, outcome.seconds);
  put(bytes, outcome.measures.size());
  for (const Measure& measure : outcome.measures) {
    put_text(bytes, measure.name);
    put(bytes, measure.value);
  }
  put(bytes, outcome.warnings.size());
  for (const std::string& warning : outcome.warnings) put_text(bytes, warning);
  return bytes;
}

Outcome outcome_from(std::string_view text) {
  Bytes bytes(text);
  Outcome outcome;
  outcome.code = bytes.take<ExitCode>();
  outcome.answer = bytes.take<AnswerPoint>();
  outcome.final_value = bytes.take<double>();
  outcome.best_value = bytes.take<double>();
  outcome.reason = bytes.text();
  outcome.message = bytes.text();
  const auto length = bytes.take<Index>();
  const std::string_view numbers = bytes.next(static_cast<std::size_t>(length) * sizeof(double));
  outcome.solution.resize(length);
  if (length > 0) std::memcpy(outcome.solution.data(), numbers.data(), numbers.size());
  outcome.rounds = bytes.take<std::int64_t>();
  outcome.gradients = bytes.take<std::int64_t>();
  outcome.seconds = bytes.take<double>();
  const auto measures = bytes.take<std::size_t>();
  for (std::size_t i = 0; i < measures; ++i) {
    std::string name = bytes.text();
    outcome.measures.push_back({std::move(name), bytes.take<double>()});
  }
  const auto warnings = bytes.take<std::size_t>();
  for (std::size_t i = 0; i < warnings; ++i) outcome.warnings.push_back(bytes.text());
  return outcome;
}

}  // namespace optex
