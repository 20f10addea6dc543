"""What the tests of optex.minimize minimise, and functions that fail."""

import os

import numpy as np


def rosenbrock(x):
    a, b = x[1:] - x[:-1] ** 2, 1 - x[:-1]
    gradient = np.zeros_like(x)
    gradient[:-1] = -400 * x[:-1] * a - 2 * b
    gradient[1:] += 200 * a
    return float(np.sum(100 * a * a + b * b)), gradient


def quadratic(x, scale=1.0, centre=3.0):
    return float(np.sum(scale * (x - centre) ** 2)), 2 * scale * (x - centre)


def dies(x):
    os._exit(9)


def divides(x):
    return 1 / 0


class Odd(Exception):
    """Can be sent, but not received."""

    def __init__(self, first, second):
        super().__init__(f"{first} and {second}")


def raises_odd(x):
    raise Odd(1, 2)


def run(**extra):
    settings = {"maxiter": 200, "gtol": 1e-6, "options": {"method.name": "lbfgs"}}
    settings.update(extra)
    return settings
