"""OptEx as a solver of PETSc's TAO: -tao_type python -tao_python_type optex.petsc.TAO -tao_optex_points 4

Bounds, tolerances, monitors and the user's functions are TAO's own. Options, after the prefix of the TAO:

    -tao_optex_points N            gradients in a round (4)
    -tao_optex_SECTION.KEY VALUE   a key of the configuration, such as -tao_optex_method.update replay
"""

import numpy as np
from petsc4py import PETSc

from ._arguments import core, keys
from ._serve import Infeasible

_PREFIX = "tao_optex_"
_Reason = PETSc.TAO.Reason
_ENDINGS = {
    "iterations": _Reason.DIVERGED_MAXITS,
    "evaluations": _Reason.DIVERGED_MAXFCN,
    "value": _Reason.CONVERGED_MINF,
    "gradient_norm": _Reason.CONVERGED_GATOL,
    "gradient_tolerance": _Reason.CONVERGED_GTTOL,
    "stationary": _Reason.CONVERGED_GATOL,
    "precision": _Reason.CONVERGED_STEPTOL,
    "line_search": _Reason.DIVERGED_LS_FAILURE, "no_descent": _Reason.DIVERGED_LS_FAILURE,
    "unbounded": _Reason.DIVERGED_USER,
}


class TAO:
    """The points of a round are computed one after the other by all ranks of the TAO, or, where there is a factory, side by
    side on groups of them:

        tao.getPythonContext().factory = make

    `make(comm)` is called once on each group with its communicator and returns (x, fg): a Vec there of the same global
    length and ordering as the TAO's solution (DMDA: of the same grid), and a function fg(x, g) that returns F and fills the
    Vec g. `fg` may raise optex.Infeasible where F has no value.
    """

    def __init__(self):
        self.points = 4
        self.factory = None
        self.groups = None  # how many; default: as many as there are points, or ranks
        self._options = {}
        self._update = "surrogate"
        self._told = {}

    # ---- what PETSc calls ----

    def setFromOptions(self, tao):
        prefix = (tao.getOptionsPrefix() or "") + _PREFIX
        for name, value in PETSc.Options().getAll().items():
            if not name.startswith(prefix):
                continue
            key = name[len(prefix):]
            if key == "points":
                self.points = int(value)
            elif key == "groups":
                self.groups = int(value)
            elif "." in key:
                self._options[key] = _meant(value)
            else:
                raise ValueError(f"-{name}: no such option; -{prefix}points, -{prefix}groups, or a key of the configuration such "
                                 f"as -{prefix}method.update")

    def view(self, tao, viewer):
        del tao
        viewer.printfASCII(f"  OptEx: {self.points} gradients in a round"
                           + (f", on {self._told['groups']} groups of ranks" if self._told.get("groups") else "") + "\n")
        for key, value in self._options.items():
            viewer.printfASCII(f"    {key} = {value}\n")
        if "rounds" in self._told:
            viewer.printfASCII("    {rounds} rounds, {gradients} gradients; {message}\n".format(**self._told))

    def solve(self, tao):
        x = tao.getSolution()
        whole = _Whole(x)
        evaluator = _OneByOne(tao, whole) if self.factory is None else _Groups(self, tao, whole)
        self._told = {"groups": evaluator.groups}
        lower, upper = _bounds(tao, whole)
        chain = _Chain(whole.gather(x), lower, upper)
        whole.on_first(lambda: chain.begin(self._configuration(tao)))
        while True:
            # Rank 0 has the run; everybody computes, tells TAO, and looks whether it is content.
            count, ended = whole.on_first(chain.next_points)
            if ended is not None:
                break
            answers = evaluator.answers(chain.thetas, count)
            if self._monitor(tao, whole.on_first(lambda answers=answers: chain.take(answers))):
                _, ended = whole.on_first(lambda: chain.stop("TAO has converged"))
                break
        self._finish(tao, whole, ended, chain.best)

    # ---- the parts of it ----

    def _configuration(self, tao):
        options = {"stop.gradient_tolerance": 0.0, "stop.iterations": tao.getMaximumIterations() + 1}  # TAO counts from 0
        most = tao.getMaximumFunctionEvaluations()
        if most > 0:
            options["stop.evaluations"] = most
        named = any(name.startswith(("method.", "optimizer.", "estimator.")) for name in self._options)
        if not named:
            options["method.update"] = self._update
        options.update(self._options)
        return keys(self.points, None, False, 0, "raise", options)

    def _monitor(self, tao, rounds):
        """True when TAO's own test is met."""
        for its, value, residual, step in rounds:
            if its == 0:
                self._first_residual = residual
            tao.setIterationNumber(its)
            tao.monitor(its, value, residual, 0.0, step)
            _test(tao, value, residual, self._first_residual)
            if tao.getConvergedReason() != 0:
                return True
        return False

    def _finish(self, tao, whole, ended, best):
        self._told.update(rounds=ended["rounds"], gradients=ended["gradients"], message=ended["message"])
        x = tao.getSolution()
        whole.scatter(best[1], x)
        gradient = tao.getGradient()[0]
        if gradient is not None and gradient.handle != 0:
            whole.scatter(best[2], gradient)
        if tao.getConvergedReason() == 0:
            tao.setConvergedReason(_ENDINGS.get(ended["reason"], _Reason.DIVERGED_NAN if ended["failed"] else _Reason.CONVERGED_USER))


