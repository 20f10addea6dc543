// The files between `optex ask` and `optex tell`: round.json (up to the first NUL), an answer that ask takes
// up and one that is told (both HDF5 of the input's making).
#include <filesystem>
#include <string>
#include <vector>

#include "apps/asked_round.hpp"
#include "apps/commands.hpp"
#include "apps/output.hpp"
#include "fuzz/fuzz_target.hpp"
#include "fuzz/input_folder.hpp"
#include "fuzz/made_up_hdf5.hpp"

using namespace optex;

// `optex tell` without its words on the screen.
namespace optex::app {
void print_note(std::string_view) {}
}  // namespace optex::app

OPTEX_FUZZ_TARGET(ask_tell) {
  static const std::vector<std::string> paths = {"/number", "/value", "/gradient", "/failure"};
  fuzz::Bites input(bytes);
  const std::filesystem::path run = fuzz::input_folder() / "run";
  std::filesystem::remove_all(run);
  std::filesystem::create_directories(run / "asked");
  test::write_bytes(run / "asked" / "round.json", input.until('\0'));
  const app::AskedRound asked(files::Folder::open(run));
  std::optional<app::AskedRound::Facts> facts;
  if (!fuzz::reads_or_refuses([&] { facts = asked.facts(); })) return;
  if (!facts) return;
  const std::string name = "answer-" + std::to_string(facts->round) + "-0.h5";
  fuzz::make_hdf5(run / "asked" / name, paths, input);  // has no seal
  fuzz::reads_or_refuses([&] { asked.read_answer(facts->round, 0, facts->dimension); });
  const std::filesystem::path told = run / "told.h5";
  fuzz::make_hdf5(told, paths, input);
  CommandLine line;
  line.arguments = {run.string(), told.string()};
  line.options["again"] = "";
  fuzz::reads_or_refuses([&] { app::tell_command().start(line); });
  line.options["point"] = "0";
  line.options["value"] = "1.5";
  fuzz::reads_or_refuses([&] { app::tell_command().start(line); });
}
