"""What a minimisation answers."""

try:
    from scipy.optimize import OptimizeResult as Result
except ImportError:

    class Result(dict):
        """Fields by name, as scipy.optimize.OptimizeResult."""

        __getattr__ = dict.__getitem__
        __setattr__ = dict.__setitem__

        def __dir__(self):
            return list(self)
