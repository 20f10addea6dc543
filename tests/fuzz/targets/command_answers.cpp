// The other end of problem.name = "command": a child process that answers with the input, whatever it is
// asked.
#include "optex/external/command.hpp"

#include <optional>

#include "fuzz/fuzz_target.hpp"
#include "fuzz/input_folder.hpp"

using namespace optex;

OPTEX_FUZZ_TARGET(command_answers) {
  const auto file = fuzz::input_file(bytes);
  CommandOptions options;
  options.words = {OPTEX_FUZZ_CHILD, file.string()};
  options.start_seconds = options.evaluation_seconds = 10.0;
  // The first byte of the answers' own header is fixed: its evenness is nobody's loss.
  options.single_precision = bytes.size() % 2 == 1;
  fuzz::reads_or_refuses([&] {
    const Command command(options, {});
    if (command.dimension() > 4096) return;  // a real run refuses it by the memory of the machine
    const Vector theta = command.initial_point();
    fuzz::require(theta.size() == command.dimension() && command.shard_count() >= 1, "a hello makes sense");
    Vector gradient(theta.size());
    for (int i = 0; i < 2; ++i)
      fuzz::reads_or_refuses([&] { command.value_and_gradient(theta, {}, 0, gradient); });
    fuzz::reads_or_refuses([&] { command.assess(theta); });
  });
}
