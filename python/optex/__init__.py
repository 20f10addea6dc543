"""OptEx in Python: minimise a function, serve one to the program `optex`, read what runs have left.

    import optex

    result = optex.minimize(value_and_gradient, x0, points=8, executor=concurrent.futures.ProcessPoolExecutor(8))
    result.x, result.fun

minimises in this process; scipy.optimize.minimize(..., method=optex.scipy_method) does the same. For MPI:

    def value_and_gradient(theta):
        return (theta - 1) @ (theta - 1), 2 * (theta - 1)

    optex.serve(value_and_gradient, dimension=1000)

and in the configuration

    [problem]
    name = "command"
    command = ["python3", "mine.py"]

AskTell is for programs that compute the gradients by themselves, in whatever way takes as long as it takes.
load("runs/NAME") reads a run's folder: metrics, solution, status, configuration.
"""

from ._connection import SampleKey
from ._field import Field
from ._options import options, seed
from ._serve import Infeasible, serve

# Read when they are asked for first: programs that serve start once a rank, and SciPy alone takes longer than the rest.
_LATER = {"AskTell": "_ask", "Point": "_ask", "Run": "_load", "load": "_load", "minimize": "_minimize", "Result": "_result",
          "scipy_method": "_scipy"}


def __getattr__(name):
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    found = getattr(importlib.import_module(f".{_LATER[name]}", __name__), name)
    globals()[name] = found
    return found


def __dir__():
    return sorted({*globals(), *_LATER})


__all__ = ["AskTell", "Field", "Infeasible", "Point", "Result", "Run", "SampleKey", "load", "minimize", "options", "scipy_method",
           "seed", "serve"]
