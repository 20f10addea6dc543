"""What an objective answers: computed wherever the executor likes, checked where it is used."""

import pickle
import traceback

import numpy as np

from ._answers import real_numbers, real_value
from ._serve import Infeasible


class Failure:
    """An exception on its way home, perhaps from another process: as itself where it can be sent, with its traceback."""

    def __init__(self, error):
        self.error = error
        self.infeasible = isinstance(error, Infeasible)
        self.text = f"{type(error).__name__}: {error}"

    def __getstate__(self):
        told = "".join(traceback.format_exception(type(self.error), self.error, self.error.__traceback__))
        try:
            sent = pickle.dumps(self.error)
            pickle.loads(sent)  # some can be written, but not read
        except Exception:  # pylint: disable=broad-except
            sent = pickle.dumps(RuntimeError(self.text))
        return {"sent": sent, "infeasible": self.infeasible, "text": self.text, "told": told}

    def __setstate__(self, state):
        self.error = pickle.loads(state["sent"])
        self.error.__cause__ = _There(state["told"])
        self.infeasible, self.text = state["infeasible"], state["text"]


class _There(Exception):
    """What happened in the process that computed it, as text."""

    def __str__(self):
        return f"\n\n{self.args[0]}"


def evaluate(fun, jac, args, shape, theta):
    """fun at theta (flat, d), whatever it answers; a Failure when it raises."""
    x = np.array(theta).reshape(shape)  # its own: it may do with it what it likes
    try:
        if jac is None:
            return _own(fun(x, *args))
        value = fun(x, *args)
        return _own((value, jac(np.array(theta).reshape(shape), *args)))
    except Exception as error:  # pylint: disable=broad-except
        return Failure(error)


def _own(answer):
    """The answer with a gradient of its own: some functions give the same array each time, and write into it."""
    if isinstance(answer, (tuple, list)) and len(answer) == 2 and isinstance(answer[1], np.ndarray):
        return answer[0], answer[1].copy()
    return answer


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
    except TypeError as error:
        if str(error).startswith("the value of F"):
            raise
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
