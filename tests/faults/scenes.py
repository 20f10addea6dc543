"""Every command that writes, as something that can be broken off anywhere: what stands before it, its words, how a user goes on
afterwards, and what must be there in the end."""
import contextlib
import json
import math
import re
import shutil
import struct

import small_run
from tally import Lost

DIMENSION = 3
OUTSIDE = f"""
[problem]
name = "external"
dimension = {DIMENSION}
[optimizer]
learning_rate = 0.1
[method]
parallelism = 2
[stop]
iterations = 2
"""
GRID = """
[problem]
name = "sphere"
dimension = 5
[stop]
iterations = 2
[optimizer]
learning_rate = 0.1
[checkpoint]
every = "1 iterations"
"""


class Scene:
    """`before(place)` makes what the command finds; `words`: the command; `after(place)` goes on as a user does, to the end;
    `look(place)`: what must be the same whatever happened. Folders are the place's own."""

    name = ""
    below = "run"  # operations are counted in this folder of the place
    words = ()
    runs = False  # a run, which is over when the command is

    def __init__(self, lab):
        self.lab = lab
        self.template = None
        self.reference = None

    def prepare(self):
        """Once: what the command finds, and what an undisturbed one leads to."""
        self.template = self.lab.path(f"{self.name}-before")
        self.make(self.template)
        place = self.new_place(f"{self.name}-whole")
        self.lab.finish(place, *self.words)
        self.after(place)
        self.reference = self.look(self.lab.path(place))

    def new_place(self, place):
        folder = self.lab.path(place)
        shutil.rmtree(folder)
        shutil.copytree(self.template, folder, symlinks=True)
        return place

    def make(self, folder):
        pass

    def after(self, place):
        self.lab.finish(place, *self.words)

    def still_whole(self, folder):
        """Right after the fault, before anybody goes on."""

    def same(self, place):
        found = self.look(self.lab.path(place))
        if found != self.reference:
            raise Lost(f"other results: {first_difference(found, self.reference)}")


def first_difference(found, wanted):
    if isinstance(found, dict) and isinstance(wanted, dict):
        for key in [*wanted, *(key for key in found if key not in wanted)]:
            if found.get(key) != wanted.get(key):
                return f"{key}: {first_difference(found.get(key), wanted.get(key))}"
    if isinstance(found, (list, tuple)) and isinstance(wanted, (list, tuple)) and len(found) == len(wanted):
        for mine, theirs in zip(found, wanted):
            if mine != theirs:
                return first_difference(mine, theirs)
    return f"{str(found)[:300]!r} instead of {str(wanted)[:300]!r}"


class Run(Scene):
    name = "run"
    runs = True

    def __init__(self, lab):
        super().__init__(lab)
        self.words = ("run", small_run.config(lab, "run", rounds=3, dimension=4, keep=2), "-o", "run")

    def after(self, place):
        start = self.lab.finish(place, *self.words, "--resume")
        if "unusable" in start.err:
            raise Lost(f"a damaged checkpoint: {start.err!r}")

    def look(self, folder):
        return self.lab.trajectory(folder / "run")

    def still_whole(self, folder):
        run = folder / "run"
        newest, metrics = self.lab.newest_checkpoint(run), run / "metrics.jsonl"
        lines = len(metrics.read_bytes().splitlines()) if metrics.exists() else 0  # the last one may lack its end
        if newest and int(newest.stem[10:]) > lines:
            raise Lost(f"{newest.name}, but {lines} lines of metrics")


class Resume(Run):
    name = "resume"

    def __init__(self, lab):
        super().__init__(lab)
        self.first = self.words
        self.words = ("resume", "run", "--stop.iterations=5")

    def make(self, folder):
        self.lab.finish(folder.name, *self.first)

    def after(self, place):
        start = self.lab.finish(place, *self.words)
        if "unusable" in start.err or "from the beginning" in start.err:
            raise Lost(f"a checkpoint is lost: {start.err!r}")


class Ask(Scene):
    """The first one, which makes the run."""

    name = "ask"

    def __init__(self, lab):
        super().__init__(lab)
        self.config = lab.write_config("outside.toml", OUTSIDE)
        self.words = ("ask", "run", f"--config={self.config}", "--format=raw")

    def after(self, place):
        start = self.lab.finish(place, *self.words, code=None)
        code = start.process.returncode
        if code not in (0, 9):
            raise Lost(f"a first ask that was broken off cannot be given again: code {code}, {start.err!r}")
        finish_outside(self.lab, place)

    def look(self, folder):
        return self.lab.trajectory(folder / "run")


