"""What the caller of optex.minimize knows of the Hessian, as the core wants it."""

import numpy as np

from ._serve import Infeasible


class KnownHessian:
    """Called by the core, in a thread of its own. What the function raises is kept for the caller."""

    def __init__(self, function, shape):
        if not callable(function):
            raise TypeError(f"known_hessian must be callable, found {type(function).__name__}")
        self.function, self.shape = function, shape
        self.error = None

    def __call__(self, x):
        """Rows, columns and values of the lower triangle; None where the function raises Infeasible."""
        try:
            return lower_triangle(self.function(x.reshape(self.shape)), x.size, self.shape)
        except Infeasible:
            return None
        except BaseException as error:
            self.error = error
            raise


def lower_triangle(matrix, dimension, shape):
    """Of a sparse matrix of SciPy, an array of two dimensions, a diagonal (flat, or of this shape), or None."""
    if matrix is None:
        rows, columns, values = [], [], []
    elif hasattr(matrix, "tocoo"):
        _check_shape(matrix.shape, dimension)
        entries = matrix.tocoo()
        lower = entries.row >= entries.col
        rows, columns, values = entries.row[lower], entries.col[lower], entries.data[lower]
    else:
        if np.ma.is_masked(matrix):
            raise TypeError("known_hessian returned a masked array with masked entries")
        array = np.asarray(matrix)
        if array.shape == (dimension,) or (array.shape == shape and array.shape != (dimension, dimension)):
            rows, columns, values = np.arange(dimension), np.arange(dimension), array.reshape(-1)
        else:
            _check_shape(array.shape, dimension)
            rows, columns = np.nonzero(np.tril(array))
            values = array[rows, columns]
    if len(values) > 0 and np.asarray(values).dtype.kind not in "fiub":
        raise TypeError(f"known_hessian returned numbers of type {np.asarray(values).dtype}; expected real ones")
    return np.asarray(rows, dtype=np.int64), np.asarray(columns, dtype=np.int64), np.asarray(values, dtype=np.float64)


def _check_shape(shape, dimension):
    if tuple(shape) != (dimension, dimension):
        raise ValueError(f"known_hessian returned the shape {tuple(shape)}; expected ({dimension}, {dimension}), sparse or not, "
                         f"or a diagonal of {dimension}")
