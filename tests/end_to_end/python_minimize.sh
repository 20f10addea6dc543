#!/usr/bin/env bash
# optex.minimize in this build's Python module, in process; the listings of docs/python.md.
# shellcheck source=tests/end_to_end/expectations.sh
source "$(dirname "${BASH_SOURCE[0]}")/expectations.sh"
export PYTHONDONTWRITEBYTECODE=1
unset PYTHONPATH
# Installed, as the page says: into a virtual environment, where it is found without further ado.
"$2" -m venv --without-pip --system-site-packages env && cmake --install "$1" --component python --prefix "$PWD/env" >install.log ||
  wrong "the module cannot be installed"
expect_no_text install.log "export PYTHONPATH"
python=$PWD/env/bin/python3
[[ $("$python" -c 'import optex; print(optex.__file__)') == "$PWD/env/"* ]] || wrong "another optex is found"
timeout 600 "$python" "$OPTEX_SOURCE_DIR/tests/end_to_end/python_minimize.py" >out.txt 2>err.txt || wrong "optex.minimize"
# shellcheck source=scripts/mpi_environment.sh
source "$OPTEX_SOURCE_DIR/scripts/mpi_environment.sh"
allow_root
one_machine
if "$python" -c 'import petsc4py' 2>/dev/null; then
  timeout 400 "$python" "$OPTEX_SOURCE_DIR/tests/end_to_end/python_petsc.py" >out.txt 2>err.txt || wrong "optex.petsc"
else
  echo "petsc4py is missing: optex.petsc is not tested"
fi
if "$python" -c 'import dolfinx' 2>/dev/null; then
  timeout 300 "$python" "$OPTEX_SOURCE_DIR/examples/python/dolfinx_coefficient.py" --cells 8 --points 2 >out.txt 2>err.txt ||
    wrong "the example with dolfinx"
  expect_text out.txt "the coefficient is found up to"
else
  echo "dolfinx is missing: its example is not tested"
fi
# In the order of the page: later listings use what earlier ones made.
timeout 300 "$python" "$OPTEX_SOURCE_DIR/tests/end_to_end/python_page.py" >out.txt 2>err.txt || wrong "docs/python.md"
