"""optex.minimize: a minimisation in this process, the gradients of a round side by side on an executor."""

import contextlib
import functools
import json
import math
import numbers
import os
import re
import sys
import time

import numpy as np

from ._evaluate import Failure, answer_of, evaluate, pickling_trouble
from ._progress import Progress
from ._result import Result

_BUDGETS = ("iterations", "evaluations", "seconds")  # rules that end a run, but say nothing of convergence


def minimize(fun, x0, args=(), jac=True, bounds=None, *, points=None, executor=None, callback=None, gtol=None, maxiter=None,
             folder=None, on_error="raise", noisy=False, seed=0, options=None, progress=None):
    """Minimises F, several gradients at a time.

    fun(x, *args)   returns (F, gradient), or F alone when `jac` is a function that returns the gradient. x has the shape of
                    x0 and is the function's own copy; the gradient has that shape, too, or is flat. Return a NaN, or raise
                    optex.Infeasible, where F has no value.
    x0              where to start: an array of any shape, d numbers
    bounds          scipy.optimize.Bounds, a pair of arrays or numbers (lower, upper), or d pairs (None: no limit)
    points          gradients in a round; default 4
    executor        who computes the gradients of a round: None (this thread, one after the other), an Executor of
                    concurrent.futures or mpi4py.futures, or anything with submit(function, *args) whose answer has
                    result(), such as a Dask client, or with map(function, points), such as a multiprocessing.Pool
    callback        callback(intermediate_result) after every round: x, fun, nit, nfev, gradient_norm; raise StopIteration
                    to stop
    gtol            stop when the largest entry of the (projected) gradient at the best point is at most this
    maxiter         rounds
    folder          keep everything there, as `optex run` does, and go on from it when called again
    on_error        "raise": an exception of fun reaches you; "drop": its point is left out
    noisy           F is estimated with random numbers or mini-batches
    options         keys of the configuration, {"method.update": "replay", "stop.seconds": 3600}
    progress        a line on the terminal that is renewed; None: when stderr is a terminal

    Returns a Result: x (best point), fun, jac, nit (rounds), nfev (gradients), success, status, message, trace.
    Raises ValueError or TypeError for arguments, or answers of fun, that make no sense.
    """
    if on_error not in ("raise", "drop"):
        raise ValueError(f'on_error must be "raise" or "drop", found {on_error!r}')
    if not callable(fun):
        raise TypeError(f"fun must be callable, found {type(fun).__name__}")
    if jac is not True and not callable(jac):
        raise TypeError("jac must be True (fun returns F and its gradient) or a function that returns the gradient: "
                        "OptEx needs gradients")
    if callback is not None and not callable(callback):
        raise TypeError(f"callback must be callable, found {type(callback).__name__}")
    if gtol is not None and not (isinstance(gtol, numbers.Real) and gtol >= 0):
        raise ValueError(f"gtol must be a number of at least 0, found {gtol!r}")
    if not isinstance(args, tuple):
        args = (args,)
    run, start, (lower, upper) = begin(x0, bounds, points, maxiter, noisy, seed, on_error, options, folder)
    objective = _Objective(fun, jac, args, start.shape, executor)
    with Progress(progress, maxiter) as shown:
        return _Minimisation(run, objective, on_error, callback, gtol, lower, upper, noisy, shown).go()


def begin(x0, bounds, points, maxiter, noisy, seed, on_error, options, folder):
    """The core's run, the start as an array of float64, and the bounds as two vectors or None."""
    start = _start(x0)
    lower, upper = _bounds(bounds, start.size)
    keys = _keys(points, maxiter, noisy, seed, on_error, options)
    if folder is not None:
        folder = os.fspath(folder)
        if not folder:
            raise ValueError("folder is empty; it is a path, or None")
    try:
        return _core().Run(keys, start.reshape(-1), lower, upper, folder), start, (lower, upper)
    except ValueError as error:  # its lines and columns are those of a text that nobody has seen
        raise ValueError(re.sub(r"^options:\d+:\d+: ", "", str(error), flags=re.MULTILINE)) from None


