"""A run whose gradients this program computes: in memory, or as the commands `optex ask` and `optex tell` in a folder."""

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
    """Gives points out and takes values and gradients back, in any order.

        run = optex.AskTell(x0=numpy.zeros(100), points=8)
        while points := run.ask():
            for point in points:
                run.tell(point, *value_and_gradient(point.theta))
        run.result.x

    is a minimisation in this process, the arguments are those of optex.minimize. For gradients that take days,

        run = optex.AskTell("runs/mine", config="mine.toml")

    keeps everything in a folder with the program `optex`: this program may end at any time and go on with the same lines.
    `config` begins a new run unless the folder holds one, which must be of the same configuration, stop rules aside;
    problem.name = "external" and problem.dimension say what it is about.
    """

    def __new__(cls, folder=None, config=None, program="optex", *, x0=None, **settings):
        if cls is AskTell:
            cls = _InFolder if x0 is None else _InMemory  # pylint: disable=self-cls-assignment
        return super().__new__(cls)

    finished = False

    def ask(self):
        """The points without an answer; none when the run is finished."""
        raise NotImplementedError

    def tell(self, point, value, gradient, again=False):
        """F at the point and its gradient. `point`: a Point, or its number. `again`: in place of an answer that it has, of one
        that was told to have failed, say."""
        raise NotImplementedError

    def tell_failed(self, point, reason):
        """The point has no value: it is dropped, unless it is the iterate itself."""
        raise NotImplementedError


class _InMemory(AskTell):
    def __init__(self, folder=None, config=None, program="optex", *, x0, bounds=None, points=None, maxiter=None, noisy=False, seed=0,
                 options=None):
        from ._arguments import begin

        del program
        if folder is not None or config is not None:
            raise ValueError("AskTell: x0 begins a run in memory, folder and config one in a folder; optex.minimize(folder=...) keeps one, too")
        self._run, start, _ = begin(x0, bounds, points, maxiter, noisy, seed, "raise", options, None)
        self._shape = start.shape

    @property
    def finished(self):
        return self._run.finished

    def ask(self):
        return [Point(number, theta.reshape(self._shape), whole) for number, theta, whole in self._run.ask()]

    def tell(self, point, value, gradient, again=False):
        del again  # an answer that says that there is none may always be replaced, another one never
        self._run.tell(_number(point), real_value(value), real_numbers(gradient, int(np.prod(self._shape, dtype=int))))

    def tell_failed(self, point, reason):
        self._run.tell_failed(_number(point), reason)

    @property
    def result(self):
        """x, fun, nit (rounds), nfev (gradients), success, status, message; complete when finished."""
        from ._result import Result

        ended = self._run.outcome
        x = np.array(ended["solution"])
        return Result(x=x.reshape(self._shape) if x.size else None, fun=float(ended["value"]), nit=int(self._run.rounds),
                      nfev=int(self._run.evaluations), success=self.finished and ended["code"] == 0
                      and ended["reason"] not in ("iterations", "evaluations", "seconds"), status=ended["code"], reason=ended["reason"],
                      message=ended["message"])


class _InFolder(AskTell):
    def __init__(self, folder=None, config=None, program="optex"):
        if folder is None:
            raise TypeError("AskTell needs x0, or a folder")
        self._folder = pathlib.Path(folder)
        self._config = config
        self._program = program
        self.finished = False
        if config is not None and (self._folder / "resolved.toml").exists():
            self._refuse_another(config)

    def ask(self):
        words = ["ask", str(self._folder), "--format=raw"]
        if self._config is not None and not (self._folder / "resolved.toml").exists():
            words.append(f"--config={self._config}")
        points = []
        for line in self._program_says(words).splitlines():
            number, file, *whole = line.split("\t")
            points.append(Point(int(number), np.fromfile(file), bool(whole)))
        self.finished = not points
        return points

    def tell(self, point, value, gradient, again=False):
        number = _number(point)
        file = self._folder / "asked" / f".told-{number}-{os.getpid()}"
        real_numbers(gradient, np.size(gradient)).tofile(file)
        try:
            self._program_says(["tell", str(self._folder), str(file), f"--point={number}", f"--value={real_value(value)!r}",
                                *(["--again"] if again else [])])
        finally:
            file.unlink()

    def tell_failed(self, point, reason):
        self._program_says(["tell", str(self._folder), f"--point={_number(point)}", f"--failed={reason}"])

    def status(self):
        """status.json as a dictionary."""
        return json.loads((self._folder / "status.json").read_text())

    def _refuse_another(self, config):
        from ._load import read_toml

        here = read_toml(self._program_says(["config", str(config), "--resolved"]))
        there = read_toml((self._folder / "resolved.toml").read_text(encoding="utf-8"))
        other = [f"{section}.{key}" for section in sorted({*here, *there} - {"stop", "log"})
                 for key in sorted({*here.get(section, {}), *there.get(section, {})})
                 if here.get(section, {}).get(key) != there.get(section, {}).get(key) and (section, key) not in
                 (("run", "name"), ("run", "output"))]
        if other:
            raise ValueError(f"{self._folder} holds a run of another configuration than {config}, which differs in: {', '.join(other)}; "
                             "choose another folder")

    def _program_says(self, words):
        done = subprocess.run([self._program, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"optex {words[0]} ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout


def _number(point):
    return point.number if isinstance(point, Point) else int(point)
