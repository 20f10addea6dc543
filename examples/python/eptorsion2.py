"""Elastic-plastic torsion, PETSc's eptorsion2 with its bounds: TAO's solvers beside OptEx.

    python3 eptorsion2.py -tao_type blmvm -tao_monitor
    python3 eptorsion2.py -tao_type python -tao_python_type optex.petsc.TAO -tao_optex_points 4 -tao_monitor -tao_view
    mpirun -n 4 python3 eptorsion2.py -tao_type python -tao_python_type optex.petsc.TAO -groups 4

Finds the stress potential v of a bar that is twisted: the smallest int |grad v|^2 / 2 - param v over the unit square, v = 0 on its
rim, and |v| at most the distance to the rim, where the bar yields. Linear elements on triangles, mx x my nodes inside. Options: -mx, -my (64),
-param (5), -groups N (N points of a round side by side, each on its share of the ranks).
"""

import sys

import petsc4py

petsc4py.init(sys.argv)

import numpy as np  # noqa: E402
from petsc4py import PETSc  # noqa: E402

options = PETSc.Options()
mx, my, param = options.getInt("mx", 64), options.getInt("my", 64), options.getReal("param", 5.0)
hx, hy = 1.0 / (mx + 1), 1.0 / (my + 1)


class Torsion:
    """F and its gradient on the ranks of `comm`."""

    def __init__(self, comm):
        self.grid = PETSc.DMDA().create([mx, my], stencil_width=1, stencil_type=PETSc.DMDA.StencilType.BOX,
                                        boundary_type=(PETSc.DM.BoundaryType.GHOSTED,) * 2, comm=comm)
        self.x = self.grid.createGlobalVec()
        self._near = self.grid.createLocalVec()
        self._comm = self.x.comm

    def distance(self):
        """Of each node to the rim."""
        (i0, i1), (j0, j1) = self.grid.getRanges()
        i, j = np.arange(i0, i1), np.arange(j0, j1)
        rim_x, rim_y = np.minimum(i + 1, mx - i) * hx, np.minimum(j + 1, my - j) * hy
        found = self.x.duplicate()
        found.array[:] = np.minimum(rim_x[None, :], rim_y[:, None]).ravel()
        return found

    def __call__(self, x, gradient):
        self._near.set(0.0)  # the rim
        self.grid.globalToLocal(x, self._near)
        (i0, i1), (j0, j1) = self.grid.getRanges()
        v = self._near.array_r.reshape(j1 - j0 + 2, i1 - i0 + 2)
        # A node has triangles up and right of it and down and left of it; own nodes are [1:-1, 1:-1].
        own, right, up = v[1:-1, 1:-1], v[1:-1, 2:], v[2:, 1:-1]
        left, down = v[1:-1, :-2], v[:-2, 1:-1]
        squares = np.sum((right - own) ** 2) / hx**2 + np.sum((up - own) ** 2) / hy**2
        if i0 == 0:
            squares += np.sum(own[:, 0] ** 2) / hx**2
        if j0 == 0:
            squares += np.sum(own[0, :] ** 2) / hy**2
        area = hx * hy
        value = area * (0.5 * squares - param * np.sum(own))
        gradient.array[:] = (area * ((2 * own - left - right) / hx**2 + (2 * own - down - up) / hy**2 - param)).ravel()
        return self._comm.tompi4py().allreduce(value) if self._comm.size > 1 else value


def main():
    torsion = Torsion(PETSc.COMM_WORLD)
    tao = PETSc.TAO().create(PETSc.COMM_WORLD)
    tao.setObjectiveGradient(lambda tao, x, gradient: torsion(x, gradient), None)
    distance = torsion.distance()
    tao.setVariableBounds(-distance, distance)
    torsion.x.set(0.0)
    tao.setSolution(torsion.x)
    tao.setFromOptions()
    groups = options.getInt("groups", 0)
    if groups > 0:
        def make(comm):
            part = Torsion(comm)
            return part.x, part

        tao.getPythonContext().factory = make
        tao.getPythonContext().groups = groups
    tao.solve()
    its, value, residual, *_ = tao.getSolutionStatus()
    plastic = np.abs(torsion.x.array_r) >= distance.array_r
    yielding = PETSc.COMM_WORLD.tompi4py().allreduce(int(plastic.sum()))
    PETSc.Sys.Print(f"{tao.getType()}: {its} iterations, F = {value:.10f}, residual {residual:.2e}, "
                    f"{yielding} of {mx * my} nodes yield, reason {tao.getConvergedReason()}")


main()
