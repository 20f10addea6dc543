#!/usr/bin/env bash
# optex.minimize in this build's Python module, in process; the listings of docs/python.md.
# shellcheck source=tests/end_to_end/expectations.sh
source "$(dirname "${BASH_SOURCE[0]}")/expectations.sh"
export PYTHONPATH=$1 PYTHONDONTWRITEBYTECODE=1
python=$2
timeout 600 "$python" "$OPTEX_SOURCE_DIR/tests/end_to_end/python_minimize.py" >out.txt 2>err.txt || wrong "optex.minimize"
# In the order of the page: later listings use what earlier ones made.
timeout 300 "$python" "$OPTEX_SOURCE_DIR/tests/end_to_end/python_page.py" >out.txt 2>err.txt || wrong "docs/python.md"
