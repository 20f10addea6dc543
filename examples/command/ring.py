"""A chain of springs on a ring, each a little stiffer than the last: numpy alone."""

import numpy as np
import optex

size = optex.options().get("size", 400)
stiffness = 1 + np.arange(size) / size


def value_and_gradient(theta):
    stretch = np.roll(theta, -1) - theta
    pull = stiffness * stretch + stretch**3
    value = np.mean(stiffness * stretch**2 / 2 + stretch**4 / 4 + (theta - 1) ** 2 / 2)
    gradient = (np.roll(pull, 1) - pull + theta - 1) / size
    return value, gradient


optex.serve(value_and_gradient, size, initial_point=np.cos(np.arange(size)))
