"""A program of problem.name = "command" answers a question twice. The answer too many is never taken for the next gradient: the
run ends with exit code 3 and says so; tried again it gives the very numbers of a run whose program answers once."""
import sys

from tally import Lost, Unavailable

PROGRAM = """
import os, numpy as np, optex
from optex._connection import Connection
answer = Connection.answer
def twice(self, *given, **more):
    answer(self, *given, **more)
    if more.get("value") and os.environ.get("TWICE") == str(calls) and not os.path.exists("once"):
        open("once", "w").close()
        answer(self, *given, **more)
Connection.answer = twice
calls = 0
def value_and_gradient(theta):
    global calls
    calls += 1
    return float(np.sum((theta - 1) ** 2)), 2 * (theta - 1)
optex.serve(value_and_gradient, 20, initial_point=np.arange(20.0))
"""
CONFIG = """
[problem]
name = "command"
command = ["{python}", "{program}"]
[method]
{method}
[optimizer]
learning_rate = 0.01
[stop]
iterations = 20
[failure]
evaluation = "{policy}"
"""


def inject(lab):
    python = next((name for name in ("/usr/bin/python3", sys.executable) if has_numpy(name)), None)
    if python is None:
        raise Unavailable("needs numpy")
    program = lab.write_config("mine.py", PROGRAM)
    # With one point a round every one is the iterate, which cannot be dropped.
    methods = {"abort": 'name = "vanilla"', "retry": "parallelism = 3"}
    configs = {
        policy: lab.write_config(policy + ".toml", CONFIG.format(python=python, program=program, policy=policy, method=method))
        for policy, method in methods.items()
    }
    lab.finish("whole", "run", configs["retry"], "-o", "run")
    reference = lab.trajectory(lab.path("whole") / "run")
    for trial in lab.trials(quick=3, full=40):
        with trial:
            place = f"try-{trial.number}"
            policy = "retry" if trial.number % 2 == 0 else "abort"
            which = {"TWICE": str(lab.random.randint(1, 15))}
            start = lab.finish(place, "run", configs[policy], "-o", "run", environment=which, code=0 if policy == "retry" else 3)
            if policy == "retry":
                lab.same(lab.path(place) / "run", reference)
            elif "is garbage: " not in start.err:
                raise Lost(f"exit code 3 without a word: {start.err[-300:]!r}")


def has_numpy(python):
    import subprocess

    return subprocess.run([python, "-c", "import numpy"], stderr=subprocess.DEVNULL, check=False).returncode == 0
