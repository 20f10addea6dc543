"""The child's side of problem.name = "command": reads requests, answers with values and gradients.

The messages are described in docs/objectives.md. Both ends run on one machine, so numbers travel in its byte order.
"""

import dataclasses
import inspect
import os
import struct
import sys
import time
import traceback

import numpy as np

_VERSION = 1
_REQUEST = struct.Struct("=IHHQIIQqiiqq")
_ANSWER = struct.Struct("=IHHQIIdqqqq")
_REQUEST_MAGIC = 0x5158504F
_ANSWER_MAGIC = 0x4158504F
_HELLO, _EVALUATE, _ASSESS = 1, 2, 3
_EVALUATED, _FAILED, _INFEASIBLE, _ASSESSED = 2, 3, 4, 5
_LONGEST_TEXT = 1 << 16


class Infeasible(Exception):
    """Raise it where F has no value: the point is dropped, and nothing is wrong with the program."""


@dataclasses.dataclass(frozen=True)
class SampleKey:
    """Names one random draw: the same key means the same mini-batch, on any rank, at any time.

    With `whole` the exact F on all data is wanted, and the other fields mean nothing.
    """

    seed: int
    iteration: int
    point: int
    batch: int
    whole: bool

    def generator(self):
        """A numpy random generator that the key determines."""
        return np.random.Generator(np.random.Philox(np.random.SeedSequence(
            (self.seed, self.iteration, self.point, self.batch))))


class _Pipes:
    """The two ends that optex gave this process."""

    def __init__(self):
        self._requests = int(os.environ["OPTEX_REQUEST_FD"])
        self._answers = int(os.environ["OPTEX_ANSWER_FD"])
        os.set_inheritable(self._requests, False)  # not for the programs that the objective starts
        os.set_inheritable(self._answers, False)

    def read_into(self, buffer):
        """Fills the buffer; False when optex has closed its end."""
        view = memoryview(buffer).cast("B")
        while view:
            count = os.readv(self._requests, [view])
            if count == 0:
                return False
            view = view[count:]
        return True

    def write(self, *buffers):
        for buffer in buffers:
            if len(buffer) == 0:
                continue
            view = memoryview(buffer).cast("B")
            while view:
                view = view[os.write(self._answers, view):]


class _Host:
    """What optex said in its hello."""

    def __init__(self, pipes):
        self.pipes = pipes
        header = _read_request(pipes)
        if header is None or header.kind != _HELLO:
            raise SystemExit("optex: the program that started this one does not say hello")
        text = bytearray(header.count)
        pipes.read_into(text)
        told = dict(line.split("=", 1) for line in text.decode().splitlines())
        self.seed = int(told.pop("seed"))
        self.type = np.dtype(np.float32 if told.pop("precision") == "f32" else np.float64)
        self.options = {name: _plain(value) for name, value in told.items()}


@dataclasses.dataclass
class _Request:
    kind: int
    count: int
    shard: int
    key: SampleKey


def _read_request(pipes):
    header = bytearray(_REQUEST.size)
    if not pipes.read_into(header):
        return None
    magic, version, kind, count, _, whole, seed_, iteration, point, batch, shard, _ = _REQUEST.unpack(header)
    if magic != _REQUEST_MAGIC or version != _VERSION:
        raise SystemExit(f"optex: this module speaks version {_VERSION} of the protocol, the program does not")
    return _Request(kind, count, shard, SampleKey(seed_, iteration, point, batch, whole != 0))


def _plain(text):
    """An option as the configuration meant it: true or false, a number, or text."""
    if text in ("true", "false"):
        return text == "true"
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            pass
    return text


_host = None


def _started_by_optex():
    return "OPTEX_REQUEST_FD" in os.environ


def _the_host():
    global _host
    if _host is None:
        _host = _Host(_Pipes())
    return _host


def options():
    """[problem.options] as a dictionary; empty when the program was started by hand."""
    return dict(_the_host().options) if _started_by_optex() else {}


def seed():
    """run.seed; 0 when the program was started by hand."""
    return _the_host().seed if _started_by_optex() else 0


