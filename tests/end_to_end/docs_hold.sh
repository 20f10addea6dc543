#!/usr/bin/env bash
# The documentation says what is true: commands, options, links, error messages; the tutorial runs.
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
PATH=$PWD/commands:$PATH
mkdir -p work && cd work || exit 1
python3 "$(dirname "${BASH_SOURCE[0]}")/docs_hold.py" "$OPTEX_SOURCE_DIR" "$OPTEX" || exit 1
