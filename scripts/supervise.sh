# shellcheck shell=bash disable=SC2034,SC2154
# Source me: what can be known of a run from outside, by its folder. Expects say() of setup.sh, program_name,
# and held_signals: a file, see hand_on_signals.

# The folder that `optex run CONFIG ARGUMENT...` will take, and whether it goes on without lost ranks. Sets run_folder
# (empty when the program refuses the configuration, which it will say itself) and goes_on_without_lost.
learn_about_run() { # OPTEX CONFIG ARGUMENT...
  local optex=$1 config=$2 resolved folder="" name=""
  local overrides=()
  shift 2
  run_folder=""
  while (($#)); do
    case $1 in
      -o | --output) run_folder=${2:-} && shift ;;
      --output=*) run_folder=${1#*=} ;;
      --*.*=*) overrides+=("$1") ;;
    esac
    shift
  done
  resolved=$("$optex" config "$config" --resolved "${overrides[@]}" 2>/dev/null </dev/null) || resolved=""
  [[ $resolved != *$'\nlost_rank = "continue"'* ]] || goes_on_without_lost=1
  [[ -z $run_folder ]] || return 0
  folder=$(sed -n '/^\[run\]/,/^$/s/^output = "\(.*\)"$/\1/p' <<<"$resolved")
  name=$(sed -n '/^\[run\]/,/^$/s/^name = "\(.*\)"$/\1/p' <<<"$resolved")
  [[ -z $name ]] || run_folder=$folder/$name
}

# A field of status.json, whichever start has written it.
any_status_field() { # NAME
  [[ -n $run_folder ]] || return 0
  sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}$/\1/p" "$run_folder/status.json" 2>/dev/null | head -n 1
}

# Every start writes an id of its own: the clocks of this machine and of the file server need not agree.
start_before=""
a_start_comes() { start_before=$(any_status_field start_id); }

# status.json says how a run ended; nothing unless this start has written it.
status_field() { # NAME
  local start
  start=$(any_status_field start_id)
  [[ -z $start || $start == "$start_before" ]] || any_status_field "$1"
}

# The exit code that the program gave its run; empty while there is none.
exit_code_of_run() {
  local code
  code=$(status_field exit_code)
  [[ $code == null ]] || echo "$code"
}

# Rounds that the run has behind it, whoever made them.
rounds_of_run() {
  local rounds
  rounds=$(any_status_field iteration)
  echo "${rounds:-0}"
}

# How many starts of this job in a row have not brought the run a round further; the first one, which sets everything up, does
# not count. The number is kept in the run's folder; where it cannot be kept, none of the starts has.
starts_without_progress() { # ROUNDS_BEFORE
  local kept=0 idle file=$run_folder/.starts-without-progress next
  if (($(rounds_of_run) > $1 || ${SLURM_RESTART_COUNT:-0} == 0)); then
    idle=0
  else
    read -r kept 2>/dev/null <"$file" && [[ $kept =~ ^[0-9]{1,6}$ ]] || kept=$((SLURM_RESTART_COUNT - 1))
    idle=$((kept + 1))
  fi
  if [[ -d $run_folder ]] && next=$(mktemp "$file.XXXXXX" 2>/dev/null); then
    echo "$idle" >"$next"
    mv -fT "$next" "$file"
  fi
  echo "$idle"
}

# When Slurm will end this job, in seconds since 1970; nothing without a limit.
end_of_job() {
  local time
  time=$(scontrol show job "$SLURM_JOB_ID" 2>/dev/null | sed -nE 's/.*[[:space:]]EndTime=([0-9T:-]+).*/\1/p')
  [[ -z $time ]] || date --date="$time" +%s 2>/dev/null
}

rank_0_is_gone() {
  local pid
  pid=$(status_field pid)
  [[ -n $pid && $(status_field host) == "$(uname -n)" && ! -e /proc/$pid ]]
}

# Every process of a session; the first one last, because somebody waits for it.
end_session() { # SESSION
  local file line fields process
  for file in /proc/[0-9]*/stat; do
    read -r line 2>/dev/null <"$file" || continue
    read -r -a fields <<<"${line##*) }"
    process=${file#/proc/}
    process=${process%/stat}
    [[ ${fields[3]} != "$1" || $process == "$1" ]] || kill -KILL "$process" 2>/dev/null
  done
  kill -KILL "$1" 2>/dev/null
}

# A process of the program on this machine, whosever child it is: a launcher starts none before it has reached all hosts.
program_is_here() { # OPTEX
  local file
  for file in /proc/[0-9]*/exe; do
    [[ ! $file -ef $1 ]] || return 0
  done
  return 1
}

# All processes below one.
below() { # PROCESS
  local child
  for child in $(cat "/proc/$1"/task/*/children 2>/dev/null); do
    echo "$child"
    below "$child"
  done
}

# A process of the program that this launcher has started here.
has_started_a_rank() { # LAUNCHER OPTEX
  local process words
  for process in $(below "$1"); do
    [[ ! /proc/$process/exe -ef /proc/$1/exe ]] || continue # the launcher's own, with the command of the rank that it is to be
    mapfile -d '' -t words 2>/dev/null <"/proc/$process/cmdline" || continue
    [[ " ${words[*]} " != *" $2 "* ]] || return 0
  done
  return 1
}

# Hands on the signals that stand in the file held_signals.
hand_on_signals() { # LAUNCHER
  local signal
  [[ -s $held_signals ]] && mv "$held_signals" "$held_signals.taken" || return 0
  while read -r signal; do kill -s "$signal" "$1" 2>/dev/null; done <"$held_signals.taken"
  rm -f "$held_signals.taken"
}

readonly never_began="no process of the run has begun within"

# A launcher can wait for ever: for a rank that does not answer or a host that cannot be reached when the run itself is long
# over (it gets half a minute), or for a host that did not answer when the run was to begin (five minutes). And mpirun fails when
# it is to pass a signal to hosts that it has not reached yet: signals wait until the run has begun here (half a minute where that
# cannot be seen). In the background.
watch_launcher() { # LAUNCHER OPTEX
  local over_since="" began="" rank_seen="" takes_signals="" started=$SECONDS never
  exec {never}<> <(:)
  while kill -0 "$1" 2>/dev/null; do
    read -rt 1 -u "$never" _ # a second's rest without a process that would outlive this one
    if [[ -z $began ]]; then
      if [[ -n $(status_field pid) ]] || program_is_here "$2"; then
        began=1
      elif ((SECONDS - started >= ${OPTEX_LAUNCH_SECONDS:-300})); then
        say "optex: error: $never_began ${OPTEX_LAUNCH_SECONDS:-300} s: does every host of the job answer? (OPTEX_LAUNCH_SECONDS)"
        end_session "$1"
        return
      fi
    fi
    if [[ -z $takes_signals ]]; then
      if [[ -n $rank_seen || -n $(status_field pid) ]] || ((SECONDS - started >= 30)); then
        takes_signals=1
      elif has_started_a_rank "$1" "$2"; then
        rank_seen=1 # the others may still be on their way to the program, and a signal would end them there: at the next look
      fi
    fi
    [[ -z $takes_signals ]] || hand_on_signals "$1"
    if [[ -n $(exit_code_of_run) ]] || rank_0_is_gone; then
      : "${over_since:=$SECONDS}"
      ((SECONDS - over_since < ${OPTEX_LAUNCHER_SECONDS:-30})) && continue
      say "$program_name: the run is over, but its launcher does not end; it is killed"
      end_session "$1"
      return
    fi
    over_since=""
  done
}