class _Chain:
    """Rank 0: the run, its best point, and what TAO is to be told of its rounds."""

    def __init__(self, start, lower, upper):
        self._run = None
        self._lower, self._upper = lower, upper
        self.best = (np.inf, start, None if start is None else np.full(start.size, np.nan))
        self.thetas = []
        self._numbers = []
        self._told = -1

    def begin(self, keys):
        self._run = core().Run(keys, self.best[1], self._lower, self._upper, None)

    def next_points(self):
        """(how many points there are in self.thetas, None), or (0, how it ended)."""
        if self._run.finished:
            return self.end()
        asked = self._run.ask()
        if not asked:
            return self.end()
        self._numbers, self.thetas = [number for number, _, _ in asked], [theta for _, theta, _ in asked]
        if len(asked) == 1 and asked[0][2] and np.array_equal(asked[0][1], self.best[1]):  # F at the answer is known
            self._run.tell(self._numbers[0], self.best[0], self.best[2])
            return self.next_points()
        return len(asked), None

    def take(self, answers):
        """Tells the answers. A list of (iteration, F, residual, length of the step) for TAO."""
        before = self.best
        for number, theta, (value, gradient) in zip(self._numbers, self.thetas, answers):
            if isinstance(value, str):
                self._run.tell_failed(number, value)
                continue
            self._run.tell(number, value, gradient)
            if value < self.best[0] and np.isfinite(gradient).all():
                self.best = (value, theta, gradient)
        step = 0.0 if not np.isfinite(before[0]) else float(np.linalg.norm(self.best[1] - before[1]))
        if not np.isfinite(self.best[0]):
            return []
        self._told += 1
        return [(self._told, self.best[0], self._residual(), step)]

    def _residual(self):
        """The norm of the gradient without what the bounds hold."""
        _, theta, gradient = self.best
        free = np.ones(theta.size, bool)
        if self._lower is not None:
            free &= ~((theta <= self._lower) & (gradient > 0))
        if self._upper is not None:
            free &= ~((theta >= self._upper) & (gradient < 0))
        return float(np.linalg.norm(gradient[free]))

    def stop(self, message):
        self._run.stop("callback", message)
        return self.end()

    def end(self):
        found = self._run.outcome
        return 0, {"reason": found["reason"], "message": found["message"] or found["reason"], "rounds": int(self._run.rounds),
                      "gradients": int(self._run.evaluations), "failed": found["code"] not in (0, 75)}


class _Whole:
    """A distributed Vec as one array on rank 0, in the order of the grid where it has one."""

    def __init__(self, x):
        self._dm = _grid_of(x)
        self._order = self._dm.createNaturalVec() if self._dm is not None else x.duplicate()
        self._scatter, self._on_first = PETSc.Scatter.toZero(self._order)
        self._ranks = x.comm.tompi4py() if x.comm.size > 1 else None
        self.first = x.comm.rank == 0

    def gather(self, x):
        """A copy on rank 0, None elsewhere."""
        self._scatter.scatter(self._in_order(x), self._on_first, mode=PETSc.ScatterMode.FORWARD)
        return self._on_first.array_r.copy() if self.first else None

    def scatter(self, numbers, x):
        """Rank 0's array into x."""
        if self.first:
            self._on_first.array[:] = numbers
        target = x if self._dm is None else self._order
        self._scatter.scatter(self._on_first, target, mode=PETSc.ScatterMode.REVERSE)
        if self._dm is not None:
            self._dm.naturalToGlobal(self._order, x)

    def on_first(self, function):
        """What function() returns on rank 0, or throws there, on all ranks."""
        if self._ranks is None:
            return function()
        found = error = None
        if self.first:
            try:
                found = function()
            except Exception as thrown:  # pylint: disable=broad-except
                error = thrown
        found, error = self._ranks.bcast((found, error))
        if error is not None:
            raise error
        return found

    def _in_order(self, x):
        if self._dm is None:
            return x
        self._dm.globalToNatural(x, self._order)
        return self._order


