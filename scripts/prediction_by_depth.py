#!/usr/bin/env python3
"""How well gradients were predicted, by depth of the chain: medians over the rounds of each run, a Markdown table.

    scripts/prediction_by_depth.py runs/prediction/*

A cell is the cosine between the predicted and the true gradient, and |predicted - true| / |true|. Needs Python only.
"""

import json
import pathlib
import statistics
import sys


def by_depth(folder):
    """{depth: ([cosine of each round], [relative error of each round])}"""
    found = {}
    with open(folder / "metrics.jsonl", encoding="utf-8") as lines:
        for line in lines:
            try:
                row = json.loads(line)
            except ValueError:
                continue  # the last line of a run that was killed
            columns = (row.get("depths") or [], row.get("prediction_cosine") or [], row.get("prediction_error") or [])
            for depth, cosine, error in zip(*columns):
                if cosine is not None and error is not None:
                    cosines, errors = found.setdefault(depth, ([], []))
                    cosines.append(cosine)
                    errors.append(error)
    return found


def main():
    folders = [pathlib.Path(name) for name in sys.argv[1:] if (pathlib.Path(name) / "metrics.jsonl").is_file()]
    if not folders:
        sys.exit(__doc__)
    runs = {folder.name: by_depth(folder) for folder in folders}
    print("| depth |" + "".join(f" {name} |" for name in runs))
    print("|--" * (len(runs) + 1) + "|")
    for depth in sorted({depth for run in runs.values() for depth in run}):
        cells = [f"{statistics.median(run[depth][0]):.3f}, {statistics.median(run[depth][1]):.2g}" if depth in run else ""
                 for run in runs.values()]
        print(f"| {depth} |" + "".join(f" {cell} |" for cell in cells))


if __name__ == "__main__":
    main()
