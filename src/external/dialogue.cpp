#include "dialogue.hpp"

#include "optex/core/errors.hpp"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "said_text.hpp"
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace optex {
namespace {

using Clock = ChildProcess::Clock;

constexpr std::uint64_t longest_text = std::uint64_t{1} << 20U;
constexpr Index largest_dimension = Index{1} << 48;
constexpr Index first_piece = Index{1} << 16;  // of numbers that somebody else says will come

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

/// Options that are strings go as JSON in ASCII: whatever is in one, it is one line and reads as a text.
std::string introduction(const ExternalSettings& settings, bool single_precision) {
  constexpr std::size_t longest = 100'000;  // of a variable of the environment: 128 KiB
  std::string text = fmt::format("seed={}\nprecision={}\n", settings.seed, single_precision ? "f32" : "f64");
  for (const ExternalOption& option : settings.options)
    text += fmt::format("{}={}\n", option.name,
                        option.is_text ? nlohmann::json(option.value).dump(-1, ' ', true) : option.value);
  if (text.size() > longest)
    throw UsageError(fmt::format(
        "problem.options: {} bytes, more than {} do not fit a program's environment; name a file instead",
        text.size(), longest));
  return text;
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
  for (const ExhibitKind kind :
       {ExhibitKind::field, ExhibitKind::image, ExhibitKind::curve, ExhibitKind::field_lower})
    if (lines[1] == name_of(kind)) exhibit.kind = kind;
  return exhibit;
}

/// As many numbers as somebody else says: that is believed only as far as they arrive.
template <class Receive>
void receive_growing(Vector& numbers, Index count, Receive receive) {
  for (Index done = 0; done < count;) {
    const Index next = std::min(count, std::max(2 * done, first_piece));
    numbers.conservativeResize(next);
    receive(numbers.segment(done, next - done));
    done = next;
  }
}

}  // namespace

void not_an_answer(const std::string& what) {
  throw EvaluationError("the command's answer is garbage: " + what);
}

Dialogue::Dialogue(CommandOptions options, const ExternalSettings& settings)
    : options_(std::move(options)), introduction_(introduction(settings, options_.single_precision)) {
  options_.environment.emplace_back("OPTEX_OPTIONS", introduction_);
}

Dialogue::Deadline Dialogue::evaluation_deadline() const { return from_now(options_.evaluation_seconds); }

wire::Request Dialogue::request(wire::Ask kind, std::uint64_t count, std::uint32_t bytes) {
  wire::Request header{};
  header.magic = wire::request_magic;
  header.version = wire::wire_version;
  header.kind = static_cast<std::uint16_t>(kind);
  header.count = count;
  header.number_bytes = bytes;
  header.number = ++requests_;
  return header;
}

wire::Answer Dialogue::receive_header(Deadline deadline) {
  wire::Answer answer{};
  child_->receive(std::as_writable_bytes(std::span(&answer, 1)), deadline);
  if (answer.magic != wire::answer_magic)
    not_an_answer(fmt::format(
        "it begins with {:#010x}; only answers belong into the socket, prints on stdout or stderr",
        answer.magic));
  if (answer.version != wire::wire_version)
    throw EvaluationError(
        fmt::format("the command speaks version {} of the protocol, this program version {}", answer.version,
                    wire::wire_version));
  if (answer.number != requests_)
    not_an_answer(fmt::format("it belongs to request {}, and {} is waiting", answer.number, requests_));
  return answer;
}

std::string Dialogue::receive_text(const wire::Answer& answer, Deadline deadline) {
  if (answer.number_bytes != 1 || answer.count > longest_text)
    not_an_answer(fmt::format("a text of {} x {} bytes", answer.count, answer.number_bytes));
  std::string text(answer.count, '\0');
  child_->receive(room_in(text), deadline);
  return said_text(text);
}

void Dialogue::receive_numbers(const wire::Answer& answer, VectorRef numbers, Deadline deadline) {
  expect_numbers(answer, numbers.size());
  receive_part(numbers, deadline);
}

void Dialogue::expect_numbers(const wire::Answer& answer, Index count) const {
  if (answer.count != static_cast<std::uint64_t>(count) || answer.number_bytes != number_bytes())
    not_an_answer(fmt::format("{} numbers of {} bytes instead of {} of {}", answer.count, answer.number_bytes,
                              count, number_bytes()));
}

void Dialogue::receive_part(VectorRef numbers, Deadline deadline) {
  if (!options_.single_precision) return child_->receive(room_in(numbers), deadline);
  singles_.resize(numbers.size());
  child_->receive(room_in(singles_), deadline);
  numbers = singles_.cast<double>();
}

void Dialogue::send(const wire::Request& header, Deadline deadline) {
  // An answer too many would be taken for that to the request that comes next, and so on for ever.
  if (child_->has_spoken()) not_an_answer("there is one before anything was asked");
  child_->send(bytes_of(header), deadline);
}

void Dialogue::send(const wire::Request& header, ConstVectorRef theta, Deadline deadline) {
  send(header, deadline);
  if (!options_.single_precision) return child_->send(contents(theta), deadline);
  singles_ = theta.cast<float>();
  child_->send(contents(singles_), deadline);
}

/// Starts a child unless there is one, and listens to its introduction.
void Dialogue::ensure_child() {
  if (child_) return;
  child_.emplace(options_.words, options_.folder, options_.environment);
  const auto deadline = from_now(options_.start_seconds);
  send(request(wire::Ask::hello, introduction_.size(), 1), deadline);
  child_->send(contents(introduction_), deadline);
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
  const bool known = dimension_ > 0;
  if (known && (answer.dimension != dimension_ || answer.shards != shards_ || answer.flags != flags_))
    throw EvaluationError(fmt::format(
        "started again, the command computes something else: {} coordinates and {} shards, not {} and {}",
        answer.dimension, answer.shards, dimension_, shards_));
  Vector point;
  if (answer.count > 0) point = receive_start(answer, deadline);
  if (known) return;
  dimension_ = answer.dimension;
  shards_ = answer.shards;
  flags_ = answer.flags;
  start_ = std::move(point);
}

void Dialogue::end_child() {
  if (child_) child_->kill();
  child_.reset();
}

wire::Request Dialogue::about_point(wire::Ask kind, Index dimension) {
  return request(kind, static_cast<std::uint64_t>(dimension), number_bytes());
}

Exhibit Dialogue::receive_exhibit(const wire::Answer& answer, const std::string& text, Deadline deadline) {
  Exhibit exhibit = exhibit_of(text, answer.dimension, answer.shards);
  receive_growing(exhibit.values, exhibit.rows * exhibit.columns,
                  [&](Eigen::Ref<Vector> piece) { child_->receive(room_in(piece), deadline); });
  return exhibit;
}

Vector Dialogue::receive_start(const wire::Answer& answer, Deadline deadline) {
  expect_numbers(answer, answer.dimension);
  Vector point;
  receive_growing(point, answer.dimension, [&](VectorRef piece) { receive_part(piece, deadline); });
  return point;
}

}  // namespace optex
