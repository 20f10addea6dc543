"""What a minimisation is told: checked, and put into the words of the configuration."""

import importlib.machinery
import importlib.util
import json
import math
import os
import pathlib
import re
import sys

import numpy as np


def begin(x0, bounds, points, maxiter, noisy, seed, on_error, options, folder, known=None):
    """The core's run, the start as an array of float64, and the bounds as two vectors or None."""
    start = _start(x0)
    lower, upper = _bounds(bounds, start.size)
    text = keys(points, maxiter, noisy, seed, on_error, options)
    if folder is not None:
        folder = os.fspath(folder)
        if not folder:
            raise ValueError("folder is empty; it is a path, or None")
    try:
        return core().Run(text, start.reshape(-1), lower, upper, folder, known), start, (lower, upper)
    except ValueError as error:  # its lines and columns are those of a text that nobody has seen
        raise ValueError(re.sub(r"^options:\d+:\d+: ", "", str(error), flags=re.MULTILINE)) from None


def core():
    """The compiled half of this module."""
    try:
        from . import _core
    except ImportError as missing:
        installed, found = _of_installation()
        if installed is not None:
            return installed
        way = ("the one that is installed beside it is of another Python: " + ", ".join(map(str, found)) if found else
               "build with pybind11 (Debian: pybind11-dev python3-dev) or `pip install` the folder python/")
        raise ImportError(f"optex.minimize needs the compiled part of the module, which is not here: {way} ({missing})") from missing
    return _core


def _of_installation():
    """The compiled half where this is PREFIX/share/optex/python/optex of an installation: it stands where Python looks for
    modules under that prefix. None, and what there is of it, where it is of another Python."""
    here = pathlib.Path(__file__).resolve()
    if here.parts[-5:-1] != ("share", "optex", "python", "optex"):
        return None, []
    found = [file for folder in ("site-packages", "dist-packages") for file in here.parents[4].glob(f"lib/python3*/{folder}/optex/_core*")]
    for file in found:
        if not file.name.endswith(tuple(importlib.machinery.EXTENSION_SUFFIXES)):
            continue
        spec = importlib.util.spec_from_file_location(f"{__package__}._core", file)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules[spec.name] = module
        return module, found
    return None, found


def _start(x0):
    if x0 is None:
        raise TypeError("x0 is None")
    if np.ma.is_masked(x0):
        raise TypeError("x0 is a masked array with masked entries")
    try:
        start = np.asarray(x0)
        if np.iscomplexobj(start):
            raise TypeError("it is complex; OptEx minimises over real numbers")
        start = np.array(start, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(f"x0 must be an array of real numbers: {error}") from None
    if start.size == 0:
        raise ValueError("x0 is empty")
    if not np.isfinite(start).all():
        raise ValueError("x0 holds a number that is not finite")
    return start


def _bounds(bounds, dimension):
    """Two vectors of length d, or None for a side without limits."""
    if bounds is None:
        return None, None
    if hasattr(bounds, "lb") and hasattr(bounds, "ub"):
        sides = [bounds.lb, bounds.ub]
    elif isinstance(bounds, tuple) and len(bounds) == 2 and (dimension != 2 or any(np.ndim(side) != 1 for side in bounds)
                                                             or all(isinstance(side, np.ndarray) for side in bounds)):
        sides = list(bounds)
    else:
        if not hasattr(bounds, "__iter__"):
            raise TypeError(f"bounds must be {dimension} pairs, one for each coordinate, or (lower, upper); found a {type(bounds).__name__}")
        pairs = list(bounds)
        if len(pairs) != dimension or any(np.shape(pair) != (2,) for pair in pairs):
            raise ValueError(f"bounds must be {dimension} pairs, one for each coordinate, or (lower, upper); found {len(pairs)}")
        sides = [[pair[side] for pair in pairs] for side in (0, 1)]
    vectors = []
    for side, name, none in zip(sides, ("lower", "upper"), (-math.inf, math.inf)):
        side = none if side is None else side
        if np.ma.is_masked(side) or any(np.ma.is_masked(entry) for entry in np.ravel(np.asarray(side, dtype=object))):
            raise TypeError(f"{name} bounds are masked; say None or infinity where there is no limit")
        flat = [none if entry is None else entry for entry in np.ravel(np.asarray(side, dtype=object))]
        try:
            vector = np.array(flat, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise TypeError(f"{name} bounds must be real numbers: {error}") from None
        if vector.size == 1:
            vector = np.full(dimension, vector[0])
        if vector.size != dimension:
            raise ValueError(f"{name} bounds: {vector.size} numbers for {dimension} coordinates")
        if np.isnan(vector).any():
            raise ValueError(f"{name} bounds hold a NaN at coordinate {int(np.argmax(np.isnan(vector)))}")
        vectors.append(vector)
    crossed = (vectors[0] > vectors[1]) | (vectors[0] == math.inf) | (vectors[1] == -math.inf)
    if crossed.any():
        i = int(np.argmax(crossed))
        raise ValueError(f"bounds are crossed at coordinate {i}: {vectors[0][i]} > {vectors[1][i]}")
    return tuple(None if np.isinf(vector).all() else vector for vector in vectors)


def keys(points, maxiter, noisy, seed, on_error, options):
    """The configuration as TOML."""
    settings = {"run.seed": seed}
    if points is not None:
        settings["method.parallelism"] = points
    if noisy:
        settings["problem.noisy"] = True
    if maxiter is not None:
        settings["stop.iterations"] = maxiter
    if on_error == "drop":
        settings["failure.evaluation"] = "drop"
    if options is not None and not isinstance(options, dict):
        raise TypeError(f"options must be a dictionary of keys of the configuration, found a {type(options).__name__}")
    options = dict(options or {})
    for name in options:
        if not isinstance(name, str) or not re.fullmatch(r"\w+(\.\w+)+", name):
            raise ValueError(f"options: {name!r} is no key; keys are written section.name, such as 'stop.seconds'")
        if name == "problem.scale":
            raise ValueError("options: problem.scale is of the program; here, minimise over x / scale instead")
        if name.startswith("problem.") or name in ("run.name", "run.output"):
            raise ValueError(f"options: {name} is what fun, x0, bounds, noisy= and folder= say")
    # The rule that needs no learning rate, unless somebody has chosen.
    if not noisy and not any(name.startswith(("method.", "optimizer.", "estimator.")) for name in options):
        settings["method.update"] = "surrogate"
    for name, value in options.items():
        settings[name] = value
    return "".join(f"{name} = {_toml(name, value)}\n" for name, value in settings.items())


def _toml(name, value):
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (int, np.integer)):
        if not -(2**63) <= value < 2**63:
            raise ValueError(f"{name} must be a number of 64 bits, found {value}")
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        return repr(float(value))
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(name, entry) for entry in value) + "]"
    raise TypeError(f"options: {name} cannot be a {type(value).__name__}")
