#!/usr/bin/env python3
"""Draws the value over rounds of several runs into a file: plot_runs.py FIGURE RUN_FOLDER..."""

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # into a file: no screen is needed
import matplotlib.pyplot as plt

try:
    import optex
except ImportError:  # not installed: the one that lies in this project
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "python"))
    import optex


def main(figure, folders):
    drawing, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True)
    for folder in folders:
        run = optex.load(folder)
        best = run.metrics["best_value"]
        name = run.config.get("method", {}).get("name", "") or run.folder.name
        left.plot(run.metrics["iteration"], best, label=f"{run.folder.name} ({name})")
        right.plot(run.metrics["evaluations"], best)
        print(f"{run.folder}: {run.status.get('state')}, F = {run.status.get('final_value')} after {len(run)} rounds")
    if all(line.get_ydata().min() > 0 for line in left.lines):
        left.set_yscale("log")
    left.set_xlabel("round")
    left.set_ylabel("best value")
    right.set_xlabel("gradients")
    left.legend(frameon=False)
    drawing.tight_layout()
    drawing.savefig(figure)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
