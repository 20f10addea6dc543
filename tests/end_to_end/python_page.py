"""Runs the listings of docs/python.md, in their order, each in a module of its own that the next ones go on with.

What is not installed here (SciPy, mpi4py, Dask, tqdm, matplotlib) leaves out the listings that import it.
"""

import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys

page = pathlib.Path(os.environ["OPTEX_SOURCE_DIR"]) / "docs" / "python.md"
listings = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
assert len(listings) >= 5, "the page has lost its listings"
ran = 0
launcher = shutil.which("mpirun") if os.environ.get("OPTEX_MPIEXEC") else None
for number, listing in enumerate(listings):
    wanted = set(re.findall(r"^\s*(?:import|from) (\w+)", listing, re.MULTILINE)) - {"problem"}
    missing = [name for name in wanted if importlib.util.find_spec(name) is None]
    if missing or ("mpi4py" in wanted and not launcher):
        print(f"listing {number + 1} is left out: {', '.join(missing) or 'mpirun'} is missing")
        continue
    if wanted & {"mpi4py", "dask"}:  # these start processes that begin with the main module again
        pathlib.Path("listing.py").write_text(listing, encoding="utf-8")
        before = [launcher, "--oversubscribe", "-n", "3"] if "mpi4py" in wanted else []
        module = ["-m", "mpi4py.futures"] if "mpi4py" in wanted else []
        paths = os.pathsep.join([os.getcwd(), *filter(None, [os.environ.get("PYTHONPATH")])])
        subprocess.run([*before, sys.executable, *module, "listing.py"], check=True, timeout=120, env=dict(os.environ, PYTHONPATH=paths))
        ran += 1
        continue
    if number == 0:  # what the others import
        pathlib.Path("problem.py").write_text(listing, encoding="utf-8")
        sys.path.insert(0, os.getcwd())
    exec(compile(listing, f"{page.name}, listing {number + 1}", "exec"), {"__name__": "__main__"})
    ran += 1
assert ran >= 4, f"only {ran} of {len(listings)} listings could run"
