// A checkpoint whose bytes are anything (first byte 0), or a sealed one whose content is not what a
// checkpoint holds. Either it is refused as damaged, or, when nothing was changed, it is the state that was
// saved.
#include "optex/checkpoint/checkpoint.hpp"

#include "optex/hdf5/file.hpp"
#include "optex/hdf5/seal.hpp"

#include <string>
#include <vector>

#include "fuzz/fuzz_target.hpp"
#include "fuzz/input_folder.hpp"
#include "fuzz/made_up_hdf5.hpp"
#include "unit/checkpoint/sample_state.hpp"

using namespace optex;

namespace {

struct Sample {
  RunState state = test::random_state(5);
  std::string bytes;
  std::vector<std::string> paths;

  Sample() {
    const auto file = fuzz::input_file("", "sample.h5");
    save_checkpoint(file, state, test::sample_run());
    for (const hdf5::Entry& entry : hdf5::File::open(file).entries()) paths.push_back(entry.path);
    bytes = test::read_bytes(file);
  }
};

}  // namespace

OPTEX_FUZZ_TARGET(checkpoint) {
  static const Sample sample;
  fuzz::Bites input(bytes);
  const bool raw = input.byte() == 0;
  const auto file = fuzz::input_file(raw ? input.rest() : std::string_view(sample.bytes));
  const bool changed = !raw && !input.empty();
  if (changed) {
    fuzz::change_hdf5(file, sample.paths, input);
    hdf5::seal(file);
  }
  const auto refuses = [](const auto& read) {
    try {
      read();
      return false;
    } catch (const CheckpointError& error) {
      fuzz::require(std::string_view(error.what()).find('\n') == std::string_view::npos,
                    "an error is one line");
      return true;
    }
  };
  const bool refused = refuses([&] {
    const Checkpoint loaded = load_checkpoint(file, test::expectation_of(sample.state));
    fuzz::require(test::StateBytes::of(loaded.state) == test::StateBytes::of(sample.state),
                  "what is loaded is what was saved");
  });
  fuzz::require(refused || !raw || input.rest() == sample.bytes, "foreign bytes are no checkpoint");
  fuzz::require(!refused || raw || changed, "a checkpoint loads");
  refuses([&] { verify_checkpoint(file); });
}
