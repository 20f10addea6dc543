#pragma once

#include "optex/core/objective.hpp"
#include "optex/core/types.hpp"
#include "optex/external/child_process.hpp"
#include "optex/external/command.hpp"

#include <cstdint>
#include <optional>
#include <string>

#include "wire.hpp"

namespace optex {

/// A conversation with the child of a Command, which is started when it is needed. Every exchange has a
/// deadline; whatever is not the answer that was asked for is an EvaluationError.
class Dialogue {
 public:
  using Deadline = ChildProcess::Clock::time_point;

  Dialogue(CommandOptions options, const ExternalSettings& settings);

  Index dimension() const { return dimension_; }
  Index shards() const { return shards_; }
  bool is(std::uint32_t flag) const { return (flags_ & flag) != 0; }
  const Vector& start() const { return start_; }  ///< d, or empty

  /// Runs a conversation; when it breaks off, what is left of it cannot be sorted out: the child is ended.
  template <class Conversation>
  auto converse(Conversation conversation) {
    try {
      ensure_child();
      return conversation();
    } catch (...) {
      end_child();
      throw;
    }
  }

  Deadline evaluation_deadline() const;
  /// The header of a request that sends a point.
  wire::Request about_point(wire::Ask kind, Index dimension);
  void send(const wire::Request& header, ConstVectorRef theta, Deadline deadline);
  wire::Answer receive_header(Deadline deadline);
  std::string receive_text(const wire::Answer& answer, Deadline deadline);
  /// numbers: length d.
  void receive_numbers(const wire::Answer& answer, VectorRef numbers, Deadline deadline);
  /// What follows the header of an exhibit: its text, then its values.
  Exhibit receive_exhibit(const wire::Answer& answer, const std::string& text, Deadline deadline);

 private:
  using Singles = Eigen::VectorXf;

  void ensure_child();
  void end_child();
  std::uint32_t number_bytes() const { return options_.single_precision ? sizeof(float) : sizeof(double); }
  wire::Request request(wire::Ask kind, std::uint64_t count, std::uint32_t bytes);
  void send(const wire::Request& header, Deadline deadline);
  void expect_numbers(const wire::Answer& answer, Index count) const;
  void receive_part(VectorRef numbers, Deadline deadline);
  Vector receive_start(const wire::Answer& answer, Deadline deadline);

  CommandOptions options_;
  std::string introduction_;    ///< of the hello; also in the child's environment
  std::uint64_t requests_ = 0;  ///< so far
  std::optional<ChildProcess> child_;
  Index dimension_ = 0;
  Index shards_ = 1;
  std::uint32_t flags_ = 0;
  Vector start_;     ///< d, or empty
  Singles singles_;  ///< d when numbers travel as floats: room for those under way
};

[[noreturn]] void not_an_answer(const std::string& what);

}  // namespace optex
