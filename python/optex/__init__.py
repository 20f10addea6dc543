"""OptEx in Python: objectives of one's own, and what runs have left.

    import optex

    def value_and_gradient(theta):
        return theta @ theta, 2 * theta

    optex.serve(value_and_gradient, dimension=1000)

and in the configuration

    [problem]
    name = "command"
    command = ["python3", "mine.py"]

AskTell is for programs that compute the gradients by themselves, in whatever way takes as long as it takes.
load("runs/NAME") reads a run's folder: metrics, solution, status, configuration.
"""

from ._ask import AskTell, Point
from ._load import Run, load
from ._serve import Infeasible, SampleKey, options, seed, serve

__all__ = ["AskTell", "Infeasible", "Point", "Run", "SampleKey", "load", "options", "seed", "serve"]
