"""Who computes the gradients of a round: this thread, or an executor of whatever kind."""

import contextlib
import functools
import sys

from ._evaluate import evaluate, pickling_trouble


class Objective:
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
