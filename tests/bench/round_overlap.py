#!/usr/bin/env python3
"""How long a round is beside its parts: python3 round_overlap.py OPTEX [--points 4] [--dimension 100000] [...].

N ranks whose gradients take a fixed time (they sleep, so few cores do for many ranks) and a rank 0 that computes none: a
round lasts as long as one gradient and rank 0's own work, fit, chain, history and replay, less what of it goes on while
others compute. Prints the median round, its parts, round / (gradient + parts), and what is left when the last gradient
is there: round - (fit + chain + gradient), messages included.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

CONFIG = """
[problem]
name = "sphere"
dimension = {dimension}
[problem.cost]
kind = "sleep"
seconds = {seconds}
[optimizer]
name = "adam"
learning_rate = 0.001
[method]
name = "optex"
update = "{update}"
parallelism = {points}
history = {history}
reach = {reach}
[parallel]
coordinator_evaluates = false
[stop]
iterations = {rounds}
[checkpoint]
every = "1000000 iterations"
"""
PHASES = ["fit", "chain", "wait", "update", "checkpoint"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("optex")
    parser.add_argument("--points", type=int, default=4)
    parser.add_argument("--dimension", type=int, default=100000)
    parser.add_argument("--history", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=0.5, help="of a gradient")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--update", default="replay")
    parser.add_argument("--reach", type=int, help="default: points - 1, the depths that are evaluated")
    arguments = parser.parse_args()
    if arguments.reach is None:
        arguments.reach = max(arguments.points - 1, 1)
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder, "overlap.toml")
        config.write_text(CONFIG.format(**vars(arguments)), encoding="utf-8")
        ended = subprocess.run(["mpirun", "-np", str(arguments.points + 1), arguments.optex, "run", str(config),
                                "-o", str(pathlib.Path(folder, "run"))], capture_output=True, text=True, check=False)
        if ended.returncode != 0:
            sys.exit(f"round_overlap.py: {arguments.optex} ended with {ended.returncode}:\n{ended.stderr}")
        lines = [json.loads(line) for line in pathlib.Path(folder, "run", "metrics.jsonl").read_text().splitlines()]
    # Only rounds with a full history.
    first = arguments.history // arguments.points + 2
    rounds = [(now, now["seconds"] - before["seconds"]) for before, now in zip(lines[first:], lines[first + 1:])
              if len(now["depths"]) == arguments.points]
    if not rounds:
        sys.exit("round_overlap.py: too few --rounds for the history to fill")
    parts = {phase: statistics.median(now["seconds_in"][phase] for now, _ in rounds) for phase in PHASES}
    ratio = [seconds / (arguments.seconds + sum(now["seconds_in"][phase] for phase in ("fit", "chain", "update")))
             for now, seconds in rounds]
    own = parts["fit"] + parts["chain"] + parts["update"]
    print(f"{len(rounds)} rounds; median round {1e3 * statistics.median(s for _, s in rounds):.1f} ms, gradient "
          f"{1e3 * arguments.seconds:.1f} ms, rank 0's own work {1e3 * own:.1f} ms")
    print("; ".join(f"{phase} {1e3 * parts[phase]:.2f} ms" for phase in PHASES))
    print(f"round / (gradient + fit + chain + update): median {statistics.median(ratio):.3f}, best {min(ratio):.3f}")
    left = [seconds - arguments.seconds - now["seconds_in"]["fit"] - now["seconds_in"]["chain"] for now, seconds in rounds]
    print(f"left after the last gradient: median {1e3 * statistics.median(left):.1f} ms, best {1e3 * min(left):.1f} ms")


if __name__ == "__main__":
    main()
