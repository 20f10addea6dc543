#include "optex/core/absolute_path.hpp"
#include "optex/core/errors.hpp"
#include "optex/setup/config.hpp"

#include <filesystem>

#include "commands.hpp"
#include "experiment.hpp"
#include "option_values.hpp"
#include "output.hpp"
#include "scene.hpp"
#include <fmt/format.h>

namespace optex::app {
namespace {

/// For the shell, whatever is in it.
std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

/// A time as sbatch takes it; nothing else comes into the script's head.
std::string time_limit(const CommandLine& line) {
  std::string text = line.option("time", "1:00:00");
  if (text.empty() || text.find_first_not_of("0123456789:-") != std::string::npos)
    throw UsageError(fmt::format("--time must be minutes, H:MM:SS or D-HH, not '{}'", text));
  return text;
}

constexpr const char* submit_chain = R"(
# On a login node: so many jobs, one after the other (singleton: of this name and user one at a time).
if [[ -z ${{SLURM_JOB_ID:-}} ]]; then
  for start in {{1..{chain}}}; do sbatch --dependency=singleton "$@" "$0" || exit; done
  exit
fi
# An earlier job of the chain may have come to the end. It went on to be done after 75 (time) and 7 (a rank was lost).
code=$(code_of_run)
case $code in
  '' | 7 | 75) ;;
  *) echo "the run has ended with exit code $code: nothing is left to do" && exit 0 ;;
esac
)";

constexpr const char* requeue = R"(
if ((code == 75)); then
  echo "$(message_of_run); job $SLURM_JOB_ID goes back into the queue, and on from there"
  scontrol requeue "$SLURM_JOB_ID" && sleep 30 # Slurm ends this job
fi
)";

constexpr const char* leave_to_next = R"(
if ((code == 75)); then
  if [[ -n $(squeue --noheader --user="$UID" --name="$SLURM_JOB_NAME" --states=PENDING 2>/dev/null) ]]; then
    echo "$(message_of_run); the next job of the chain goes on from there"
    exit 0
  fi
  echo "$(message_of_run); this was the last job of the chain: submit it again to go on"
fi
)";

constexpr const char* script = R"(#!/usr/bin/env bash
#SBATCH --job-name={name}
#SBATCH --ntasks={ranks}
#SBATCH --time={time}
#SBATCH --signal=B:USR1@120
#SBATCH --open-mode=append
#SBATCH --{requeue_word}
# Written by 'optex script'. Two minutes before the time limit the run is checkpointed; the next start goes on.
set -uo pipefail
cd {here} || exit 6
optex={optex}
config={config}
arguments=({arguments})
folder={folder}
# The launcher takes any code but 0 for a crash: a run that is stopped as planned leaves its 75 in status.json alone.
export OPTEX_CODE_IN_STATUS=1
code_of_run() {{ sed -n 's/^ *"exit_code": \([0-9]*\),$/\1/p' "$folder/status.json" 2>/dev/null; }}
message_of_run() {{ sed -n '/^ *"message": "/ {{ s///; s/",$//; s/, `optex resume` goes on from here//; p }}' "$folder/status.json" 2>/dev/null; }}
launcher="" signalled=0
trap 'signalled=1; [[ -z $launcher ]] || kill -USR1 "$launcher"' USR1
{chain}
end=$(scontrol show job "$SLURM_JOB_ID" | sed -nE 's/.*[[:space:]]EndTime=([0-9T:-]+).*/\1/p')
[[ -z $end ]] || OPTEX_DEADLINE=$(date --date="$end" +%s) && export OPTEX_DEADLINE
((!signalled)) || {{ echo "the time limit came before the run could start: ask for more time" >&2; exit 75; }}
before=$(cat "$folder/status.json" 2>/dev/null)
mpirun -n "$SLURM_NTASKS" "$optex" run "$config" "${{arguments[@]}}" --resume &
launcher=$!
while wait "$launcher"; code=$?; kill -0 "$launcher" 2>/dev/null; do :; done
wait "$launcher"
code=$?
((code)) || [[ $(code_of_run) != 75 ]] || code=75
if ((signalled && code != 0 && code != 75)) && [[ $(cat "$folder/status.json" 2>/dev/null) == "$before" ]]; then
  echo "the time limit came while the run was starting: ask for more time" >&2
  exit 75
fi
{requeue}exit "$code"
)";

ExitCode start_script(const CommandLine& line) {
  const std::string target = line.option("for");
  if (target != "slurm")
    throw UsageError(fmt::format("--for: there are scripts for slurm, not for '{}'", target));
  constexpr Range count{.min = 1.0, .max = 1e9};
  const auto ranks = integer_option(line, "ranks", count).value_or(4);
  const auto chain = integer_option(line, "chain", count).value_or(0);
  const std::filesystem::path file = absolute_path(line.arguments.front());
  const Config config = read_config(file, line.overrides);
  refuse_external(config);

  std::string arguments;
  for (const auto& [key, value] : line.overrides)
    arguments += (arguments.empty() ? "" : " ") + quoted("--" + key + "=" + value);
  // Names go into a line that is no shell.
  std::string name = "optex-";
  for (const char c : run_folder(config).filename().string())
    name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '-';
  std::error_code ignored;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  print(fmt::format(
      fmt::runtime(script), fmt::arg("name", name), fmt::arg("ranks", ranks),
      fmt::arg("time", time_limit(line)), fmt::arg("requeue_word", chain > 0 ? "no-requeue" : "requeue"),
      fmt::arg("here", quoted(std::filesystem::current_path().string())),
      fmt::arg("optex", quoted(program.empty() ? "optex" : program.string())),
      fmt::arg("config", quoted(file.string())), fmt::arg("arguments", arguments),
      fmt::arg("folder", quoted(run_folder(config).string())),
      fmt::arg("chain", chain > 0 ? fmt::format(fmt::runtime(submit_chain), fmt::arg("chain", chain)) : ""),
      fmt::arg("requeue", chain > 0 ? leave_to_next : requeue)));
  return ExitCode::success;
}

}  // namespace

Subcommand script_command() {
  return {
      {.name = "script",
       .help = "print a job script for a configuration",
       .description = "For clusters where run_cluster.sh is not at hand. The job goes on from its checkpoint "
                      "whenever it is started again: by Slurm itself (requeue), or, where that is forbidden, "
                      "as the next of a chain of jobs.",
       .arguments = {{.name = "CONFIG", .help = "a TOML file"}},
       .options =
           {{.name = "for", .value = "SYSTEM", .help = "slurm"},
            {.name = "ranks", .value = "P", .help = "processes; default 4"},
            {.name = "time", .value = "T", .help = "limit of one job, as sbatch takes it; default 1:00:00"},
            {.name = "chain",
             .value = "K",
             .help = "K jobs one after the other instead of requeueing: start the script itself, without "
                     "sbatch"}},
       .takes_keys = true,
       .examples = {{"optex script mine.toml --for=slurm --ranks=64 > job.sh && sbatch job.sh",
                     "one job that is requeued"},
                    {"optex script mine.toml --for=slurm --chain=5 > job.sh && bash job.sh",
                     "at most five jobs"}}},
      start_script};
}

}  // namespace optex::app
