#include "outcome_text.hpp"

#include "optex/core/packed.hpp"

namespace optex {
namespace {

template <class Archive, class SomeOutcome>
void fields(Archive& archive, SomeOutcome& outcome) {
  archive(outcome.code, outcome.answer, outcome.final_value, outcome.best_value, outcome.reason,
          outcome.message, outcome.solution, outcome.rounds, outcome.gradients, outcome.seconds);
  archive.list(outcome.measures, [&](auto& measure) { archive(measure.name, measure.value); });
  archive(outcome.warnings);
}

}  // namespace

std::string to_bytes(const Outcome& outcome) {
  Packer pack;
  fields(pack, outcome);
  return pack.bytes();
}

Outcome outcome_from(std::string_view bytes) {
  Unpacker unpack(bytes);
  Outcome outcome;
  fields(unpack, outcome);
  return outcome;
}

}  // namespace optex
