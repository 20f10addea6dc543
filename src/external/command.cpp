#include "optex/external/command.hpp"

#include "optex/core/errors.hpp"
#include "optex/external/child_process.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <new>
#include <optional>
#include <span>
#include <string_view>

#include "said_text.hpp"
#include "wire.hpp"
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex {
namespace {

using Clock = ChildProcess::Clock;
using Singles = Eigen::VectorXf;

constexpr std::uint64_t longest_text = std::uint64_t{1} << 20U;
constexpr Index largest_dimension = Index{1} << 48;

template <class Object>
std::span<const std::byte> bytes_of(const Object& object) {
  return std::as_bytes(std::span(&object, 1));
}

template <class Numbers>
std::span<const std::byte> contents(const Numbers& numbers) {
  return std::as_bytes(std::span(numbers.data(), static_cast<std::size_t>(numbers.size())));
}

template <class Numbers>
std::span<std::byte> room_in(Numbers& numbers) {
  return std::as_writable_bytes(std::span(numbers.data(), static_cast<std::size_t>(numbers.size())));
}

Clock::time_point from_now(double seconds) {
  constexpr double longest = 1e9;  // 30 years; more does not fit a clock
  return Clock::now() + std::chrono::duration_cast<Clock::duration>(
                            std::chrono::duration<double>(std::min(seconds, longest)));
}

/// Text as JSON writes it, in ASCII: whatever is in it, it is one line and reads as a text. Requires UTF-8.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    std::uint32_t character = length == 1 ? lead : lead & (0x7FU >> length);
    for (std::size_t k = 1; k < length; ++k)
      character = character << 6U | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    i += length;
    if (character == '"' || character == '\\')
      out += fmt::format("\\{}", static_cast<char>(character));
    else if (character >= 0x20 && character < 0x7F)
      out += static_cast<char>(character);
    else if (character < 0x10000)
      out += fmt::format("\\u{:04x}", character);
    else
      out += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + ((character - 0x10000) >> 10U),
                         0xDC00 + ((character - 0x10000) & 0x3FFU));
  }
  return out + "\"";
}

std::string introduction(const ExternalSettings& settings, bool single_precision) {
  constexpr std::size_t longest = 100'000;  // of a variable of the environment: 128 KiB
  std::string text = fmt::format("seed={}\nprecision={}\n", settings.seed, single_precision ? "f32" : "f64");
  for (const ExternalOption& option : settings.options)
    text += fmt::format("{}={}\n", option.name, option.is_text ? quoted(option.value) : option.value);
  if (text.size() > longest)
    throw UsageError(fmt::format(
        "problem.options: {} bytes, more than {} do not fit a program's environment; name a file instead",
        text.size(), longest));
  return text;
}

[[noreturn]] void not_an_answer(const std::string& what) {
  throw EvaluationError("the command's answer is garbage: " + what);
}

/// Without its values, for which there is room. text: name, kind, unit, name of its truth, a line each.
Exhibit exhibit_of(const std::string& text, Index rows, Index columns) {
  constexpr Index most = Index{1} << 31;  // of rows, of columns and of numbers
  if (rows < 1 || columns < 1 || rows > most || columns > most || rows > most / columns)
    not_an_answer(fmt::format("an exhibit of {} x {} numbers", rows, columns));
  std::vector<std::string> lines(1);
  for (const char c : text)
    if (c == '\n')
      lines.emplace_back();
    else
      lines.back() += c;
  lines.resize(4);
  Exhibit exhibit{lines[0], rows, columns, {}, ExhibitKind::table, lines[2], lines[3]};
  for (const ExhibitKind kind : {ExhibitKind::field, ExhibitKind::image, ExhibitKind::curve})
    if (lines[1] == name_of(kind)) exhibit.kind = kind;
  return exhibit;
}

}  // namespace

struct Command::Dialogue {
  CommandOptions options;
  std::string introduction;    ///< of the hello; also in the child's environment
  std::uint64_t requests = 0;  ///< so far
  std::optional<ChildProcess> child;
  Index dimension = 0;
  Index shards = 1;
  std::uint32_t flags = 0;
  Vector start;     ///< d, or empty
  Singles singles;  ///< d when numbers travel as floats: room for those under way

