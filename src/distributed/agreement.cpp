#include "optex/distributed/agreement.hpp"

#include <charconv>
#include <exception>
#include <new>

#include <fmt/format.h>

namespace optex {
namespace {

const std::string waiting_for_verdict = "word on whether all is well there";

std::string encode(const Failure& failure) {
  return fmt::format("{} {}", static_cast<int>(failure.code), failure.text);
}

/// Nothing for an empty text: all is well.
std::optional<Failure> decode(const std::string& text) {
  if (text.empty()) return std::nullopt;
  int code = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  if (error != std::errc{} || end == text.data() + text.size() || *end != ' ')
    throw Error(ExitCode::internal, fmt::format("a rank reported its failure as \"{}\"", text));
  return Failure{static_cast<ExitCode>(code), std::string(end + 1, text.data() + text.size())};
}

/// Rank 0's summary of everybody's reports.
std::string verdict(const Communicator& communicator, const std::vector<std::string>& reports) {
  int failed = 0;
  int first = -1;
  bool all_alike = true;
  for (std::size_t rank = 0; rank < reports.size(); ++rank) {
    all_alike = all_alike && reports[rank] == reports.front();
    if (reports[rank].empty()) continue;
    ++failed;
    if (first < 0) first = static_cast<int>(rank);
  }
  if (failed == 0) return {};
  if (all_alike) return reports.front();
  Failure failure = *decode(reports[static_cast<std::size_t>(first)]);
  failure.text = fmt::format("{}: {}", communicator.label(first), failure.text);
  if (failed == 2) failure.text += " (and one more rank)";
  if (failed > 2) failure.text += fmt::format(" (and {} more ranks)", failed - 1);
  return encode(failure);
}

}  // namespace

void agree(Communicator& communicator, const std::optional<Failure>& failure) {
  const auto reports = communicator.gather(failure ? encode(*failure) : "", waiting_for_verdict);
  std::string summary;
  if (communicator.rank() == 0) summary = verdict(communicator, reports);
  if (const auto agreed = decode(communicator.broadcast(summary, waiting_for_verdict)))
    throw AgreedError(agreed->code, agreed->text);
}

void run_agreed(Communicator& communicator, const std::function<void()>& step) {
  std::optional<Failure> failure;
  try {
    step();
  } catch (const AgreedError&) {
    throw;  // everybody has left already
  } catch (const StallError&) {
    throw;  // nobody to agree with
  } catch (const Error& error) {
    failure = Failure{error.code(), error.what()};
  } catch (const std::bad_alloc&) {
    failure = Failure{ExitCode::internal, "out of memory"};
  } catch (const std::exception& error) {
    failure = Failure{ExitCode::internal, error.what()};
  }
  agree(communicator, failure);
}

void check_same(Communicator& communicator, const Facts& facts) {
  std::string mine;
  for (const auto& [name, value] : facts) mine.append(name).append(1, '\0').append(value).append(1, '\0');
  const std::string theirs = communicator.broadcast(mine, "what must be equal on all ranks");

  std::optional<Failure> failure;
  std::size_t at = 0;
  const auto next = [&theirs, &at] {
    const std::size_t end = std::min(theirs.find('\0', at), theirs.size());
    std::string field = theirs.substr(at, end - at);
    at = std::min(end + 1, theirs.size());
    return field;
  };
  if (theirs != mine) {
    std::string difference = "it speaks of other things than rank 0";
    for (const auto& [name, value] : facts) {
      const std::string their_name = next();
      const std::string their_value = next();
      if (their_name == name && their_value == value) continue;
      if (their_name == name)
        difference = fmt::format("{} is {} there and {} on rank 0", name, value, their_value);
      break;
    }
    failure =
        Failure{ExitCode::launch, difference +
                                      "; all ranks must run the same program with the same configuration "
                                      "and the same data"};
  }
  agree(communicator, failure);
}

}  // namespace optex
