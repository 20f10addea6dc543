"""A line that is renewed while a minimisation goes: tqdm's where it is there, else plain text."""

import sys
import time


def _wanted(progress):
    if progress is not None:
        return progress
    return sys.stderr is not None and sys.stderr.isatty() or "ipykernel" in sys.modules


class Progress:
    """At most five times a second; nothing in the first second, so that short runs stay silent."""

    def __init__(self, wanted, rounds):
        self._on = _wanted(wanted)
        self._rounds = rounds
        self._bar = None
        self._next = time.monotonic() + 1.0
        self._shown = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._bar is not None:
            self._bar.close()
        elif self._shown:
            print(file=sys.stderr)

    def note(self, line):
        if self._on:
            print(f"optex: {line}", file=sys.stderr)

    def show(self, round_):
        now = time.monotonic()
        if not self._on or now < self._next:
            return
        self._next = now + 0.2
        text = f"F = {round_['best_value']:.6g}, |g| = {round_['gradient_norm']:.3g}"
        if self._bar is None and not self._shown:
            self._bar = _tqdm(self._rounds)
        if self._bar is not None:
            self._bar.set_postfix_str(text, refresh=False)
            self._bar.update(round_["iteration"] - self._bar.n)
        else:
            line = f"\rround {round_['iteration']}: {text}"
            print(line.ljust(self._shown), end="", file=sys.stderr, flush=True)
            self._shown = len(line)


def _tqdm(rounds):
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    return tqdm(total=rounds, unit="round", leave=False)
