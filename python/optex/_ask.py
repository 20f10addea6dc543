"""A run whose gradients this program computes: the commands `optex ask` and `optex tell` as a class."""

import dataclasses
import json
import os
import pathlib
import subprocess

import numpy as np

from ._answers import real_numbers, real_value


@dataclasses.dataclass(frozen=True)
class Point:
    """A point that waits for its value and gradient."""

    number: int
    theta: np.ndarray
    whole: bool  # the exact F on all data is wanted


class AskTell:
    """Gives points out and takes values and gradients back, in any order, today or tomorrow.

        run = optex.AskTell("runs/mine", config="mine.toml")
        while points := run.ask():
            for point in points:
                run.tell(point, *value_and_gradient(point.theta))

    `config` begins a new run unless the folder is there already; problem.name = "external" and
    problem.dimension say what it is about. Everything is kept in the folder: the program may end at any time
    and go on with the same lines.
    """

    def __init__(self, folder, config=None, program="optex"):
        self._folder = pathlib.Path(folder)
        self._config = config
        self._program = program
        self.finished = False

    def ask(self):
        """The points without an answer; none when the run is finished."""
        words = ["ask", str(self._folder), "--format=raw"]
        if self._config is not None and not (self._folder / "resolved.toml").exists():
            words.append(f"--config={self._config}")
        points = []
        for line in self._run(words).splitlines():
            number, file, *whole = line.split("\t")
            points.append(Point(int(number), np.fromfile(file), bool(whole)))
        self.finished = not points
        return points

    def tell(self, point, value, gradient, again=False):
        """F at the point and its gradient. `point`: a Point, or its number. `again`: in place of an answer that it has, of one
        that was told to have failed, say."""
        number = _number(point)
        file = self._folder / "asked" / f".told-{number}-{os.getpid()}"
        real_numbers(gradient, np.size(gradient)).tofile(file)
        try:
            self._run(["tell", str(self._folder), str(file), f"--point={number}", f"--value={real_value(value)!r}",
                       *(["--again"] if again else [])])
        finally:
            file.unlink()

    def tell_failed(self, point, reason):
        """The point has no value: it is dropped, unless it is the iterate itself."""
        self._run(["tell", str(self._folder), f"--point={_number(point)}", f"--failed={reason}"])

    def status(self):
        """status.json as a dictionary."""
        return json.loads((self._folder / "status.json").read_text())

    def _run(self, words):
        done = subprocess.run([self._program, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"optex {words[0]} ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout


def _number(point):
    return point.number if isinstance(point, Point) else int(point)
