// main() of tests that run on several ranks: every rank runs every case, a case passes when it passes on all
// of them. Rank 0 prints; the others print what failed on them.
#include "optex/distributed/communicator.hpp"
#include "optex/distributed/session.hpp"

#include <cstdio>
#include <string>

#include <gmock/gmock.h>
#include <mpi.h>

namespace {

using optex::Communicator;

/// What a rank other than 0 prints.
class FailuresOfThisRank : public testing::EmptyTestEventListener {
 public:
  explicit FailuresOfThisRank(int rank) : rank_(rank) {}

  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (result.failed())
      std::fprintf(stderr, "[rank %d] %s:%d: %s\n", rank_,
                   result.file_name() != nullptr ? result.file_name() : "?", result.line_number(),
                   result.message());
  }

 private:
  int rank_;
};

/// After each case, rank 0 hears how the others fared. The ranks start the next case together.
class AllRanksMustPass : public testing::EmptyTestEventListener {
 public:
  explicit AllRanksMustPass(Communicator& communicator) : communicator_(communicator) {}

  void OnTestEnd(const testing::TestInfo& test) override {
    const std::string name = std::string(test.test_suite_name()) + "." + test.name();
    const std::string verdict = test.result()->Failed() ? "failed" : "passed";
    const auto verdicts = communicator_.gather(name + " " + verdict, "its verdict on " + name);
    for (std::size_t rank = 1; rank < verdicts.size(); ++rank)
      if (verdicts[rank] != name + " passed") ADD_FAILURE() << "rank " << rank << ": " << verdicts[rank];
    communicator_.broadcast("next", "the end of " + name);
  }

 private:
  Communicator& communicator_;
};

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  optex::Session session(argc, argv, {.note_signals = false});  // a time-out must be able to end a test
  return session.run([&session] {
    Communicator communicator(MPI_COMM_WORLD, {.stall_seconds = 100.0, .patience_seconds = 110.0});
    auto& listeners = testing::UnitTest::GetInstance()->listeners();
    if (session.rank() != 0) {
      delete listeners.Release(listeners.default_result_printer());
      listeners.Append(new FailuresOfThisRank(session.rank()));
    }
    auto* const together = new AllRanksMustPass(communicator);
    listeners.Append(together);
    const int result = RUN_ALL_TESTS();
    delete listeners.Release(together);  // the communicator it speaks through ends here
    return communicator.broadcast(result == 0 ? "passed" : "failed", "the result") == "passed" ? 0 : 1;
  });
}
