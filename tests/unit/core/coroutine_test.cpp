#include "optex/core/coroutine.hpp"

#include <memory>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace optex {
namespace {

TEST(Coroutine, TakesTurnsWithItsOwner) {
  std::string said;
  Coroutine other([&said](Coroutine& self) {
    for (int i = 0; i < 3; ++i) {
      said += 'b';
      self.yield();
    }
  });
  while (!other.ended()) {
    said += 'a';
    other.resume();
  }
  EXPECT_EQ(said, "abababa");
}

TEST(Coroutine, WhatItsBodyThrowsArrives) {
  Coroutine other([](Coroutine& self) {
    self.yield();
    throw std::runtime_error("mine");
  });
  other.resume();
  EXPECT_THROW(other.resume(), std::runtime_error);
  EXPECT_TRUE(other.ended());
}

TEST(Coroutine, ABodyInItsMiddleIsUnwound) {
  const auto held = std::make_shared<int>(1);
  {
    Coroutine never([held](Coroutine&) {});
    Coroutine other([copy = held](Coroutine& self) {
      const std::shared_ptr<int> more = copy;
      try {
        self.yield();
      } catch (const std::exception&) {
        ADD_FAILURE() << "an error handler caught it";
      }
      ADD_FAILURE() << "went on";
    });
    other.resume();
    EXPECT_EQ(held.use_count(), 4);
  }
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace optex
