#include "optex/distributed/patience.hpp"

#include <gmock/gmock.h>

namespace optex {
namespace {

TEST(Patience, EndsAndDoesNotSpin) {
  Patience waiting(0.25);
  int naps = 1;
  while (waiting.rest()) ++naps;
  // 10 naps double up to 1 ms, then at most one a millisecond: a busy machine only makes them fewer.
  EXPECT_LE(naps, 10 + 251);
}

TEST(Patience, ProgressRenewsIt) {
  Patience waiting(0.05);
  const auto nap_for = [&waiting](double seconds) {
    Patience clock(seconds);
    while (clock.rest() && waiting.rest()) waiting.renew();
    return waiting.rest();
  };
  EXPECT_TRUE(nap_for(0.3));
}

}  // namespace
}  // namespace optex
