"""optex.minimize: a minimisation in this process, the gradients of a round side by side on an executor."""

import contextlib
import math
import numbers
import time

import numpy as np

from ._arguments import begin
from ._evaluate import Failure, answer_of
from ._executor import Objective
from ._known import KnownHessian
from ._progress import Progress
from ._result import Result

_BUDGETS = ("iterations", "evaluations", "seconds")  # rules that end a run, but say nothing of convergence


def minimize(fun, x0, args=(), jac=True, bounds=None, *, points=None, executor=None, callback=None, gtol=None, maxiter=None,
             folder=None, on_error="raise", noisy=False, seed=0, options=None, progress=None, known_hessian=None):
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
    known_hessian   known_hessian(x) returns the part of the Hessian of F that costs nothing, such as that of a regularisation:
                    d x d, sparse (scipy.sparse) or not, of which the lower triangle is read, or a diagonal; only the rest is
                    learnt. It may be a guess. Called in this process, in another thread, also between points; raise
                    optex.Infeasible where it has no value.
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
    known = None if known_hessian is None else KnownHessian(known_hessian, np.shape(x0))
    run, start, (lower, upper) = begin(x0, bounds, points, maxiter, noisy, seed, on_error, options, folder, known)
    objective = Objective(fun, jac, args, start.shape, executor)
    with Progress(progress, maxiter) as shown:
        return _Minimisation(run, objective, on_error, callback, gtol, lower, upper, noisy, shown, known).go()


class _Minimisation:
    """One call of minimize()."""

    def __init__(self, run, objective, on_error, callback, gtol, lower, upper, noisy, progress, known):
        self.run, self.objective = run, objective
        self.on_error, self.callback, self.gtol = on_error, callback, gtol
        self.lower, self.upper, self.noisy, self.progress = lower, upper, noisy, progress
        self.known = known
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
                asked = self._ask()
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

    def _ask(self):
        try:
            return self.run.ask()
        finally:
            if self.known is not None and self.known.error is not None:
                raise self.known.error  # what the core made of it says less

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
        if value < self.best[0] and math.isfinite(value) and np.isfinite(gradient).all():
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
        known = self.run.gradient_at_best  # from before this call, in a folder
        return None if known is None or x is None or not np.array_equal(known[0], x.reshape(-1)) else known[1].reshape(self.objective.shape)


def _columns(rounds):
    """One array a column."""
    return {name: np.array([round_[name] for round_ in rounds]) for name in (rounds[0] if rounds else ())}