  std::uint32_t number_bytes() const { return options.single_precision ? sizeof(float) : sizeof(double); }

  wire::Request request(wire::Ask kind, std::uint64_t count, std::uint32_t bytes) {
    wire::Request header{};
    header.magic = wire::request_magic;
    header.version = wire::wire_version;
    header.kind = static_cast<std::uint16_t>(kind);
    header.count = count;
    header.number_bytes = bytes;
    header.number = ++requests;
    return header;
  }

  wire::Answer receive_header(Clock::time_point deadline) {
    wire::Answer answer{};
    child->receive(std::as_writable_bytes(std::span(&answer, 1)), deadline);
    if (answer.magic != wire::answer_magic)
      not_an_answer(fmt::format(
          "it begins with {:#010x}; only answers belong into the socket, prints on stdout or stderr",
          answer.magic));
    if (answer.version != wire::wire_version)
      throw EvaluationError(
          fmt::format("the command speaks version {} of the protocol, this program version {}",
                      answer.version, wire::wire_version));
    if (answer.number != requests)
      not_an_answer(fmt::format("it belongs to request {}, and {} is waiting", answer.number, requests));
    return answer;
  }

  std::string receive_text(const wire::Answer& answer, Clock::time_point deadline) {
    if (answer.number_bytes != 1 || answer.count > longest_text)
      not_an_answer(fmt::format("a text of {} x {} bytes", answer.count, answer.number_bytes));
    std::string text(answer.count, '\0');
    child->receive(room_in(text), deadline);
    return said_text(text);
  }

  /// numbers: length d.
  void receive_numbers(const wire::Answer& answer, VectorRef numbers, Clock::time_point deadline) {
    expect_numbers(answer, numbers.size());
    receive_part(numbers, deadline);
  }

  void expect_numbers(const wire::Answer& answer, Index count) const {
    if (answer.count != static_cast<std::uint64_t>(count) || answer.number_bytes != number_bytes())
      not_an_answer(fmt::format("{} numbers of {} bytes instead of {} of {}", answer.count,
                                answer.number_bytes, count, number_bytes()));
  }

  void receive_part(VectorRef numbers, Clock::time_point deadline) {
    if (!options.single_precision) return child->receive(room_in(numbers), deadline);
    singles.resize(numbers.size());
    child->receive(room_in(singles), deadline);
    numbers = singles.cast<double>();
  }

  /// As many numbers as the answer says: that is believed only as far as they arrive.
  void receive_doubles(Exhibit& exhibit, Clock::time_point deadline) {
    constexpr Index first_piece = Index{1} << 16;
    const Index count = exhibit.rows * exhibit.columns;
    for (Index done = 0; done < count;) {
      const Index next = std::min(count, std::max(2 * done, first_piece));
      exhibit.values.conservativeResize(next);
      Eigen::Ref<Vector> piece = exhibit.values.segment(done, next - done);
      child->receive(room_in(piece), deadline);
      done = next;
    }
  }

  /// A start of as many numbers as the hello says: what it says is believed only as far as numbers arrive.
  Vector receive_start(const wire::Answer& answer, Clock::time_point deadline) {
    constexpr Index first_piece = Index{1} << 16;
    expect_numbers(answer, answer.dimension);
    Vector point;
    for (Index done = 0; done < answer.dimension;) {
      const Index next = std::min(answer.dimension, std::max(2 * done, first_piece));
      point.conservativeResize(next);
      receive_part(point.segment(done, next - done), deadline);
      done = next;
    }
    return point;
  }

  void send(const wire::Request& header, Clock::time_point deadline) {
    // An answer too many would be taken for that to the request that comes next, and so on for ever.
    if (child->has_spoken()) not_an_answer("there is one before anything was asked");
    child->send(bytes_of(header), deadline);
  }

  void send(const wire::Request& header, ConstVectorRef theta, Clock::time_point deadline) {
    send(header, deadline);
    if (!options.single_precision) return child->send(contents(theta), deadline);
    singles = theta.cast<float>();
    child->send(contents(singles), deadline);
  }