def _core():
    try:
        from . import _core as core
    except ImportError as missing:
        raise ImportError("optex.minimize needs the compiled part of the module, which is not here: build with pybind11 "
                          f"(Debian: pybind11-dev python3-dev) or `pip install` the folder python/ ({missing})") from missing
    return core


def _start(x0):
    if x0 is None:
        raise TypeError("x0 is None")
    if np.ma.is_masked(x0):
        raise TypeError("x0 is a masked array with masked entries")
    try:
        start = np.asarray(x0)
        if np.iscomplexobj(start):
            raise TypeError("it is complex; OptEx minimises over real numbers")
        start = np.array(start, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(f"x0 must be an array of real numbers: {error}") from None
    if start.size == 0:
        raise ValueError("x0 is empty")
    if not np.isfinite(start).all():
        raise ValueError("x0 holds a number that is not finite")
    return start


def _bounds(bounds, dimension):
    """Two vectors of length d, or None for a side without limits."""
    if bounds is None:
        return None, None
    if hasattr(bounds, "lb") and hasattr(bounds, "ub"):
        sides = [bounds.lb, bounds.ub]
    elif isinstance(bounds, tuple) and len(bounds) == 2 and (dimension != 2 or any(np.ndim(side) != 1 for side in bounds)
                                                             or all(isinstance(side, np.ndarray) for side in bounds)):
        sides = list(bounds)
    else:
        if not hasattr(bounds, "__iter__"):
            raise TypeError(f"bounds must be {dimension} pairs, one for each coordinate, or (lower, upper); found a {type(bounds).__name__}")
        pairs = list(bounds)
        if len(pairs) != dimension or any(np.shape(pair) != (2,) for pair in pairs):
            raise ValueError(f"bounds must be {dimension} pairs, one for each coordinate, or (lower, upper); found {len(pairs)}")
        sides = [[pair[side] for pair in pairs] for side in (0, 1)]
    vectors = []
    for side, name, none in zip(sides, ("lower", "upper"), (-math.inf, math.inf)):
        side = none if side is None else side
        if np.ma.is_masked(side) or any(np.ma.is_masked(entry) for entry in np.ravel(np.asarray(side, dtype=object))):
            raise TypeError(f"{name} bounds are masked; say None or infinity where there is no limit")
        flat = [none if entry is None else entry for entry in np.ravel(np.asarray(side, dtype=object))]
        try:
            vector = np.array(flat, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise TypeError(f"{name} bounds must be real numbers: {error}") from None
        if vector.size == 1:
            vector = np.full(dimension, vector[0])
        if vector.size != dimension:
            raise ValueError(f"{name} bounds: {vector.size} numbers for {dimension} coordinates")
        if np.isnan(vector).any():
            raise ValueError(f"{name} bounds hold a NaN at coordinate {int(np.argmax(np.isnan(vector)))}")
        vectors.append(vector)
    crossed = (vectors[0] > vectors[1]) | (vectors[0] == math.inf) | (vectors[1] == -math.inf)
    if crossed.any():
        i = int(np.argmax(crossed))
        raise ValueError(f"bounds are crossed at coordinate {i}: {vectors[0][i]} > {vectors[1][i]}")
    return tuple(None if np.isinf(vector).all() else vector for vector in vectors)


def _keys(points, maxiter, noisy, seed, on_error, options):
    """The configuration as TOML."""
    settings = {"run.seed": seed}
    if points is not None:
        settings["method.parallelism"] = points
    if noisy:
        settings["problem.noisy"] = True
    if maxiter is not None:
        settings["stop.iterations"] = maxiter
    if on_error == "drop":
        settings["failure.evaluation"] = "drop"
    if options is not None and not isinstance(options, dict):
        raise TypeError(f"options must be a dictionary of keys of the configuration, found a {type(options).__name__}")
    options = dict(options or {})
    for name in options:
        if not isinstance(name, str) or not re.fullmatch(r"\w+(\.\w+)+", name):
            raise ValueError(f"options: {name!r} is no key; keys are written section.name, such as 'stop.seconds'")
        if name.startswith("problem.") or name in ("run.name", "run.output"):
            raise ValueError(f"options: {name} is what fun, x0, bounds, noisy= and folder= say")
    # The rule that needs no learning rate, unless somebody has chosen.
    if not noisy and not any(name.startswith(("method.", "optimizer.", "estimator.")) for name in options):
        settings["method.update"] = "surrogate"
    for name, value in options.items():
        settings[name] = value
    return "".join(f"{name} = {_toml(name, value)}\n" for name, value in settings.items())


def _toml(name, value):
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (int, np.integer)):
        if not -(2**63) <= value < 2**63:
            raise ValueError(f"{name} must be a number of 64 bits, found {value}")
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        return repr(float(value))
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(name, entry) for entry in value) + "]"
    raise TypeError(f"options: {name} cannot be a {type(value).__name__}")


