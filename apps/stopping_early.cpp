#include "stopping_early.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/signal_notes.hpp"
#include "optex/external/inside_plugin.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace optex::app {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Time for a round to end by itself, and then for rank 0 to notice that it must break it off.
constexpr milliseconds grace_of_usr1{10'000}, rescue_after_usr1{20'000};
constexpr milliseconds grace_of_term{0}, rescue_after_term{600};
constexpr milliseconds words_after_usr1 = std::chrono::hours(24), words_after_term{200};

/// What the end of a run takes beside its rounds: a checkpoint, results.h5.
constexpr double seconds_to_end = 10.0;

std::optional<double> seconds_in(const char* variable) {
  const char* const text = std::getenv(variable);
  if (text == nullptr || *text == '\0') return std::nullopt;
  const std::string_view words(text);
  double seconds = 0.0;
  const auto [end, error] = std::from_chars(words.data(), words.data() + words.size(), seconds);
  if (error != std::errc{} || end != words.data() + words.size() || !(seconds > 0.0))
    throw UsageError(fmt::format("{} = {}: must be a time in seconds since 1970", variable, words));
  return seconds;
}

}  // namespace

bool told_to_end() {
  const std::optional<int> signal = SignalNotes::look();
  return signal && *signal != SIGUSR1 && *signal != SIGUSR2;
}

bool SignalAge::exceeds(milliseconds after_usr1, milliseconds after_term) {
  const std::optional<int> signal = SignalNotes::look();
  const auto now = Clock::now();
  if (!signal || *signal == SIGUSR2) {
    since_ = now;
    return false;
  }
  return now - since_ >= (*signal == SIGUSR1 ? after_usr1 : after_term);
}

bool RoundBreaker::operator()() { return age_.exceeds(grace_of_usr1, grace_of_term); }

RoundClock::RoundClock() : deadline_(seconds_in("OPTEX_DEADLINE")), round_began_(Clock::now()) {
  if (!deadline_) deadline_ = seconds_in("SLURM_JOB_END_TIME");
}

bool RoundClock::next_round_ends_in_time() {
  constexpr std::size_t remembered = 8;
  const auto now = Clock::now();
  last_rounds_.push_back(std::chrono::duration<double>(now - round_began_).count());
  if (last_rounds_.size() > remembered) last_rounds_.erase(last_rounds_.begin());
  round_began_ = now;
  if (!deadline_) return true;
  const std::chrono::duration<double> since_1970 = std::chrono::system_clock::now().time_since_epoch();
  const double longest = *std::max_element(last_rounds_.begin(), last_rounds_.end());
  return since_1970.count() + longest + seconds_to_end < *deadline_;
}

void LastResort::set_waiting(bool waits) {
  const std::lock_guard lock(mutex_);
  waits_ = waits;
}

void LastResort::watch(std::function<void()> rescue) {
  rescue_ = std::move(rescue);
  onlooker_.emplace(milliseconds(100), [this, age = SignalAge()]() mutable {
    look_on(age);
    return true;
  });
}

void LastResort::when_stuck(double seconds, std::function<void(double seconds)> end) {
  stuck_after_ = seconds;
  stuck_ = std::move(end);
}

void LastResort::when_told_to_end(std::function<void()> tell) { first_words_ = std::move(tell); }

void LastResort::rest() { onlooker_.reset(); }

void LastResort::look_on(SignalAge& age) {
  const std::lock_guard lock(mutex_);
  if (first_words_ && age.exceeds(words_after_usr1, words_after_term)) std::exchange(first_words_, nullptr)();
  if (rescue_ && age.exceeds(rescue_after_usr1, rescue_after_term) && waits_) rescue_();
  if (const double inside = seconds_inside_plugin(); stuck_ && inside > stuck_after_) stuck_(inside);
}

}  // namespace optex::app
