"""What the caller of optex.minimize knows of the Hessian, as the core wants it."""

import numpy as np


class KnownHessian:
    """Called by the core, in a thread of its own. What the function raises is kept for the caller."""

    def __init__(self, function, shape):
        if not callable(function):
            raise TypeError(f"known_hessian must be callable, found {type(function).__name__}")
        self.function, self.shape = function, shape
        self.error = None

    def __call__(self, x):
        """Rows, columns and values of the lower triangle."""
        try:
            return lower_triangle(self.function(x.reshape(self.shape)), x.size)
        except BaseException as error:
            self.error = error
            raise


def lower_triangle(matrix, dimension):
    """Of a sparse matrix of SciPy, an array of two dimensions, a diagonal, or None."""
    if matrix is None:
        rows, columns, values = [], [], []
    elif hasattr(matrix, "tocoo"):
        _check_shape(matrix.shape, dimension)
        entries = matrix.tocoo()
        lower = entries.row >= entries.col
        rows, columns, values = entries.row[lower], entries.col[lower], entries.data[lower]
    else:
        array = np.asarray(matrix)
        if array.shape == (dimension,):
            rows, columns, values = np.arange(dimension), np.arange(dimension), array
        else:
            _check_shape(array.shape, dimension)
            rows, columns = np.nonzero(np.tril(array))
            values = array[rows, columns]
    if np.iscomplexobj(values):
        raise TypeError("known_hessian returned complex numbers")
    return np.asarray(rows, dtype=np.int64), np.asarray(columns, dtype=np.int64), np.asarray(values, dtype=np.float64)


def _check_shape(shape, dimension):
    if tuple(shape) != (dimension, dimension):
        raise ValueError(f"known_hessian returned the shape {tuple(shape)}; expected ({dimension}, {dimension}), sparse or not, "
                         f"or a diagonal of {dimension}")
