"""What an objective answers: computed wherever the executor likes, checked where it is used."""

import pickle

import numpy as np

from ._answers import real_numbers, real_value
from ._serve import Infeasible


class Failure:
    """An exception on its way home from another process, with its traceback as text."""

    def __init__(self, error):
        self.error = error
        self.infeasible = isinstance(error, Infeasible)
        self.text = f"{type(error).__name__}: {error}"


def evaluate(fun, jac, args, shape, theta):
    """fun at theta (flat, d), whatever it answers; a Failure when it raises."""
    x = np.array(theta).reshape(shape)  # its own: it may do with it what it likes
    try:
        if jac is None:
            return fun(x, *args)
        value = fun(x, *args)
        return value, jac(np.array(theta).reshape(shape), *args)
    except Exception as error:  # pylint: disable=broad-except
        return Failure(error)


def answer_of(answer, dimension, shape):
    """(F, gradient of length d) as floats, or an error that says what is wrong with them."""
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        raise TypeError(f"fun must return two things, F and its gradient; it returned {_words(answer)}. "
                        "When it returns F alone, give jac=, a function that returns the gradient")
    value, gradient = answer
    return _value(value), _gradient(gradient, dimension, shape)


def _value(value):
    if np.size(value) != 1:
        raise ValueError(f"F must be one number; fun returned {_words(value)}")
    try:
        return real_value(np.reshape(value, ())[()] if isinstance(value, np.ndarray) else value, "value of F")
    except ValueError:
        raise TypeError(f"F must be a number; fun returned {_words(value)}") from None


def _gradient(gradient, dimension, shape):
    found = np.shape(gradient) if gradient is not None else ()
    if gradient is not None and (np.size(gradient) != dimension or (found != shape and len([n for n in found if n != 1]) > 1)):
        raise ValueError(f"the gradient has shape {found}, x has {shape}")
    try:
        return real_numbers(gradient, dimension)
    except ValueError:
        raise TypeError(f"the gradient must hold numbers; it is {_words(gradient)}") from None


def _words(thing):
    if isinstance(thing, np.ndarray):
        return f"an array of shape {thing.shape} and type {thing.dtype}"
    if isinstance(thing, (tuple, list)):
        return f"a {type(thing).__name__} of {len(thing)}"
    return "None" if thing is None else f"{type(thing).__name__} {str(thing)[:60]}"


def pickling_trouble(error):
    """A line with the remedy when an executor could not send something to another process; else None."""
    text = str(error)
    if isinstance(error, pickle.PicklingError) or "pickle" in text.lower():
        return (f"the executor cannot send fun, jac, args or an answer to another process ({text}). Define the function at "
                "the top level of a module, or use a ThreadPoolExecutor")
    return None
