#include "optex/core/signal_notes.hpp"

#include <chrono>
#include <csignal>
#include <thread>

#include <gmock/gmock.h>

namespace optex {
namespace {

using ::testing::KilledBySignal;

TEST(SignalNotes, NothingCame) {
  const SignalNotes notes;
  EXPECT_EQ(SignalNotes::take(), std::nullopt);
}

TEST(SignalNotes, AreTakenOnceTheMostUrgentFirst) {
  const SignalNotes notes;
  for (const int signal : {SIGUSR2, SIGUSR1, SIGINT, SIGTERM, SIGUSR2}) std::raise(signal);
  EXPECT_EQ(SignalNotes::take(), SIGTERM);
  EXPECT_EQ(SignalNotes::take(), SIGINT);
  EXPECT_EQ(SignalNotes::take(), SIGUSR1);
  EXPECT_EQ(SignalNotes::take(), SIGUSR2);
  EXPECT_EQ(SignalNotes::take(), std::nullopt);
}

TEST(SignalNotes, OfOneSessionDoNotReachTheNext) {
  {
    const SignalNotes notes;
    std::raise(SIGUSR1);
  }
  const SignalNotes notes;
  EXPECT_EQ(SignalNotes::take(), std::nullopt);
}

TEST(SignalNotes, WhatWasBeforeComesBack) {
  struct sigaction ignored {};
  ignored.sa_handler = SIG_IGN;
  struct sigaction original {};
  sigaction(SIGUSR2, &ignored, &original);
  { const SignalNotes notes; }
  struct sigaction now {};
  sigaction(SIGUSR2, &original, &now);
  EXPECT_EQ(now.sa_handler, SIG_IGN);
}

TEST(SignalNotesDeathTest, TheSameRequestTwiceAtOnceIsOneRequest) {
  const auto program = [] {
    const SignalNotes notes;
    std::raise(SIGTERM);
    std::raise(SIGINT);
    std::raise(SIGTERM);
    std::_Exit(SignalNotes::take() == SIGTERM ? 0 : 1);
  };
  EXPECT_EXIT(program(), ::testing::ExitedWithCode(0), "");
}

TEST(SignalNotesDeathTest, WhoResignsLeavesSignalsTheirEffect) {
  const auto before = [] {
    const SignalNotes notes;
    std::raise(SIGTERM);
    SignalNotes::resign();
  };
  EXPECT_EXIT(before(), KilledBySignal(SIGTERM), "");
  const auto after = [] {
    const SignalNotes notes;
    SignalNotes::resign();
    std::raise(SIGUSR1);
    std::raise(SIGINT);
  };
  EXPECT_EXIT(after(), KilledBySignal(SIGINT), "");
}

TEST(SignalNotesDeathTest, ASecondRequestLaterEndsTheProcess) {
  const auto program = [] {
    const SignalNotes notes;
    std::raise(SIGINT);
    SignalNotes::take();
    std::this_thread::sleep_for(std::chrono::milliseconds(2100));  // the clock of the notes ticks in seconds
    std::raise(SIGTERM);
    std::_Exit(0);
  };
  EXPECT_EXIT(program(), KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace optex
