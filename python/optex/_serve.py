"""The child's side of problem.name = "command": reads requests, answers with values and gradients.

The messages are described in docs/objectives.md. Both ends run on one machine, so numbers travel in its byte order.
"""

import collections.abc
import inspect
import multiprocessing
import os
import sys
import time
import traceback

import numpy as np

from ._answers import real_numbers, real_value
from ._connection import (ALL_SHOWN, ASSESS, ASSESSED, EVALUATED, EXHIBIT, FAILED, HELLO, INFEASIBLE, SHOWN, Connection,
                          SampleKey)
from ._field import Field
from ._options import told
from ._together import Alone, Together


class Infeasible(Exception):
    """Raise it where F has no value: the point is dropped, and nothing is wrong with the program."""


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
    ranks = Alone() if comm is None else Together(comm)
    if ranks.share(path is None):
        if told() is None:
            _check_by_hand(ranks, evaluate, np.zeros(dimension) if start is None else start, shards)
        return
    if ranks.first:
        _answer_all(Connection(path), ranks, evaluate, dimension, start, shards, noisy, assess, exhibits)
    else:
        _assist(ranks, evaluate, dimension, assess, exhibits)


def _answer_all(connection, ranks, evaluate, dimension, start, shards, noisy, assess, exhibits):
    flags = (1 if noisy else 0) | (2 if assess is not None else 0) | (4 if exhibits is not None else 0)
    connection.answer_numbers(HELLO, np.empty(0) if start is None else start, flags=flags, dimension=dimension, shards=shards)
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
        if kind == EVALUATED:
            kind, found = _as_numbers(found, dimension, connection.type)
        if kind == EVALUATED:
            connection.answer_numbers(kind, found[1], value=found[0])
        elif kind == SHOWN:
            for text, values in found:
                connection.show(text, values)
            connection.answer(ALL_SHOWN, b"", 1)
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
        if request.kind == ASSESS:
            return ASSESSED, "".join(f"{name} {number!r}\n" for name, number in _measures(assess(point)))
        if request.kind == EXHIBIT:
            return SHOWN, [entry for name, found in exhibits(point).items() for entry in Field.of(found).entries(str(name))]
        return EVALUATED, evaluate(point, request.key, request.shard)
    except Infeasible as reason:
        return INFEASIBLE, str(reason)
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
        return EVALUATED, (real_value(value), real_numbers(gradient, dimension, dtype))
    except Exception as error:  # pylint: disable=broad-except
        return _failed(error)


def _failed(error):
    text = traceback.format_exc().encode("utf-8", "backslashreplace").decode()
    print(text, file=sys.stderr, end="", flush=True)
    return FAILED, f"{type(error).__name__}: {error}"


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
