#!/usr/bin/env python3
"""Mean return over rounds of sweeps of dqn, one panel a task: the median over the seeds and the whole spread.

plot_dqn.py SWEEP:NAME:GOAL ... -o FILE.png     SWEEP: the folder of `optex sweep` over method.name and seeds
Prints, for each method, after how many rounds each seed first reached the goal.
"""

import argparse
import json
import statistics
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

NAMES = {"optex": "OptEx", "data_parallel": "data parallel", "vanilla": "one gradient a round"}
COLOURS = {"optex": "#2f7ed8", "data_parallel": "#e8710a", "vanilla": "#1e9e6a"}


def curves_of(sweep):
    """{method: {seed: [(round, mean return)]}}"""
    found = {}
    for run in json.loads((sweep / "sweep.json").read_text(encoding="utf-8"))["runs"]:
        folder = sweep / run["folder"]
        if not (folder / "metrics.jsonl").exists():
            continue
        settings = dict(part.split("=") for part in folder.name.split(","))
        lines = map(json.loads, (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines())
        curve = [(line["iteration"], line["quality"]["mean_return"]) for line in lines if "quality" in line]
        found.setdefault(settings["method"], {})[int(settings["seed"])] = curve
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sweeps", nargs="+", metavar="SWEEP:NAME:GOAL")
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    figure, axes = plt.subplots(1, len(arguments.sweeps), figsize=(4.2 * len(arguments.sweeps), 3.4), squeeze=False)
    for axis, text in zip(axes[0], arguments.sweeps):
        folder, name, goal = text.rsplit(":", 2)
        for method, seeds in curves_of(Path(folder)).items():
            rounds = [round_ for round_, _ in min(seeds.values(), key=len)]
            values = list(zip(*([value for _, value in curve[: len(rounds)]] for curve in seeds.values())))
            axis.plot(rounds, [statistics.median(at) for at in values], color=COLOURS.get(method), label=NAMES.get(method, method))
            axis.fill_between(rounds, [min(at) for at in values], [max(at) for at in values], color=COLOURS.get(method), alpha=0.15, lw=0)
            first = [next((r for r, value in curve if value >= float(goal)), None) for _, curve in sorted(seeds.items())]
            print(f"{name:16} {NAMES.get(method, method):22} first at {goal}: {first}, best: {[max(v for _, v in c) for _, c in sorted(seeds.items())]}")
        axis.axhline(float(goal), color="grey", ls=":", lw=1)
        axis.set(title=name, xlabel="round")
    axes[0][0].set_ylabel("mean return of 100 episodes")
    axes[0][0].legend(frameon=False)
    figure.tight_layout()
    figure.savefig(arguments.output, dpi=110)


if __name__ == "__main__":
    main()
