"""The child's side of problem.name = "command": reads requests, answers with values and gradients.

The messages are described in docs/objectives.md. Both ends run on one machine, so numbers travel in its byte order.
"""

import collections.abc
import dataclasses
import inspect
import json
import multiprocessing
import os
import socket
import struct
import sys
import time
import traceback

import numpy as np

from ._answers import real_numbers, real_value
from ._field import Field

_VERSION = 2
_REQUEST = struct.Struct("=IHHQIIQqiiqQ")
_ANSWER = struct.Struct("=IHHQIIdqqQq")
_REQUEST_MAGIC = 0x5158504F
_ANSWER_MAGIC = 0x4158504F
_HELLO, _EVALUATE, _ASSESS, _EXHIBIT = 1, 2, 3, 4
_EVALUATED, _FAILED, _INFEASIBLE, _ASSESSED, _SHOWN, _ALL_SHOWN = 2, 3, 4, 5, 6, 7
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


class _Connection:
    """To the optex that has started this program, or the mpirun or shell around it."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(path)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
        self._answering = 0
        request = self.next_request()
        if request is None or request.kind != _HELLO:
            raise SystemExit("optex: the program that started this one does not say hello")
        text = bytearray(request.count)
        self.read_into(text)
        self.type = np.dtype(np.float32 if _Told(text.decode()).precision == "f32" else np.float64)

    def read_into(self, buffer):
        """Fills the buffer; False when optex has closed its end."""
        view = memoryview(buffer).cast("B")
        while view:
            count = self._socket.recv_into(view)
            if count == 0:
                return False
            view = view[count:]
        return True

    def next_request(self):
        """None when there are no more."""
        header = bytearray(_REQUEST.size)
        if not self.read_into(header):
            return None
        magic, version, kind, count, _, whole, seed_, iteration, point, batch, shard, self._answering = _REQUEST.unpack(header)
        if magic != _REQUEST_MAGIC or version != _VERSION:
            raise SystemExit(f"optex: this module speaks version {_VERSION} of the protocol, the program version {version}; "
                             "both have to be of one installation (python3 -c 'import optex; print(optex.__file__)')")
        return _Request(kind, count, shard, SampleKey(seed_, iteration, point, batch, whole != 0))

    def answer(self, kind, items, item_bytes, *, flags=0, value=0.0, dimension=0, shards=0):
        self._socket.sendall(_ANSWER.pack(_ANSWER_MAGIC, _VERSION, kind, len(items), item_bytes, flags, value, dimension, shards,
                                          self._answering, 0))
        if len(items) > 0:
            self._socket.sendall(memoryview(items).cast("B"))

    def answer_numbers(self, kind, numbers, **more):
        self.answer(kind, np.ascontiguousarray(numbers, self.type), self.type.itemsize, **more)

    def show(self, text, values):
        """One exhibit: its words, then its numbers, rows x columns."""
        self.answer(_SHOWN, text.encode("utf-8", "backslashreplace"), 1, dimension=values.shape[0], shards=values.shape[1])
        self._socket.sendall(memoryview(values).cast("B"))

    def answer_text(self, kind, text):
        words = text.encode("utf-8", "backslashreplace")  # whatever is in it: file names may hold surrogates
        if len(words) > _LONGEST_TEXT:
            words = words[:_LONGEST_TEXT].decode("utf-8", "ignore").encode()  # not within a character
        self.answer(kind, words, 1)


@dataclasses.dataclass
class _Request:
    kind: int
    count: int
    shard: int
    key: SampleKey


class _Told:
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


def _told():
    text = os.environ.get("OPTEX_OPTIONS")
    return None if text is None else _Told(text)


def options():
    """[problem.options] as a dictionary; empty when the program was started by hand."""
    told = _told()
    return told.options if told else {}


def seed():
    """run.seed; 0 when the program was started by hand."""
    told = _told()
    return told.seed if told else 0


def serve(value_and_gradient, dimension, *, initial_point=None, shards=1, noisy=False, assess=None, exhibits=None, comm=None):
    """Answers optex until the run is over.

    value_and_gradient(theta) returns F(theta), a number, and its gradient, `dimension` numbers; theta is a numpy
    array that is overwritten later. If it has parameters called `shard` or `key` it is given them:
    F is the sum over shards 0 .. shards-1, and the SampleKey names the mini-batch when noisy=True (write
    problem.noisy = true then). Raise optex.Infeasible where F has no value; any other exception makes the
    evaluation fail and is shown on stderr.

    initial_point: where a run starts, else zeros. assess(theta) returns a dictionary of numbers that say
    how good a solution is. exhibits(theta) returns a dictionary of what there is to see of it: optex.Field, or
    arrays, which are taken for one; results.h5 keeps it and `optex report` draws it.

    comm: an mpi4py communicator, when the program is an MPI program of its own (command = ["mpirun", "-n", "8",
    "python3", "pde.py"]). All its ranks call serve; all are given the same calls at the same time, and what its rank 0
    returns is the answer.

    Started by hand, the program checks the gradient at the start instead. In processes that the program starts
    (multiprocessing imports its main module again) this function returns at once.
    """
    dimension = int(dimension)
    start = None
    if initial_point is not None:
        start = real_numbers(initial_point, dimension, of="initial_point").copy()
        if not np.all(np.isfinite(start)):
            raise ValueError(f"initial_point is not finite in {np.count_nonzero(~np.isfinite(start))} of {dimension} coordinates")
    if dimension < 1 or shards < 1:
        raise ValueError("dimension and shards must be at least 1")
    try:
        wanted = inspect.signature(value_and_gradient).parameters
    except (TypeError, ValueError):  # compiled functions may not tell
        wanted = {}

    def evaluate(theta, key, shard):
        extra = {name: given for name, given in (("key", key), ("shard", shard)) if name in wanted}
        return value_and_gradient(theta, **extra)

    path = os.environ.pop("OPTEX_SOCKET", None)  # not for the programs that the objective starts
    if multiprocessing.parent_process() is not None:
        return
    ranks = _Alone() if comm is None else _Together(comm)
    if ranks.share(path is None):
        if _told() is None:
            _check_by_hand(ranks, evaluate, np.zeros(dimension) if start is None else start, shards)
        return
    if ranks.first:
        _answer_all(_Connection(path), ranks, evaluate, dimension, start, shards, noisy, assess, exhibits)
    else:
        _assist(ranks, evaluate, dimension, assess, exhibits)


def _answer_all(connection, ranks, evaluate, dimension, start, shards, noisy, assess, exhibits):
    flags = (1 if noisy else 0) | (2 if assess is not None else 0) | (4 if exhibits is not None else 0)
    connection.answer_numbers(_HELLO, np.empty(0) if start is None else start, flags=flags, dimension=dimension, shards=shards)
    theta = np.empty(dimension, connection.type)
    while (request := connection.next_request()) is not None:
        if request.count != dimension:
            raise SystemExit(f"optex: asked about {request.count} numbers, dimension is {dimension}")
        if not connection.read_into(theta):
            break
        point = theta if theta.dtype == np.float64 else theta.astype(np.float64)
        ranks.share(request)
        ranks.share_numbers(point)
        kind, found = ranks.worst(_outcome(request, point, evaluate, assess, exhibits))
        if kind == _EVALUATED:
            kind, found = _as_numbers(found, dimension, connection.type)
        if kind == _EVALUATED:
            connection.answer_numbers(kind, found[1], value=found[0])
        elif kind == _SHOWN:
            for text, values in found:
                connection.show(text, values)
            connection.answer(_ALL_SHOWN, b"", 1)
        else:
            connection.answer_text(kind, found)
    ranks.share(None)


def _assist(ranks, evaluate, dimension, assess, exhibits):
    """All ranks of a program but the first."""
    point = np.empty(dimension)
    while (request := ranks.share(None)) is not None:
        ranks.share_numbers(point)
        ranks.worst(_outcome(request, point, evaluate, assess, exhibits))


def _outcome(request, point, evaluate, assess, exhibits):
    """(kind of the answer, what belongs into it)."""
    try:
        if request.kind == _ASSESS:
            return _ASSESSED, "".join(f"{name} {number!r}\n" for name, number in _measures(assess(point)))
        if request.kind == _EXHIBIT:
            return _SHOWN, [entry for name, found in exhibits(point).items() for entry in Field.of(found).entries(str(name))]
        return _EVALUATED, evaluate(point, request.key, request.shard)
    except Infeasible as reason:
        return _INFEASIBLE, str(reason)
    except Exception as error:  # pylint: disable=broad-except
        return _failed(error)


def _measures(found):
    if not isinstance(found, collections.abc.Mapping):
        raise TypeError(f"assess returns {type(found).__name__} instead of a dictionary of numbers")
    return [(name, float(number)) for name, number in found.items()]


def _as_numbers(found, dimension, dtype):
    try:
        try:
            value, gradient = found
        except (TypeError, ValueError):
            raise TypeError(f"the function returns {type(found).__name__} instead of a value and its gradient") from None
        return _EVALUATED, (real_value(value), real_numbers(gradient, dimension, dtype))
    except Exception as error:  # pylint: disable=broad-except
        return _failed(error)


def _failed(error):
    text = traceback.format_exc().encode("utf-8", "backslashreplace").decode()
    print(text, file=sys.stderr, end="", flush=True)
    return _FAILED, f"{type(error).__name__}: {error}"


class _Alone:
    """A program of one process."""

    first = True

    def share(self, thing):
        return thing

    def share_numbers(self, numbers):
        pass

    def worst(self, outcome):
        return outcome


class _Together:
    """The ranks of a program that is an MPI program of its own; every member is called by all of them."""

    def __init__(self, comm):
        self._comm = comm.Dup()  # what the objective sends is no business of ours, and the other way round
        self.first = self._comm.rank == 0

    def share(self, thing):
        """Rank 0's."""
        self._wait_together()
        return self._comm.bcast(thing)

    def share_numbers(self, numbers):
        self._comm.Bcast(numbers)

    def worst(self, outcome):
        """On rank 0: its own outcome, unless another rank has failed."""
        kind, found = outcome
        told = self._comm.gather((kind, None if kind in (_EVALUATED, _SHOWN) else found))
        if not self.first or kind not in (_EVALUATED, _SHOWN):
            return outcome
        return next((other for other in told if other[0] != kind), outcome)

    def _wait_together(self):
        """Between two requests, while optex computes, nobody is to keep a core busy."""
        request, nap = self._comm.Ibarrier(), 1e-6
        while not request.Test():
            time.sleep(nap)
            nap = min(2 * nap, 1e-3)


def _check_by_hand(ranks, evaluate, theta, shards):
    """What somebody who runs the program without optex wants to know."""
    exact = SampleKey(0, 0, 0, 0, True)

    def total(point):
        parts = [ranks.share(evaluate(point, exact, shard)) for shard in range(shards)]
        return sum(real_value(part[0]) for part in parts), sum(real_numbers(part[1], theta.size) for part in parts)

    if not ranks.first:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # pylint: disable=consider-using-with
    begin = time.perf_counter()
    value, gradient = total(theta)
    seconds = time.perf_counter() - begin
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