class AskAgain(Ask):
    """One that takes up all answers of a round and makes the next."""

    name = "ask_again"

    def __init__(self, lab):
        super().__init__(lab)
        self.first = self.words
        self.words = ("ask", "run", "--format=raw")

    def make(self, folder):
        for number, theta in questions(self.lab.finish(folder.name, *self.first), folder):
            self.lab.finish(folder.name, *answer(folder, number, theta))

    def after(self, place):
        finish_outside(self.lab, place)


class Tell(AskAgain):
    name = "tell"

    def make(self, folder):
        number, theta = questions(self.lab.finish(folder.name, *self.first), folder)[0]
        self.words = answer(folder, number, theta)


class Sweep(Scene):
    name = "sweep"
    below = "grid"

    def __init__(self, lab):
        super().__init__(lab)
        grid = lab.write_config("grid.toml", GRID + '[sweep]\n"optimizer.learning_rate" = [0.1, 0.2]\n')
        self.words = ("sweep", grid, "-o", "grid")

    def look(self, folder):
        table = [line.split(",") for line in (folder / "grid" / "sweep.csv").read_text().splitlines()]
        timeless = [column for column, name in enumerate(table[0]) if "seconds" not in name and name != "started"]
        runs = sorted(path.parent for path in (folder / "grid").glob("*/results.h5"))
        return {
            "table": [[line[column] for column in timeless] for line in table],
            **{run.name: self.lab.trajectory(run) for run in runs},
        }


class Compare(Scene):
    name = "compare"
    below = "compared"

    def __init__(self, lab):
        super().__init__(lab)
        grid = lab.write_config("compared.toml", GRID)
        self.words = ("compare", grid, "--methods", "vanilla,lbfgs", "--no-tune", "-o", "compared")

    def after(self, place):
        self.lab.finish(place, *self.words, "--resume")

    def look(self, folder):
        return [line.split(",")[:7] for line in (folder / "compared" / "compare.csv").read_text().splitlines()]


MINUTE = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d UTC")  # in which a page was made


class Report(Scene):
    """Whatever becomes of it, a page is the one before or the new one."""

    name = "report"
    below = "made"
    words = ("report", "run", "-o", "made/page.html", "--csv", "made/table.csv", "--svg", "made")

    def make(self, folder):
        config = small_run.config(self.lab, "reported", rounds=3, dimension=5)
        self.lab.finish(folder.name, "run", config, "-o", "run")
        (folder / "made").mkdir()
        (folder / "made" / "page.html").write_text("before")

    def look(self, folder):
        files = [file for file in sorted((folder / "made").iterdir()) if not file.name.startswith(".")]
        return {file.name: MINUTE.sub(b"", file.read_bytes()) for file in files}

    def still_whole(self, folder):
        for name, content in self.look(folder).items():
            if content not in (self.reference[name], b"before"):
                raise Lost(f"half of {name}: {len(content)} bytes instead of {len(self.reference[name])}")


ALL = (Run, Resume, Ask, AskAgain, Tell, Sweep, Compare, Report)


def prepared(lab):
    scenes = [scene(lab) for scene in ALL]
    for scene in scenes:
        scene.prepare()
    return scenes


def questions(start, folder):
    """(number, theta) of what is open."""
    points = []
    for line in start.out.splitlines():
        number, file, *_ = line.split("\t")
        theta = (folder / file).read_bytes()
        points.append((int(number), struct.unpack(f"={len(theta) // 8}d", theta)))
    return points


def answer(folder, number, theta):
    """The words of a `tell`, and its file."""
    value = sum(math.cosh(x - i) for i, x in enumerate(theta))
    (folder / f"gradient-{number}").write_bytes(struct.pack(f"={DIMENSION}d", *(math.sinh(x - i) for i, x in enumerate(theta))))
    return ["tell", "run", f"gradient-{number}", f"--point={number}", f"--value={value!r}"]


def finish_outside(lab, place):
    for _ in range(20):
        points = questions(lab.finish(place, "ask", "run", "--format=raw"), lab.path(place))
        if not points:
            return
        for number, theta in points:
            lab.finish(place, *answer(lab.path(place), number, theta))
    raise Lost("twenty calls of ask and no end")


def state_of(folder):
    """What status.json says; nothing when there is none."""
    with contextlib.suppress(OSError, ValueError):
        return json.loads((folder / "status.json").read_text())["state"]
    return None