  /// Starts a child unless there is one, and listens to its introduction.
  void ensure_child() {
    if (child) return;
    child.emplace(options.words, options.folder, options.environment);
    const auto deadline = from_now(options.start_seconds);
    send(request(wire::Ask::hello, introduction.size(), 1), deadline);
    child->send(contents(introduction), deadline);
    const wire::Answer answer = receive_header(deadline);
    switch (static_cast<wire::Reply>(answer.kind)) {
      case wire::Reply::hello:
        break;
      case wire::Reply::failed:
        throw EvaluationError(receive_text(answer, deadline));
      default:
        not_an_answer(fmt::format("a message of kind {} instead of a hello", answer.kind));
    }
    if (answer.dimension < 1 || answer.dimension > largest_dimension)
      not_an_answer(fmt::format("its dimension is {}, at least 1 is needed", answer.dimension));
    if (answer.shards < 1 || answer.shards > most_shards)
      not_an_answer(fmt::format("its shard count is {}, 1 to {} are possible", answer.shards, most_shards));
    const bool known = dimension > 0;
    if (known && (answer.dimension != dimension || answer.shards != shards || answer.flags != flags))
      throw EvaluationError(fmt::format(
          "started again, the command computes something else: {} coordinates and {} shards, not {} and {}",
          answer.dimension, answer.shards, dimension, shards));
    Vector point;
    if (answer.count > 0) point = receive_start(answer, deadline);
    if (known) return;
    dimension = answer.dimension;
    shards = answer.shards;
    flags = answer.flags;
    start = std::move(point);
  }

  /// Runs a conversation; when it breaks off, what is left of it cannot be sorted out.
  template <class Conversation>
  auto converse(Conversation conversation) {
    try {
      ensure_child();
      return conversation();
    } catch (...) {
      if (child) child->kill();
      child.reset();
      throw;
    }
  }
};

Command::Command(CommandOptions options, const ExternalSettings& settings)
    : dialogue_(std::make_unique<Dialogue>()) {
  dialogue_->options = std::move(options);
  dialogue_->introduction = introduction(settings, dialogue_->options.single_precision);
  dialogue_->options.environment.emplace_back("OPTEX_OPTIONS", dialogue_->introduction);
  try {
    dialogue_->converse([] {});
  } catch (const EvaluationError& error) {
    throw UsageError(fmt::format("problem.command: before it said what it computes: {}{}", error.what(),
                                 "; its own words stand above, if it had any"));
  }
}

Command::~Command() = default;

Index Command::dimension() const { return dialogue_->dimension; }
Index Command::shard_count() const { return dialogue_->shards; }
bool Command::is_noisy() const { return (dialogue_->flags & wire::flag_noisy) != 0; }

Vector Command::initial_point() const {
  return dialogue_->start.size() > 0 ? dialogue_->start : Vector::Zero(dialogue_->dimension);
}

double Command::value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                                   VectorRef gradient) const {
  Dialogue& dialogue = *dialogue_;
  wire::Reply outcome{};
  std::string reason;
  const double value = dialogue.converse([&] {
    const auto deadline = from_now(dialogue.options.evaluation_seconds);
    wire::Request header = dialogue.request(wire::Ask::evaluate, static_cast<std::uint64_t>(theta.size()),
                                            dialogue.number_bytes());
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
  if ((dialogue.flags & wire::flag_assesses) == 0) return {};
  const std::string text = dialogue.converse([&] {
    const auto deadline = from_now(dialogue.options.evaluation_seconds);
    dialogue.send(dialogue.request(wire::Ask::assess, static_cast<std::uint64_t>(theta.size()),
                                   dialogue.number_bytes()),
                  theta, deadline);
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
  if ((dialogue.flags & wire::flag_exhibits) == 0) return {};
  std::string reason;
  std::vector<Exhibit> exhibits = dialogue.converse([&] {
    const auto deadline = from_now(dialogue.options.evaluation_seconds);
    dialogue.send(dialogue.request(wire::Ask::exhibit, static_cast<std::uint64_t>(theta.size()),
                                   dialogue.number_bytes()),
                  theta, deadline);
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
      shown.push_back(exhibit_of(text, answer.dimension, answer.shards));
      dialogue.receive_doubles(shown.back(), deadline);
    }
  });
  if (!reason.empty()) throw EvaluationError(reason);
  return exhibits;
}

}  // namespace optex
