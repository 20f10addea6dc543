"""What a round of optex.minimize takes beside the gradients: python_overhead.py [--dimension 10000] [--points 8] [--rounds 100]

"rule": in the core, from the last answer of a round until the next points are there (what the C++ library and the program take for
the same). "rest": handing points and answers over, checking them, the callback and the line of progress. Milliseconds of processor time
a round, of this process; run it on a quiet machine.
"""

import argparse
import time

import numpy as np
import optex
from optex import _arguments

RULES = {
    "last": {"method.update": "last", "optimizer.learning_rate": 1e-3},
    "replay": {"method.update": "replay", "optimizer.learning_rate": 1e-3},
    "lbfgs": {"method.name": "lbfgs"},
    "surrogate": {"method.update": "surrogate"},
}


class Watched:
    """The core's Run, with the time that ask() takes."""

    seconds = 0.0

    def __init__(self, run):
        self._run = run

    def __getattr__(self, name):
        return getattr(self._run, name)

    def ask(self):
        begin = time.process_time()
        points = self._run.ask()
        Watched.seconds += time.process_time() - begin
        return points


class Core:
    @staticmethod
    def Run(*words):
        return Watched(core.Run(*words))


def measure(rule, words):
    scales = np.linspace(1, 100, words.dimension)
    inside = 0.0

    def value_and_gradient(x):
        nonlocal inside
        begin = time.process_time()
        gradient = scales * x
        value = 0.5 * float(x @ gradient)
        inside += time.process_time() - begin
        return value, gradient

    Watched.seconds = 0.0
    begin = time.process_time()
    result = optex.minimize(value_and_gradient, np.ones(words.dimension), points=None if rule == "lbfgs" else words.points,
                            maxiter=words.rounds, progress=False,
                            callback=lambda intermediate_result: None,
                            options={**RULES[rule], "stop.gradient_tolerance": 0.0, "stop.precision": 0.0})
    total = time.process_time() - begin - inside
    return [1e3 * seconds / result.nit for seconds in (total, Watched.seconds, total - Watched.seconds)]


words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
words.add_argument("--dimension", type=int, default=10000)
words.add_argument("--points", type=int, default=8)
words.add_argument("--rounds", type=int, default=100)
words = words.parse_args()
core = _arguments.core()
_arguments.core = lambda: Core
print(f"d = {words.dimension}, N = {words.points}: ms a round")
print(f"{'rule':<12}{'all':>8}{'rule':>8}{'rest':>8}")
for name in RULES:
    print(f"{name:<12}" + "".join(f"{number:8.2f}" for number in measure(name, words)), flush=True)
