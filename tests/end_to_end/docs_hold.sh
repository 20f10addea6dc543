#!/usr/bin/env bash
# The documentation says what is true: commands, options, links, error messages; blocks marked "sh" run.
# shellcheck source=tests/end_to_end/expectations.sh
source "$(dirname "${BASH_SOURCE[0]}")/expectations.sh"
# The python3 of the PATH may be one without numpy beside Debian's that has it.
mkdir -p commands
for python in "$(command -v python3)" /usr/bin/python3; do
  "$python" -c 'import numpy, h5py' 2>/dev/null || continue
  ln -sf "$python" commands/python3
  break
done
[[ -e commands/python3 ]] || { echo "python3-numpy and python3-h5py are missing"; exit 77; }
# What takes long is shortened: configurations that are shipped to three rounds on little data.
cat >commands/optex <<'TEXT'
#!/usr/bin/env bash
short=()
if [[ $1 =~ ^(run|compare|sweep)$ ]] && { [[ $2 == configs/* ]] || grep -q '"dqn"' "$2"; }; then
  [[ $* == *--stop.iterations=* ]] || short+=(--stop.iterations=3)
  ! grep -q fashion-mnist "$2" || short+=(--data.limit=2000)
  ! grep -q heat_inversion "$2" || short+=("--problem.cells=[32, 32]")
  ! grep -q '"dqn"' "$2" || short+=(--problem.buffer=200 --problem.episodes=2)
fi
exec "$OPTEX" "$@" "${short[@]}"
TEXT
cat >commands/mpirun <<'TEXT'
#!/usr/bin/env bash
[[ $1 == -n ]] || exit 2
if [[ -z ${OPTEX_MPIEXEC:-} ]]; then exec "${@:3}"; fi
exec "$OPTEX_ON_RANKS" "${@:2}"
TEXT
chmod +x commands/optex commands/mpirun
PATH=$PWD/commands:$PATH
mkdir -p work && cd work || exit 1
python3 "$(dirname "${BASH_SOURCE[0]}")/docs_hold.py" "$OPTEX_SOURCE_DIR" "$OPTEX" || exit 1
