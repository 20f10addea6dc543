"""Finds how well a plate conducts, everywhere, from its temperature: dolfinx for the equation and its adjoint, OptEx for the search.

    python3 dolfinx_coefficient.py [--points 4] [--cells 24] [--picture coefficient.png]

-div(exp(m) grad u) = 1 in the unit square, u = 0 on its rim. Given u, searched m:

    F(m) = 1/2 int (u(m) - u_seen)^2 / noise^2 + smoothing / 2 int |grad m|^2

The gradient costs one more solution, with the same matrix: -div(exp(m) grad lambda) = -(u - u_seen) / noise^2, and then
F'(m) phi = int exp(m) phi grad u . grad lambda + smoothing int grad m . grad phi. Each worker process has its own mesh and matrix.
"""

import argparse
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import optex

SMOOTHING, NOISE = 0.1, 1e-4


class Plate:
    """The equation on one process."""

    def __init__(self, cells):
        import ufl
        from dolfinx import fem, mesh
        from dolfinx.fem import petsc
        from mpi4py import MPI
        from petsc4py import PETSc

        domain = mesh.create_unit_square(MPI.COMM_SELF, cells, cells)
        space = getattr(fem, "functionspace", fem.FunctionSpace)(domain, ("Lagrange", 1))
        self.places = space.tabulate_dof_coordinates()[:, :2]
        self._petsc, self._fem = petsc, fem
        self.m, self.u, self.seen, self._lambda = (fem.Function(space) for _ in range(4))
        trial, test, one = ufl.TrialFunction(space), ufl.TestFunction(space), fem.Constant(domain, PETSc.ScalarType(1))
        edge = mesh.locate_entities_boundary(domain, 1, lambda x: np.isclose(x[0] * (1 - x[0]) * x[1] * (1 - x[1]), 0))
        self._rim = fem.dirichletbc(PETSc.ScalarType(0), fem.locate_dofs_topological(space, 1, edge), space)
        self._operator = fem.form(ufl.exp(self.m) * ufl.dot(ufl.grad(trial), ufl.grad(test)) * ufl.dx)
        self._heat = fem.form(one * test * ufl.dx)
        missed = (self.u - self.seen) / NOISE**2
        self._missed = fem.form(-missed * test * ufl.dx)
        self._value = fem.form(0.5 * missed * (self.u - self.seen) * ufl.dx
                               + 0.5 * SMOOTHING * ufl.dot(ufl.grad(self.m), ufl.grad(self.m)) * ufl.dx)
        self._gradient = fem.form(ufl.exp(self.m) * test * ufl.dot(ufl.grad(self.u), ufl.grad(self._lambda)) * ufl.dx
                                  + SMOOTHING * ufl.dot(ufl.grad(self.m), ufl.grad(test)) * ufl.dx)
        self._solver = PETSc.KSP().create(MPI.COMM_SELF)
        self._solver.setType("preonly")
        self._solver.getPC().setType("lu")

    def solve(self, m):
        """The temperature for this m."""
        self.m.x.array[:] = m
        matrix = self._petsc.assemble_matrix(self._operator, bcs=[self._rim])
        matrix.assemble()
        self._solver.setOperators(matrix)
        self._solve_for(self._heat, self.u)
        return self.u.x.array.copy()

    def value_and_gradient(self, m):
        self.solve(m)
        self._solve_for(self._missed, self._lambda)
        value = self._fem.assemble_scalar(self._value)
        return value, self._petsc.assemble_vector(self._gradient).array.copy()

    def _solve_for(self, form, found):
        right = self._petsc.assemble_vector(form)
        self._petsc.set_bc(right, [self._rim])
        self._solver.solve(right, found.vector if hasattr(found, "vector") else found.x.petsc_vec)


def true_coefficient(places):
    """A warm ridge and a cold spot."""
    x, y = places[:, 0], places[:, 1]
    return np.exp(-30 * (y - 0.6 * x - 0.35) ** 2) - 1.2 * np.exp(-40 * ((x - 0.7) ** 2 + (y - 0.3) ** 2))


def plate_with_data(cells):
    plate = Plate(cells)
    seen = plate.solve(true_coefficient(plate.places))
    plate.seen.x.array[:] = seen + NOISE * np.random.default_rng(1).standard_normal(seen.size)
    return plate


def begin_worker(cells):
    global plate
    plate = plate_with_data(cells)


def value_and_gradient(m):
    return plate.value_and_gradient(m)


def main():
    words = argparse.ArgumentParser()
    words.add_argument("--points", type=int, default=4)
    words.add_argument("--workers", type=int, default=2)
    words.add_argument("--cells", type=int, default=24)
    words.add_argument("--picture")
    words = words.parse_args()
    begin_worker(words.cells)
    start = np.zeros(len(plate.places))
    spawn = multiprocessing.get_context("spawn")  # a fork would inherit PETSc and MPI in the middle of their lives
    with ProcessPoolExecutor(words.workers, spawn, begin_worker, (words.cells,)) as workers:
        found = optex.minimize(value_and_gradient, start, points=words.points, executor=workers,
                               options={"stop.gradient_tolerance": 1e-5})
    true = true_coefficient(plate.places)
    missed = np.linalg.norm(found.x - true) / np.linalg.norm(true)
    print(f"F = {found.fun:.6g} after {found.nit} rounds of at most {words.points} gradients ({found.message})")
    print(f"the coefficient is found up to {100 * missed:.1f} %")
    if words.picture:
        draw(words, true, found)


def draw(words, true, found):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.tri import Triangulation

    figure, (left, middle, right) = pyplot.subplots(1, 3, figsize=(13, 3.8), layout="constrained")
    mesh = Triangulation(*plate.places.T)
    for axes, numbers, title in ((left, true, "true m"), (middle, found.x, "found m")):
        shown = axes.tripcolor(mesh, numbers, shading="gouraud", vmin=true.min(), vmax=true.max(), cmap="RdBu_r")
        axes.set(title=title, aspect="equal", xticks=[], yticks=[])
        figure.colorbar(shown, ax=axes)
    right.semilogy(found.trace["iteration"], found.trace["best_value"], label=f"OptEx, {words.points} gradients a round")
    from scipy.optimize import minimize

    values = []
    minimize(lambda m: (lambda pair: (values.append(pair[0]), pair)[1])(value_and_gradient(m)), np.zeros(true.size), jac=True,
             method="L-BFGS-B", options={"maxfun": 2 * found.nit + 20})
    right.semilogy(np.arange(1, len(values) + 1), np.minimum.accumulate(values), label="L-BFGS-B, one after the other")
    right.set(xlabel="round", ylabel="F", title="what one waits for")
    right.legend()
    figure.savefig(words.picture, dpi=110)


if __name__ == "__main__":
    main()
