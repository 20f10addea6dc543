"""What an objective answers: computed wherever the executor likes, checked where it is used."""

import pickle

import numpy as np

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
    if value is None:
        raise TypeError("fun returned None for F")
    number = np.asarray(value)
    if np.ma.is_masked(value):
        raise TypeError("fun returned a masked value for F")
    if number.size != 1:
        raise ValueError(f"F must be one number; fun returned {_words(value)}")
    if np.iscomplexobj(number):
        if number.imag.any():
            raise TypeError(f"fun returned a complex F, {number.reshape(-1)[0]}")
        number = number.real
    try:
        return float(number.reshape(-1)[0])
    except (TypeError, ValueError):
        raise TypeError(f"F must be a number; fun returned {_words(value)}") from None


def _gradient(gradient, dimension, shape):
    if gradient is None:
        raise TypeError("the gradient is None")
    if np.ma.isMaskedArray(gradient) and np.ma.getmaskarray(gradient).any():
        raise TypeError(f"the gradient is masked at {int(np.ma.getmaskarray(gradient).sum())} of {gradient.size} coordinates")
    numbers = np.asarray(gradient)
    if np.iscomplexobj(numbers):
        if numbers.imag.any():
            raise TypeError("the gradient is complex, its imaginary part is not 0")
        numbers = numbers.real
    if numbers.size != dimension or (numbers.shape != shape and numbers.squeeze().ndim > 1):
        raise ValueError(f"the gradient has shape {numbers.shape}, x has {shape}")
    try:
        return np.ascontiguousarray(numbers, dtype=np.float64).reshape(-1)
    except (TypeError, ValueError):
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
