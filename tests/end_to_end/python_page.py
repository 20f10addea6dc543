"""Runs the listings of docs/python.md, in their order, each in a module of its own that the next ones go on with.

What is not installed here (SciPy, mpi4py, Dask, tqdm, matplotlib) leaves out the listings that import it.
"""

import importlib.util
import os
import pathlib
import re
import sys

page = pathlib.Path(os.environ["OPTEX_SOURCE_DIR"]) / "docs" / "python.md"
listings = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
assert len(listings) >= 5, "the page has lost its listings"
ran = 0
for number, listing in enumerate(listings):
    wanted = set(re.findall(r"^\s*(?:import|from) (\w+)", listing, re.MULTILINE)) - {"problem"}
    missing = [name for name in wanted if importlib.util.find_spec(name) is None]
    if missing or "mpi4py" in wanted:  # that one needs a launcher
        continue
    if number == 0:  # what the others import
        pathlib.Path("problem.py").write_text(listing, encoding="utf-8")
        sys.path.insert(0, os.getcwd())
    exec(compile(listing, f"{page.name}, listing {number + 1}", "exec"), {"__name__": "__main__"})
    ran += 1
assert ran >= 4, f"only {ran} of {len(listings)} listings could run"
