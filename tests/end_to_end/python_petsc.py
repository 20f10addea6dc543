"""optex.petsc.TAO beside TAO's own solvers, on PETSc's elastic-plastic torsion. Run by python_minimize.sh where petsc4py is installed."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

import numpy as np
from petsc4py import PETSc

import optex
import optex.petsc

torsion = pathlib.Path(os.environ["OPTEX_SOURCE_DIR"]) / "examples" / "python" / "eptorsion2.py"
ours = ["-tao_type", "python", "-tao_python_type", "optex.petsc.TAO"]


def solved(*options, ranks=1):
    """(F, reason, all that was printed)."""
    launcher = [] if ranks == 1 else ["mpirun", "--oversubscribe", "-n", str(ranks)]
    done = subprocess.run([*launcher, sys.executable, str(torsion), "-mx", "24", "-my", "24", *options], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
                          env=dict(os.environ))  # as Python found it: MPI has put its own into the process since
    found = re.search(r"F = (\S+), residual (\S+), .* reason (\S+)", done.stdout)
    if done.returncode != 0 or not found:
        raise AssertionError(f"exit code {done.returncode}: {done.stdout}")
    return float(found[1]), int(found[3]), done.stdout


class Box:
    """A quadratic whose minimum may lie outside of its box."""

    def __init__(self):
        comm = PETSc.COMM_SELF
        self.tao = PETSc.TAO().create(comm)
        self.tao.setType("python")
        self.tao.setPythonContext(optex.petsc.TAO())
        self.x = PETSc.Vec().createMPI(8, comm=comm)
        self.tao.setSolution(self.x)
        self.tao.setObjectiveGradient(self.fun, None)
        self.scales = np.arange(1.0, 9.0)
        self.centre = np.repeat([3.0, 1.0], 4)

    def fun(self, _, x, gradient):
        gradient.array[:] = self.scales * (x.array_r - self.centre)
        return 0.5 * float(np.sum(self.scales * (x.array_r - self.centre) ** 2))

    def bound(self, lower, upper):
        sides = [self.x.duplicate(), self.x.duplicate()]
        for side, number in zip(sides, (lower, upper)):
            side.set(number)
        self.tao.setVariableBounds(*sides)


class Torsion(unittest.TestCase):
    def test_finds_what_blmvm_finds(self):
        reference, _, _ = solved("-tao_type", "blmvm", "-tao_gatol", "1e-5", "-tao_grtol", "0")
        value, reason, text = solved(*ours, "-tao_optex_points", "3", "-tao_gatol", "1e-5", "-tao_grtol", "0", "-tao_monitor", "-tao_view")
        self.assertLess(abs(value - reference), 1e-7)
        self.assertEqual(reason, PETSc.TAO.Reason.CONVERGED_GATOL)
        rounds = int(re.search(r"python: (\d+) iterations", text)[1])
        self.assertEqual(len(re.findall(r"^ *\d+ TAO,  Function value:", text, re.MULTILINE)), rounds + 1)
        self.assertIn("OptEx: 3 gradients in a round", text)
        self.assertRegex(text, "total number of function/gradient evaluations=[1-9]")

    def test_is_the_same_on_ranks_and_on_groups_of_them(self):
        if shutil.which("mpirun") is None or "OPTEX_MPIEXEC" not in os.environ:
            self.skipTest("no mpirun")
        few = [*ours, "-tao_max_it", "12", "-tao_optex_points", "4"]
        alone, reason, _ = solved(*few)
        self.assertEqual(reason, PETSc.TAO.Reason.DIVERGED_MAXITS)
        self.assertLess(abs(solved(*few, ranks=2)[0] - alone), 1e-9 * abs(alone))
        value, _, text = solved(*few, "-groups", "2", "-tao_view", ranks=3)
        self.assertLess(abs(value - alone), 1e-9 * abs(alone))
        self.assertIn("on 2 groups of ranks", text)


class Tolerances(unittest.TestCase):
    def test_bounds_hold_and_the_ending_is_taos(self):
        for name, reason in (("gatol", PETSc.TAO.Reason.CONVERGED_GATOL), ("grtol", PETSc.TAO.Reason.CONVERGED_GRTOL),
                             ("gttol", PETSc.TAO.Reason.CONVERGED_GTTOL)):
            box = Box()
            box.bound(-1.0, 2.0)
            box.tao.setTolerances(**{"gatol": 0, "grtol": 0, "gttol": 0, name: 1e-6})
            box.tao.solve()
            np.testing.assert_allclose(box.x.array_r, np.minimum(box.centre, 2), atol=1e-5)
            self.assertLessEqual(box.x.array_r.max(), 2)
            self.assertEqual(box.tao.getConvergedReason(), reason)

    def test_without_bounds_and_with_a_test_of_the_users(self):
        box = Box()
        box.tao.setTolerances(gatol=1e-8)
        box.tao.solve()
        np.testing.assert_allclose(box.x.array_r, box.centre, atol=1e-6)
        again = Box()
        again.tao.setConvergenceTest(lambda tao: tao.setConvergedReason(PETSc.TAO.Reason.CONVERGED_USER if tao.its >= 2 else 0))
        again.tao.solve()
        self.assertEqual((again.tao.getConvergedReason(), again.tao.getIterationNumber()), (PETSc.TAO.Reason.CONVERGED_USER, 2))

    def test_options_are_keys_and_others_are_refused(self):
        options = PETSc.Options()
        box = Box()
        options["tao_optex_method.update"] = "replay"
        options["tao_optex_optimizer.learning_rate"] = 0.1
        try:
            box.tao.setMaximumIterations(5)
            box.tao.setFromOptions()
            box.tao.solve()
            self.assertEqual(box.tao.getConvergedReason(), PETSc.TAO.Reason.DIVERGED_MAXITS)
            options["tao_optex_point"] = 3
            with self.assertRaisesRegex(ValueError, "-tao_optex_point: no such option; -tao_optex_points"):
                box.tao.setFromOptions()
        finally:
            for name in ("method.update", "optimizer.learning_rate", "point"):
                options.delValue("tao_optex_" + name)

    def test_a_point_without_a_value_is_left_out(self):
        calls = []

        def fun(_, x, gradient):
            calls.append(1)
            if len(calls) == 4:
                raise optex.Infeasible("there")
            return box.fun(None, x, gradient)

        box = Box()
        box.tao.setObjectiveGradient(fun, None)
        box.tao.solve()
        np.testing.assert_allclose(box.x.array_r, box.centre, atol=1e-5)


if __name__ == "__main__":
    sound = unittest.main(verbosity=1, exit=False).result.wasSuccessful()
    sys.stderr.flush()
    os._exit(0 if sound else 1)  # petsc4py 3.18 crashes in its finalization after an exception in a Python TAO
