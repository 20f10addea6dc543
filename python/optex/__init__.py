"""Objectives in Python for OptEx.

    import optex

    def value_and_gradient(theta):
        return theta @ theta, 2 * theta

    optex.serve(value_and_gradient, dimension=1000)

and in the configuration

    [problem]
    name = "command"
    command = ["python3", "mine.py"]
"""

from ._serve import Infeasible, SampleKey, options, seed, serve

__all__ = ["Infeasible", "SampleKey", "options", "seed", "serve"]
