"""OptEx as a method of scipy.optimize.minimize."""

import inspect

from ._minimize import minimize


def scipy_method(fun, x0, args=(), jac=None, hess=None, hessp=None, bounds=None, constraints=(), callback=None, tol=None,
                 **options):
    """scipy.optimize.minimize(fun, x0, jac=True, method=optex.scipy_method, bounds=bounds, options={"points": 8})

    `options` are the keyword arguments of optex.minimize; `tol` is its gtol.
    """
    del hess, hessp  # SciPy hands them to every method
    if constraints:
        raise ValueError("optex.scipy_method knows bounds, but no other constraints")
    if jac is None:
        raise ValueError("optex.scipy_method needs gradients: jac=True (fun returns F and its gradient), or jac=a function")
    memo = getattr(jac, "__self__", None)
    if memo is not None and memo is fun and hasattr(fun, "fun"):  # jac=True: SciPy has taken the function apart
        fun, jac = fun.fun, True
    options.setdefault("gtol", tol)
    if callback is not None:
        callback = _as_scipy_calls(callback)
    disp = options.pop("disp", None)
    if disp is not None:
        options.setdefault("progress", bool(disp))
    return minimize(fun, x0, args=args, jac=jac, bounds=bounds, callback=callback, **options)


def _as_scipy_calls(callback):
    """callback(intermediate_result) by that name, else callback(x). Newer versions of SciPy have seen to it already."""
    if hasattr(callback, "stop_iteration"):
        return callback
    try:
        names = list(inspect.signature(callback).parameters)
    except (TypeError, ValueError):
        names = []
    if names == ["intermediate_result"]:
        return callback
    return lambda intermediate_result: callback(intermediate_result.x)
