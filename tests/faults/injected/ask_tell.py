"""A run whose gradients come from outside: several `tell` of one point at once, answers with flipped bits, a first `ask`
that is killed. Every command ends with the one code that its state has, and the numbers stay those of a quiet run."""
import contextlib
import math
import os
import struct
import subprocess

from damage import flip_bit
from scenes import questions
from tally import Lost

DIMENSION, AT_ONCE = 6, 5
CONFIG = f"""
[problem]
name = "external"
dimension = {DIMENSION}
[optimizer]
learning_rate = 0.1
[method]
parallelism = 4
[stop]
iterations = 5
"""


def inject(lab):
    config = lab.write_config("outside.toml", CONFIG)
    reference = None
    faults = [None, told_at_once, flipped, killed_first_ask]
    for trial in lab.trials(quick=6, full=90):
        with trial:
            fault = faults[0] if reference is None else faults[1 + trial.number % 3]
            place = f"try-{trial.number}"
            finish(lab, config, place, fault)
            run = lab.path(place) / "run"
            if reference is None:
                reference = lab.trajectory(run)
            lab.same(run, reference)


def finish(lab, config, place, fault):
    """Asks and tells until nothing is open; the fault happens in one of the rounds."""
    run = lab.path(place) / "run"
    if fault is killed_first_ask:
        fault(lab, config, place, run)
    else:
        lab.finish(place, "ask", "run", f"--config={config}", "--format=raw")
    moment = lab.random.randrange(5)
    for call in range(40):
        points = questions(lab.finish(place, "ask", "run", "--format=raw"), lab.path(place))
        if not points:
            return
        if call == moment and fault is told_at_once:
            fault(lab, place, *points[0])
        for number, theta in points:
            tell(lab, place, number, theta, again=call == moment and number == points[0][0] and fault is told_at_once)
        if call == moment and fault is flipped:
            fault(lab, place, run, points)
    raise Lost("forty calls and no end")


def words_of(folder, number, theta, name="gradient", change=0.0):
    """The words of a `tell`, and its file."""
    value = sum(math.cosh(x - i) for i, x in enumerate(theta)) + change
    (folder / name).write_bytes(struct.pack(f"={DIMENSION}d", *(math.sinh(x - i) for i, x in enumerate(theta))))
    return ["tell", "run", name, f"--point={number}", f"--value={value!r}"]


def tell(lab, place, number, theta, again=False):
    lab.finish(place, *words_of(lab.path(place), number, theta), *(["--again"] if again else []))


def told_at_once(lab, place, number, theta):
    """One answer stands, and whoever came too late hears of it."""
    starts = []
    for i in range(AT_ONCE):
        words = words_of(lab.path(place), number, theta, f"gradient-{i}", change=float(i))
        starts.append(lab.start(place, *words))
    codes = sorted(start.end(30, "a tell") for start in starts)
    if codes != [0] + [2] * (AT_ONCE - 1):
        raise Lost(f"{AT_ONCE} tells of one point at once ended with {codes}")


def flipped(lab, place, run, points):
    """A damaged answer is none: its point is asked for again, by name."""
    number, theta = lab.random.choice(points)
    answers = sorted((run / "asked").glob(f"answer-*-{number}.h5"))
    what = flip_bit(answers[-1], lab.random)
    start = lab.finish(place, "ask", "run", "--format=raw")
    if [number] != [n for n, _ in questions(start, lab.path(place))] or "damaged" not in start.err:
        raise Lost(f"{what} of the answer to point {number}: {start.out!r}, {start.err!r}")
    tell(lab, place, number, theta)


def killed_first_ask(lab, config, place, run):
    """Before it has asked for anything it is begun anew; after that, going on is the way, and is what the message says."""
    start = lab.start(place, "ask", "run", f"--config={config}", "--format=raw")
    with contextlib.suppress(subprocess.TimeoutExpired):
        start.process.wait(lab.random.uniform(0.0, 0.08))
    start.kill_all()
    asked = os.path.exists(run / "asked" / "round.json")
    lab.finish(place, "ask", "run", f"--config={config}", "--format=raw", code=9 if asked else 0)