class _OneByOne:
    """All ranks compute each point together, with the TAO's own functions."""

    groups = 0

    def __init__(self, tao, whole):
        self._tao, self._whole = tao, whole
        self._x = tao.getSolution().duplicate()
        self._gradient = self._x.duplicate()

    def answers(self, thetas, count):
        found = []
        for place in range(count):
            self._whole.scatter(thetas[place] if self._whole.first else None, self._x)
            try:
                value = self._tao.computeObjectiveGradient(self._x, self._gradient)
            except Infeasible as reason:
                found.append((str(reason) or "infeasible", None))
                continue
            found.append((value, self._whole.gather(self._gradient)))
        return found


class _Groups:
    """Groups of ranks compute different points at the same time."""

    def __init__(self, owner, tao, whole):
        ranks = tao.comm.tompi4py()
        self.groups = min(owner.groups or owner.points, ranks.size)
        self._ranks = ranks
        self._mine = ranks.rank * self.groups // ranks.size
        self._members = ranks.Split(self._mine, ranks.rank)
        self._x, self._function = owner.factory(self._members)
        if self._x.getSize() != tao.getSolution().getSize():
            raise ValueError(f"the factory's x has {self._x.getSize()} entries, the TAO's solution {tao.getSolution().getSize()}")
        self._gradient = self._x.duplicate()
        self._whole = _Whole(self._x)

    def answers(self, thetas, count):
        points = np.array(thetas) if self._ranks.rank == 0 else np.empty((count, self._x.getSize()))
        self._ranks.Bcast(points)
        found = []
        for place in range(self._mine, count, self.groups):
            self._whole.scatter(points[place], self._x)
            try:
                value, trouble = self._function(self._x, self._gradient), None
            except Exception as error:  # pylint: disable=broad-except
                value, trouble = None, error
            worst = next((one for one in self._members.allgather(trouble) if one is not None), None)
            found.append((place, worst if worst is not None else value,
                          None if worst is not None else self._whole.gather(self._gradient)))
        together = self._ranks.gather(found if self._members.rank == 0 else [])
        error = None
        answers = [None] * count
        for place, value, gradient in (one for part in together or [] for one in part):
            if isinstance(value, Infeasible):
                value = str(value) or "infeasible"
            elif isinstance(value, Exception):
                error = value
            answers[place] = (value, gradient)
        error = self._ranks.bcast(error)
        if error is not None:
            raise error
        return answers


def _grid_of(x):
    """The DMDA of a Vec: its global order depends on how many ranks there are, that of the grid does not."""
    dm = x.query("__PETSc_dm")  # getDM() knows no types in older versions
    return dm if isinstance(dm, PETSc.DMDA) else None


def _bounds(tao, whole):
    """Two arrays on rank 0, or None for a side without limits."""
    found = tao.getVariableBounds()
    arrays = []
    for side, none in zip(found or (None, None), (-np.inf, np.inf)):
        array = whole.gather(side) if side is not None and side.handle != 0 else None
        if array is not None:
            array[np.abs(array) >= 1e300] = none  # PETSC_INFINITY
            array = None if np.isinf(array).all() else array
        arrays.append(array)
    return arrays


def _test(tao, value, residual, first):
    """TAO's default test, or the user's."""
    own = tao.getConvergenceTest()
    if own is not None and own[0] is not None:
        test, arguments, named = own
        test(tao, *(arguments or ()), **(named or {}))
        return
    gatol, grtol, gttol = tao.getTolerances()
    if residual <= gatol:
        tao.setConvergedReason(_Reason.CONVERGED_GATOL)
    elif value != 0 and residual / abs(value) <= grtol:
        tao.setConvergedReason(_Reason.CONVERGED_GRTOL)
    elif first != 0 and residual / first <= gttol:
        tao.setConvergedReason(_Reason.CONVERGED_GTTOL)


def _meant(text):
    """A value as the configuration has it."""
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text