class _Objective:
    """fun, jac and args, and who computes them."""

    def __init__(self, fun, jac, args, shape, executor):
        self.call = (fun, None if jac is True else jac, args, shape)
        self.executor = executor
        self.shape = shape
        if executor is not None and not hasattr(executor, "submit") and not hasattr(executor, "map"):
            raise TypeError(f"executor: a {type(executor).__name__} has neither submit() nor map(); an Executor of "
                            "concurrent.futures or mpi4py.futures, a Dask client, or a multiprocessing.Pool has")
        # Dask takes functions for pure, and would answer a second question from memory.
        self.submit_options = {"pure": False} if type(executor).__module__.startswith("distributed") else {}

    def answers(self, thetas):
        """Yields (place, answer or Failure) as they come."""
        if self.executor is None:
            for place, theta in enumerate(thetas):
                yield place, evaluate(*self.call, theta)
            return
        if not hasattr(self.executor, "submit"):
            yield from enumerate(_with_remedy(lambda: list(self.executor.map(functools.partial(evaluate, *self.call), thetas))))
            return
        futures = [self.executor.submit(evaluate, *self.call, theta, **self.submit_options) for theta in thetas]
        try:
            for place, future in _as_they_come(futures):
                yield place, _result_of(future)
        finally:
            if any([future.cancel() for future in futures]):
                self._flush()


    def _flush(self):
        """Python's pool of processes waits for ever at its end for tasks that were cancelled, unless one more follows them."""
        process = sys.modules.get("concurrent.futures.process")
        if process is not None and isinstance(self.executor, process.ProcessPoolExecutor):
            with contextlib.suppress(Exception):  # it is broken, or closed
                self.executor.submit(int)


def _as_they_come(futures):
    from concurrent.futures import Future, as_completed

    if all(isinstance(future, Future) for future in futures):
        places = {future: place for place, future in enumerate(futures)}
        for future in as_completed(futures):
            yield places[future], future
    else:  # Dask's and the like
        yield from enumerate(futures)


def _result_of(future):
    return _with_remedy(future.result)


def _with_remedy(answer):
    """answer(), or an error that says what is wrong with the executor."""
    from concurrent.futures import BrokenExecutor

    try:
        return answer()
    except BrokenExecutor as broken:
        raise RuntimeError(f"a worker process of the executor died: {broken}") from broken
    except Exception as error:
        trouble = pickling_trouble(error)
        if trouble:
            raise TypeError(trouble) from error
        raise


