"""A program that serves: one process, or the ranks of an MPI program of its own."""

import time

from ._connection import EVALUATED, SHOWN


class Alone:
    """A program of one process."""

    first = True

    def share(self, thing):
        return thing

    def share_numbers(self, numbers):
        pass

    def worst(self, outcome):
        return outcome


class Together:
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
        told = self._comm.gather((kind, None if kind in (EVALUATED, SHOWN) else found))
        if not self.first or kind not in (EVALUATED, SHOWN):
            return outcome
        return next((other for other in told if other[0] != kind), outcome)

    def _wait_together(self):
        """Between two requests, while optex computes, nobody is to keep a core busy."""
        request, nap = self._comm.Ibarrier(), 1e-6
        while not request.Test():
            time.sleep(nap)
            nap = min(2 * nap, 1e-3)
