// What a disk can do to a checkpoint: flipped bits, lost ends, no room. Found, or harmless.
#include "optex/hdf5/seal.hpp"

#include <cmath>
#include <cstdio>
#include <functional>

#include "sample_state.hpp"
#include "support/child_process.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_seed.hpp"
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/mount.h>

namespace optex {
namespace {

using test::StateBytes;

class Damage : public testing::Test {
 protected:
  Damage() { save_checkpoint(file_, state_, test::sample_run()); }

  bool detected_or_harmless() const {
    try {
      return StateBytes::of(load_checkpoint(file_, test::expectation_of(state_)).state) ==
             StateBytes::of(state_);
    } catch (const CheckpointError&) {
      return true;
    }
  }

  const test::TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_ / "iteration-000004.h5";
  const RunState state_ = test::random_state(4);
};

// Every byte, also of those that hold no data; one of seventeen where sanitizers make it slow.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t stride = 17;
#else
constexpr std::size_t stride = 1;
#endif

TEST_F(Damage, AFlippedBitInAnyByte) {
  const std::string bytes = test::read_bytes(file_);
  const test::TestSeed seed(1);
  std::mt19937_64 random(seed());
  std::fstream file(file_, std::ios::in | std::ios::out | std::ios::binary);
  for (std::size_t i = 0; i < bytes.size(); i += stride) {
    const auto position = static_cast<std::streamoff>(i);
    file.seekp(position).put(static_cast<char>(bytes[i] ^ static_cast<char>(1U << (random() % 8)))).flush();
    ASSERT_TRUE(detected_or_harmless()) << "byte " << i;
    file.seekp(position).put(bytes[i]).flush();
  }
  EXPECT_NO_THROW(verify_checkpoint(file_));
}

TEST_F(Damage, AnyTruncation) {
  for (std::size_t length = test::read_bytes(file_).size() - 1; length > 0; length -= 1 + length / 500) {
    std::filesystem::resize_file(file_, length);
    ASSERT_THROW(load_checkpoint(file_, test::expectation_of(state_)), DamagedCheckpointError) << length;
  }
}

// Correctly sealed, as by a faulty program: refused before anything is computed with it.
TEST_F(Damage, ADiagonalThatIsNone) {
  const auto refused = [&](const std::function<void(RunState&)>& spoil) {
    RunState spoilt = state_;
    for (LearntDiagonal* learnt : {&spoilt.secants.diagonal, &(*spoilt.surrogate).diagonal}) {
      learnt->pairs = 3;
      learnt->entries.setConstant(spoilt.theta.size(), 2.0);
    }
    (*spoilt.surrogate).stencil.chosen = StencilChoice::learnt_diagonal;
    spoil(spoilt);
    save_checkpoint(file_, spoilt, test::sample_run());
    try {
      load_checkpoint(file_, test::expectation_of(spoilt));
    } catch (const DamagedCheckpointError&) {
      return true;
    }
    return false;
  };
  EXPECT_FALSE(refused([](RunState&) {}));
  EXPECT_TRUE(refused([](RunState& state) { state.secants.diagonal.entries[1] = 0.0; }));
  EXPECT_TRUE(refused([](RunState& state) { state.secants.diagonal.entries[1] = std::nan(""); }));
  EXPECT_TRUE(refused([](RunState& state) { state.secants.diagonal.entries.conservativeResize(2); }));
  EXPECT_TRUE(refused([](RunState& state) { (*state.surrogate).diagonal.entries[0] = -1.0; }));
  EXPECT_TRUE(refused([](RunState& state) { (*state.surrogate).diagonal = {}; }));
  EXPECT_TRUE(refused([](RunState& state) { (*state.surrogate).stencil.chosen = 99; }));
}

// Behind a seal that is right again, as after an edit on purpose: the inner hashes still find changed
// numbers.
TEST_F(Damage, ChangedContentUnderANewSeal) {
  const std::string bytes = test::read_bytes(file_);
  const auto with_replaced = [&](const std::string& from, const std::string& to) {
    const auto position = bytes.find(from);
    ASSERT_NE(position, std::string::npos);
    test::write_bytes(file_, std::string(bytes).replace(position, to.size(), to));
    hdf5::seal(file_);
    EXPECT_EQ(hdf5::check_seal(file_).state, hdf5::SealState::intact);
    EXPECT_THROW(load_checkpoint(file_, test::expectation_of(state_)), DamagedCheckpointError) << to;
  };
  std::string theta(sizeof(double), '\0');
  std::memcpy(theta.data(), state_.theta.data(), sizeof(double));
  with_replaced(theta, std::string(8, '\0'));
  with_replaced("seed = 7", "seed = 8");
  with_replaced("fashion-mnist", "fashion-mnisT");
  with_replaced("philox4x64-10", "philox4x32-10");
}

/// A disk of its own of `bytes`, seen by this process alone. False where the system does not let us mount
/// one.
bool mount_small_disk(const std::filesystem::path& folder, std::size_t bytes) {
  const std::string options = fmt::format("size={}", bytes);
  return ::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("tmpfs", folder.c_str(), "tmpfs", 0, options.c_str()) == 0;
}

TEST_F(Damage, AFullDiskLeavesTheLastCheckpoint) {
  const test::StateShape shape{4000, 2, 4, 4};
  const auto run = test::sample_run();
  const RunState first = test::random_state(6, shape);
  RunState second = first;
  second.theta *= 2.0;
  save_checkpoint(folder_ / "sample.h5", first, run);
  const std::size_t size = std::filesystem::file_size(folder_ / "sample.h5");
  for (const std::size_t room : {std::size_t{0}, size / 5, size / 2, size - 20000, size - 8192, size - 1}) {
    const auto disk = folder_ / "disk";
    std::filesystem::create_directory(disk);
    test::ChildProcess child([&] {
      const bool own_disk = mount_small_disk(disk, size / 4096 * 4096 + 4096 + room / 4096 * 4096);
      save_checkpoint(disk / "iteration-000001.h5", first, run);
      if (!own_disk) test::limit_file_size(room);
      for (int attempt = 0; attempt < 3; ++attempt) {
        try {
          save_checkpoint(disk / "iteration-000002.h5", second, run);
          return 1;
        } catch (const IoError& error) {
          if (std::string(error.what()).find('\n') != std::string::npos) return 2;
        }
        const std::filesystem::directory_iterator files(disk);
        if (std::distance(begin(files), end(files)) != 1) return 3;
        const Checkpoint last = load_checkpoint(disk / "iteration-000001.h5", test::expectation_of(first));
        if (StateBytes::of(last.state) != StateBytes::of(first)) return 4;
      }
      return 0;
    });
    EXPECT_EQ(child.wait(), 0) << room;
    std::filesystem::remove_all(disk);
  }
}

TEST_F(Damage, AFolderThatCannotBeWritten) {
  const auto locked = folder_ / "locked";
  std::filesystem::create_directory(locked);
  save_checkpoint(locked / "iteration-000004.h5", state_, test::sample_run());
  std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755));
  std::filesystem::permissions(locked, std::filesystem::perms(0555));
  test::ChildProcess child([&] {
    if (::getuid() == 0 && ::setuid(65534) != 0) return 1;  // root may write anywhere
    try {
      save_checkpoint(locked / "iteration-000004.h5", test::random_state(5), test::sample_run());
    } catch (const IoError&) {
      return 6;
    }
    return 0;
  });
  EXPECT_EQ(child.wait(), 6);
  EXPECT_EQ(
      StateBytes::of(load_checkpoint(locked / "iteration-000004.h5", test::expectation_of(state_)).state),
      StateBytes::of(state_));
}

}  // namespace
}  // namespace optex
