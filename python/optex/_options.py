"""What optex tells a program that it has started: its seed, its precision and [problem.options]."""

import json
import os


class Told:
    """The text of a hello, which is also in the environment of the program and of all that it starts."""

    def __init__(self, text):
        lines = [line.split("=", 1) for line in text.split("\n") if line]
        (_, seed_), (_, self.precision) = lines[:2]
        self.seed = int(seed_)
        self.options = {name: _meant(value) for name, value in lines[2:]}


def _meant(text):
    """An option as the configuration has it: a text is in quotes, as in JSON."""
    if text.startswith('"'):
        return json.loads(text)
    if text in ("true", "false"):
        return text == "true"
    try:
        return int(text)
    except ValueError:
        return float(text)


def told():
    text = os.environ.get("OPTEX_OPTIONS")
    return None if text is None else Told(text)


def options():
    """[problem.options] as a dictionary; empty when the program was started by hand."""
    found = told()
    return found.options if found else {}


def seed():
    """run.seed; 0 when the program was started by hand."""
    found = told()
    return found.seed if found else 0
