"""What a run has left in its folder, as Python objects."""

import json
from pathlib import Path

import numpy


def read_toml(text):
    try:
        import tomllib
    except ImportError:  # Python 3.10
        import tomli as tomllib
    return tomllib.loads(text)


class Run:
    """A run's folder. Everything is read when it is asked for first; the run may still be going.

    folder      pathlib.Path
    config      dict of dicts: every key that applied, by section ({} when resolved.toml is missing)
    status      dict: state, reason, final_value, measures, ... ({} when it is missing or damaged)
    metrics     dict of arrays of length n, one entry a round: "iteration", "value", "best_value", "gradient_norm",
                "evaluations", "seconds", "accepted", ...; "seconds_in.wait" and the like for nested numbers; lists of
                numbers (prediction_error) are a list of n arrays. Numbers that a round does not have are NaN.
    events      list of dicts: time, kind, text
    provenance  dict
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        if not self.folder.is_dir():
            raise FileNotFoundError(f"{self.folder}: no such folder")
        if not any((self.folder / name).exists() for name in ("status.json", "metrics.jsonl", "resolved.toml")):
            raise ValueError(f"{self.folder}: not a run's folder (no status.json, metrics.jsonl or resolved.toml)")
        self._kept = {}

    def __repr__(self):
        return f"<optex run {self.folder}: {self.status.get('state', 'unknown')}, {len(self)} rounds>"

    def __len__(self):
        """Rounds that are finished."""
        return len(self.metrics.get("iteration", ()))

    def _once(self, name, read):
        if name not in self._kept:
            self._kept[name] = read()
        return self._kept[name]

    def _object(self, name):
        try:
            found = json.loads((self.folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _lines(self, name):
        """Whole lines only: the last one may still be written."""
        found = []
        try:
            with open(self.folder / name, encoding="utf-8", errors="replace") as file:
                for line in file:
                    if not line.endswith("\n"):
                        break
                    try:
                        entry = json.loads(line)
                    except ValueError:
                        continue
                    if isinstance(entry, dict):
                        found.append(entry)
        except OSError:
            pass
        return found

    @property
    def config(self):
        def read():
            try:
                return read_toml((self.folder / "resolved.toml").read_text(encoding="utf-8"))
            except OSError:
                return {}

        return self._once("config", read)

    @property
    def status(self):
        return self._once("status", lambda: self._object("status.json"))

    @property
    def provenance(self):
        return self._once("provenance", lambda: self._object("provenance.json"))

    @property
    def events(self):
        return self._once("events", lambda: self._lines("events.jsonl"))

    @property
    def metrics(self):
        return self._once("metrics", lambda: _columns(self._lines("metrics.jsonl")))

    @property
    def theta(self):
        """The answer (results.h5), or the iterate of the newest checkpoint where the run has gone further than that; shape
        (d,). Needs h5py. Raises FileNotFoundError when the run has stored neither."""
        return self._once("theta", self._theta)

    def _theta(self):
        import h5py

        answer, answered = None, -1
        try:
            with h5py.File(self.folder / "results.h5") as opened:
                answer = opened["solution/theta"][:]
                rounds = opened.get("metrics/iteration")
                answered = 0 if rounds is None or len(rounds) == 0 else int(rounds[-1])
        except (OSError, KeyError):
            pass
        numbers = (file.stem.removeprefix("iteration-") for file in (self.folder / "checkpoints").glob("iteration-*.h5"))
        for number in sorted((int(number) for number in numbers if number.isdecimal()), reverse=True):
            if number <= answered:
                break
            try:
                with h5py.File(self.folder / "checkpoints" / f"iteration-{number:06}.h5") as opened:
                    return opened["state/theta"][:]
            except (OSError, KeyError):
                continue
        if answer is not None:
            return answer
        raise FileNotFoundError(f"{self.folder}: neither results.h5 nor a checkpoint can be read")

    def frame(self):
        """The metrics as a pandas.DataFrame, one row a round; lists are left out."""
        import pandas

        return pandas.DataFrame({name: column for name, column in self.metrics.items() if isinstance(column, numpy.ndarray)})


def _flat(entry, front=""):
    for name, value in entry.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{front}{name}.")
        else:
            yield front + name, value


def _columns(lines):
    rows = [dict(_flat(line)) for line in lines]
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {}
    for name in names:
        values = [row.get(name) for row in rows]
        if any(isinstance(value, list) for value in values):
            columns[name] = [numpy.array([numpy.nan if x is None else x for x in value or ()], dtype=float) for value in values]
        elif any(isinstance(value, str) for value in values):
            columns[name] = numpy.array(["" if value is None else value for value in values])
        elif all(isinstance(value, int) for value in values):
            columns[name] = numpy.array(values, dtype=numpy.int64)
        else:
            columns[name] = numpy.array([numpy.nan if value is None else value for value in values], dtype=float)
    return columns


def load(folder):
    """The run in a folder: optex.load("runs/experiment").metrics["value"], .theta, .status, .config, .frame()."""
    return Run(folder)