def serve(value_and_gradient, dimension, *, initial_point=None, shards=1, noisy=False, assess=None):
    """Answers optex until the run is over.

    value_and_gradient(theta) returns F(theta), a number, and its gradient, `dimension` numbers; theta is a numpy
    array that is overwritten later. If it has parameters called `shard` or `key` it is given them:
    F is the sum over shards 0 .. shards-1, and the SampleKey names the mini-batch when noisy=True (write
    problem.noisy = true then). Raise optex.Infeasible where F has no value; any other exception makes the
    evaluation fail and is shown on stderr.

    initial_point: where a run starts, else zeros. assess(theta) returns a dictionary of numbers that say
    how good a solution is.

    Started by hand, the program checks the gradient at the start instead.
    """
    dimension = int(dimension)
    start = None
    if initial_point is not None:
        start = np.array(initial_point, dtype=np.float64).reshape(-1)
        if start.size != dimension:
            raise ValueError(f"initial_point has {start.size} numbers, dimension is {dimension}")
    if dimension < 1 or shards < 1:
        raise ValueError("dimension and shards must be at least 1")
    try:
        wanted = inspect.signature(value_and_gradient).parameters
    except (TypeError, ValueError):  # compiled functions may not tell
        wanted = {}

    def evaluate(theta, key, shard):
        extra = {name: given for name, given in (("key", key), ("shard", shard)) if name in wanted}
        return value_and_gradient(theta, **extra)

    if not _started_by_optex():
        _check_by_hand(evaluate, np.zeros(dimension) if start is None else start, shards)
        return
    host = _the_host()
    _answer_hello(host, dimension, start, shards, noisy, assess)
    theta = np.empty(dimension, host.type)
    while (request := _read_request(host.pipes)) is not None:
        if request.count != dimension:
            raise SystemExit(f"optex: asked about {request.count} numbers, dimension is {dimension}")
        if not host.pipes.read_into(theta):
            return
        point = theta if host.type == np.float64 else theta.astype(np.float64)
        try:
            if request.kind == _ASSESS:
                lines = "".join(f"{name} {float(number)!r}\n" for name, number in assess(point).items())
                _answer_text(host, _ASSESSED, lines)
            else:
                value, gradient = evaluate(point, request.key, request.shard)
                _answer_gradient(host, float(value), gradient, dimension)
        except Infeasible as reason:
            _answer_text(host, _INFEASIBLE, str(reason))
        except Exception as error:  # pylint: disable=broad-except
            traceback.print_exc()
            _answer_text(host, _FAILED, f"{type(error).__name__}: {error}")


def _header(kind, count, number_bytes, *, flags=0, value=0.0, dimension=0, shards=0):
    return _ANSWER.pack(_ANSWER_MAGIC, _VERSION, kind, count, number_bytes, flags, value, dimension, shards, 0, 0)


def _answer_hello(host, dimension, start, shards, noisy, assess):
    numbers = np.empty(0) if start is None else start
    flags = (1 if noisy else 0) | (2 if assess is not None else 0)
    host.pipes.write(_header(_HELLO, numbers.size, host.type.itemsize, flags=flags, dimension=dimension, shards=shards),
                     np.ascontiguousarray(numbers, host.type))


def _answer_gradient(host, value, gradient, dimension):
    numbers = np.ascontiguousarray(gradient, host.type).reshape(-1)
    if numbers.size != dimension:
        raise ValueError(f"the gradient has {numbers.size} numbers, dimension is {dimension}")
    host.pipes.write(_header(_EVALUATED, dimension, host.type.itemsize, value=value), numbers)


def _answer_text(host, kind, text):
    words = text.encode()[:_LONGEST_TEXT]
    host.pipes.write(_header(kind, len(words), 1), words)


def _check_by_hand(evaluate, theta, shards):
    """What somebody who runs the program without optex wants to know."""
    exact = SampleKey(0, 0, 0, 0, True)

    def total(point):
        parts = [evaluate(point, exact, shard) for shard in range(shards)]
        return sum(float(part[0]) for part in parts), sum(np.asarray(part[1], dtype=np.float64) for part in parts)

    begin = time.perf_counter()
    value, gradient = total(theta)
    seconds = time.perf_counter() - begin
    if gradient.shape != theta.shape:
        sys.exit(f"wrong: the gradient has shape {gradient.shape}, theta has {theta.shape}")
    norm = float(np.linalg.norm(gradient))
    print(f"{theta.size} coordinates, F = {value:.10g}, |gradient| = {norm:.6g} at the start, {seconds:.3g} s")
    direction = np.random.default_rng(0).standard_normal(theta.size)
    direction /= np.linalg.norm(direction)
    if norm > 0:
        direction += gradient / norm
    along = float(gradient @ direction)
    best = min(
        (abs((total(theta + h * direction)[0] - total(theta - h * direction)[0]) / (2 * h) - along), h)
        for h in (1e-3, 1e-4, 1e-5, 1e-6))[0] / max(abs(along), 1e-300)
    print(f"the gradient agrees with differences of F to {best:.1e}" if best < 1e-4 else
          f"WRONG: the gradient and differences of F differ by {best:.1e} of their size")
    print("This program answers optex: name = \"command\" and command = [\"python3\", \"FILE\"] in [problem].")
    if not best < 1e-4:
        sys.exit(3)
