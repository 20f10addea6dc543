"""optex.scipy_method: a method of SciPy like its own. Its cases are run by python_minimize.py."""

import concurrent.futures
import unittest

import numpy as np
import optex
from python_functions import quadratic, rosenbrock


class InSciPy(unittest.TestCase):
    def test_is_a_method_of_scipy(self):
        optimize = __import__("scipy.optimize", fromlist=["optimize"])
        options = {"maxiter": 300, "options": {"method.name": "lbfgs"}}
        for jac in (True, lambda x: rosenbrock(x)[1]):
            fun = rosenbrock if jac is True else lambda x: rosenbrock(x)[0]
            result = optimize.minimize(fun, np.zeros(6), jac=jac, method=optex.scipy_method, tol=1e-6, options=options)
            self.assertTrue(result.success, result.message)
            np.testing.assert_allclose(result.x, 1, atol=1e-4)
        bounds = optimize.Bounds(-1, [0.5, 2.0, np.inf])
        result = optimize.minimize(quadratic, np.zeros(3), jac=True, bounds=bounds, method=optex.scipy_method, tol=1e-6, options=options)
        reference = optimize.minimize(quadratic, np.zeros(3), jac=True, bounds=bounds, method="L-BFGS-B")
        np.testing.assert_allclose(result.x, reference.x, atol=1e-6)
        with concurrent.futures.ThreadPoolExecutor(4) as threads:
            result = optimize.minimize(quadratic, np.zeros(9), args=(2.0, 1.0), jac=True, method=optex.scipy_method,
                                       options={"points": 4, "executor": threads, "maxiter": 2})
        self.assertEqual(result.nit, 2)
        with self.assertRaisesRegex(ValueError, "needs gradients"):
            optimize.minimize(lambda x: x @ x, np.zeros(3), method=optex.scipy_method)

    def minimize(self, fun, x0, **more):
        optimize = __import__("scipy.optimize", fromlist=["optimize"])
        for points in (1, 3):  # L-BFGS alone, and beside a model
            yield optimize.minimize(fun, x0, method=optex.scipy_method, options={"points": points}, **more)

    def test_entropy(self):
        """As all below: a problem on which SciPy tests its own L-BFGS-B."""
        features = np.array([[1, 1, 1], [1, 1, 0], [1, 0, 1], [1, 0, 0], [1, 0, 0]])
        means = np.array([1.0, 0.3, 0.5])

        def fun(x):
            scores = features @ x
            total = np.sum(np.exp(scores))
            return np.log(total) - means @ x, features.T @ (np.exp(scores) / total) - means

        best = fun(np.array([0.0, -0.524869316, 0.487525860]))[0]
        for result in self.minimize(fun, np.zeros(3), jac=True):
            self.assertTrue(result.success, result.message)
            self.assertLess(abs(result.fun - best), 1e-9)
        for result in self.minimize(lambda x: fun(x)[0], np.zeros(3), jac=lambda x: fun(x)[1]):
            self.assertLess(abs(result.fun - best), 1e-9)

    def test_rosenbrock(self):
        from scipy.optimize import rosen, rosen_der
        for start in ([-1.2, 1.0], [1.3, 0.7, 0.8, 1.9, 1.2]):
            for result in self.minimize(rosen, np.array(start), jac=rosen_der):
                self.assertTrue(result.success, result.message)
                np.testing.assert_allclose(result.x, 1, atol=1e-6)
        fixed = np.array([0.5, -0.5, 1, 2]), np.array([np.inf, 0.5, 1, 2])  # two that cannot move
        reference = __import__("scipy.optimize", fromlist=["optimize"]).minimize(
            rosen, np.array([0.5, 0, 1, 2.0]), jac=rosen_der, method="L-BFGS-B", bounds=list(zip(*fixed)))
        for result in self.minimize(rosen, np.array([0.5, 0, 1, 2.0]), jac=rosen_der, bounds=list(zip(*fixed))):
            self.assertTrue(result.success, result.message)
            self.assertLess(result.fun, reference.fun * (1 + 1e-6))
            np.testing.assert_array_equal(result.x[2:], [1, 2])

    def test_powers_within_bounds(self):
        def fun(x, p=2.0):
            return (x[0] ** p + x[1] ** p) / p, x ** (p - 1)

        for args in ((), (2.0,)):
            for result in self.minimize(fun, [0, -1], args=args, jac=True, bounds=((1, None), (None, None))):
                self.assertTrue(result.success, result.message)
                np.testing.assert_allclose(result.x, [1, 0], atol=1e-6)
        for crossed in ([(10, 1), (1, 10)], [(1, 10), (10, 1)], [(10, 1), (10, 1)]):
            with self.assertRaisesRegex(ValueError, "bounds"):
                list(self.minimize(fun, [0, -1], jac=True, bounds=crossed))

    def test_any_scale(self):
        for scale in (1e-50, 1.0, 1e50):
            def fun(x):
                self.assertLess(abs(x).max(), 1e4)
                return scale * (x[0] - 1) ** 2, np.array([2 * scale * (x[0] - 1)])

            for result in self.minimize(fun, [-1.0], jac=True):
                self.assertTrue(result.success, (scale, result.message))
                np.testing.assert_allclose(result.x, 1, atol=1e-6, err_msg=str(scale))

    def test_himmelblau(self):
        def fun(x):
            a, b = x[0] ** 2 + x[1] - 11, x[0] + x[1] ** 2 - 7
            return a * a + b * b, np.array([4 * x[0] * a + 2 * b, 2 * a + 4 * x[1] * b])

        for result in self.minimize(fun, [0.0, 0.0], jac=True):
            self.assertTrue(result.success, result.message)
            self.assertLess(result.fun, 1e-10)

    def test_values_that_are_none(self):
        for result in self.minimize(lambda x: (np.nan, x), np.zeros(3), jac=True):
            self.assertFalse(result.success)
        seen = []
        for result in self.minimize(rosenbrock, np.zeros(2), jac=True, callback=lambda intermediate_result: seen.append(intermediate_result)):
            self.assertEqual((seen[-1].nit, seen[-1].fun), (result.nit, result.fun))