class _Minimisation:
    """One call of minimize()."""

    def __init__(self, run, objective, on_error, callback, gtol, lower, upper, noisy, progress):
        self.run, self.objective = run, objective
        self.on_error, self.callback, self.gtol = on_error, callback, gtol
        self.lower, self.upper, self.noisy, self.progress = lower, upper, noisy, progress
        self.best = (math.inf, None, None)  # F, x, gradient
        self.at_answer = None
        self.gradients = 0
        self.trace = []
        self.begin = time.perf_counter()

    def go(self):
        for note in self.run.notes:
            self.progress.note(note)
        stopped = None
        try:
            while not self.run.finished:
                asked = self.run.ask()
                if self._heed_rounds():
                    stopped = "callback"
                elif self._gradient_is_small():
                    stopped = "gtol"
                if stopped:
                    self.run.stop(stopped, self._stop_message(stopped))
                elif asked:
                    self._answer(asked)
            return self._result(stopped)
        except BaseException as error:
            if not self.run.finished:
                word = "interrupted" if isinstance(error, KeyboardInterrupt) else f"{type(error).__name__}: {error}"
                self.run.stop("signal" if isinstance(error, KeyboardInterrupt) else "error", word)
            raise

    def _answer(self, asked):
        thetas = []
        numbers = []
        for number, theta, whole in asked:
            known = self._known(theta) if whole else None
            if known is not None:
                self._tell(number, theta, known, whole)
            else:
                numbers.append((number, theta, whole))
                thetas.append(theta)
        with contextlib.closing(self.objective.answers(thetas)) as answers:
            for place, answer in answers:
                self.gradients += 1
                number, theta, whole = numbers[place]
                if isinstance(answer, Failure):
                    if self.on_error == "raise" and not answer.infeasible:
                        raise answer.error
                    self.run.tell_failed(number, answer.text)
                else:
                    self._tell(number, theta, answer_of(answer, theta.size, self.objective.shape), whole)

    def _known(self, theta):
        """F and gradient where they have been computed already."""
        value, x, gradient = self.best
        return (value, gradient) if not self.noisy and x is not None and np.array_equal(x, theta) else None

    def _tell(self, number, theta, answer, whole):
        value, gradient = answer
        self.run.tell(number, value, gradient)
        if value < self.best[0] and np.isfinite(gradient).all():
            self.best = (value, theta, gradient.copy())  # it may be a buffer that fun fills again
        if whole:
            self.at_answer = (theta, gradient.copy())

    def _heed_rounds(self):
        """True when the callback asks to stop."""
        for round_ in self.run.take_rounds():
            round_["seconds"] = time.perf_counter() - self.begin
            self.trace.append(round_)
            self.progress.show(round_)
            if self.callback is not None and self._callback_stops(round_):
                return True
        return False

    def _callback_stops(self, round_):
        value, x, gradient = self.best
        shown = Result(x=None if x is None else x.reshape(self.objective.shape).copy(), fun=value, nit=round_["iteration"],
                       nfev=round_["evaluations"], gradient_norm=round_["gradient_norm"])
        if gradient is not None:
            shown["jac"] = gradient.reshape(self.objective.shape).copy()
        try:
            self.callback(shown)
        except StopIteration:
            return True
        return False

    def _gradient_is_small(self):
        value, x, gradient = self.best
        if self.gtol is None or gradient is None or self.noisy:
            return False
        step = x - gradient
        if self.lower is not None:
            step = np.maximum(step, self.lower)
        if self.upper is not None:
            step = np.minimum(step, self.upper)
        return float(np.max(np.abs(step - x))) <= self.gtol

    def _stop_message(self, word):
        return "a callback asked to stop" if word == "callback" else f"the largest entry of the gradient is at most {self.gtol:g}"

    def _result(self, stopped):
        ended = self.run.outcome
        x = np.array(ended["solution"]).reshape(self.objective.shape) if ended["solution"].size else None
        value = float(ended["value"])
        reason = stopped or ended["reason"]
        failed = ended["code"] not in (0, 75)
        budget = reason in _BUDGETS or reason == "callback"
        message = "; ".join([ended["message"] or reason, *ended.get("warnings", ())])
        status = ended["code"] if failed else 99 if reason == "callback" else 1 if reason in _BUDGETS else 0
        return Result(x=x, fun=value, jac=self._gradient_at(x), nit=int(self.run.rounds), nfev=self.gradients,
                      njev=self.gradients, success=not failed and not budget, status=status, reason=reason, message=message,
                      trace=_columns(self.trace))

    def _gradient_at(self, x):
        for known, gradient in ((self.best[1], self.best[2]), self.at_answer or (None, None)):
            if known is not None and x is not None and np.array_equal(known, x.reshape(-1)):
                return gradient.reshape(self.objective.shape)
        return None


def _columns(rounds):
    """One array a column."""
    return {name: np.array([round_[name] for round_ in rounds]) for name in (rounds[0] if rounds else ())}
