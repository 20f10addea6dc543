"""optex.minimize and optex.scipy_method: what they promise, and what they say of bad input. Run by python_minimize.sh."""

import concurrent.futures
import multiprocessing
import os
import threading
import traceback
import unittest

import numpy as np
import optex
from python_functions import Odd, dies, divides, quadratic, raises_odd, rosenbrock, run
from python_scipy import InSciPy  # noqa: F401


class Answers(unittest.TestCase):
    def test_finds_the_minimum_and_says_so(self):
        result = optex.minimize(rosenbrock, np.zeros(6), **run())
        np.testing.assert_allclose(result.x, 1, atol=1e-4)
        self.assertTrue(result.success, result)
        self.assertEqual(result.status, 0)
        self.assertEqual(result.fun, rosenbrock(result.x)[0])
        np.testing.assert_array_equal(result.jac, rosenbrock(result.x)[1])
        self.assertEqual(len(result.trace["best_value"]), result.nit)
        self.assertIn("gradient", result.message)

    def test_what_has_no_minimum_or_a_wrong_gradient_is_no_success(self):
        def falls(x):
            with np.errstate(over="ignore"):
                return -np.exp(x).sum(), np.clip(-np.exp(x), -1e300, 0)  # -inf far out, where the gradient is a number

        result = optex.minimize(falls, np.full(50, 1.0), points=4)
        self.assertEqual((result.success, result.status, result.reason), (False, 3, "unbounded"))
        np.testing.assert_array_equal(result.jac, falls(result.x)[1])
        result = optex.minimize(lambda x: (x @ x, -2 * x), np.ones(50), points=1)
        self.assertEqual((result.success, result.status, result.reason), (False, 3, "disagreement"))

    def test_what_is_known_of_the_hessian_need_not_be_learnt(self):
        import scipy.sparse
        size = 60
        differences = scipy.sparse.diags([-np.ones(size - 1), np.ones(size - 1)], [0, 1], shape=(size - 1, size))

        def chain(x):
            slope = differences @ x - np.sin(np.arange(size - 1))
            length = np.sqrt(1e-4 + slope**2)
            return length.sum() + 0.5 * x[0]**2, differences.T @ (slope / length) + np.eye(1, size)[0] * x[0]

        def known(x):
            slope = differences @ x - np.sin(np.arange(size - 1))
            return differences.T @ scipy.sparse.diags(1e-4 * (1e-4 + slope**2) ** -1.5) @ differences

        def rounds(**more):
            return optex.minimize(chain, np.zeros(size), points=4, maxiter=300, gtol=1e-6, **more).nit

        with_known = rounds(known_hessian=known)
        self.assertLess(with_known, rounds())
        self.assertEqual(with_known, rounds(known_hessian=lambda x: known(x).toarray()))
        kept = {"points": 4, "folder": "knows"}
        optex.minimize(chain, np.zeros(size), maxiter=5, known_hessian=known, **kept)
        self.assertEqual(optex.minimize(chain, np.zeros(size), maxiter=300, gtol=1e-6, known_hessian=known, **kept).nit, with_known)
        with self.assertRaises(ZeroDivisionError):
            rounds(known_hessian=lambda x: 1 / 0)
        with self.assertRaisesRegex(ValueError, r"shape \(3,\); expected \(60, 60\)"):
            rounds(known_hessian=lambda x: np.zeros(3))

    def test_points_side_by_side_by_default(self):
        result = optex.minimize(quadratic, np.zeros(20), points=4, maxiter=300, gtol=1e-3, options={"optimizer.learning_rate": 0.1})
        np.testing.assert_allclose(result.x, 3, atol=1e-2)
        self.assertGreater(result.nfev, result.nit)

    def test_a_function_may_write_its_gradients_into_the_same_array(self):
        shared = np.empty(8)

        def fun(x):
            value, shared[:] = rosenbrock(x)
            return value, shared

        alone = optex.minimize(rosenbrock, np.zeros(8), points=4, maxiter=12)
        with concurrent.futures.ThreadPoolExecutor(1) as thread:
            np.testing.assert_array_equal(optex.minimize(fun, np.zeros(8), points=4, maxiter=12, executor=thread).x, alone.x)

    def test_keeps_the_shape_of_x0_and_takes_args_and_a_separate_jac(self):
        def fun(x, scale):
            assert x.shape == (2, 3)
            return float(np.sum(scale * (x - 1) ** 2))

        result = optex.minimize(fun, np.zeros((2, 3)), args=(2.0,), jac=lambda x, scale: 2 * scale * (x - 1), **run())
        self.assertEqual(result.x.shape, (2, 3))
        self.assertEqual(result.jac.shape, (2, 3))
        np.testing.assert_allclose(result.x, 1, atol=1e-5)

    def test_the_answer_is_the_same_whoever_computes(self):
        alone = optex.minimize(rosenbrock, np.zeros(8), points=4, maxiter=12)
        with concurrent.futures.ThreadPoolExecutor(4) as threads:
            threaded = optex.minimize(rosenbrock, np.zeros(8), points=4, maxiter=12, executor=threads)
        with concurrent.futures.ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as processes:
            spawned = optex.minimize(rosenbrock, np.zeros(8), points=4, maxiter=12, executor=processes)
        np.testing.assert_array_equal(alone.x, threaded.x)
        np.testing.assert_array_equal(alone.x, spawned.x)
        with multiprocessing.get_context("fork").Pool(2) as pool:  # map() alone
            np.testing.assert_array_equal(alone.x, optex.minimize(rosenbrock, np.zeros(8), points=4, maxiter=12, executor=pool).x)

    def test_what_only_submits_serves_too(self):
        class Later:
            def __init__(self, value):
                self.value = value

            def result(self):
                return self.value

            def cancel(self):
                pass

        class Client:
            def submit(self, function, *args):
                return Later(function(*args))

        self.assertTrue(optex.minimize(rosenbrock, np.zeros(4), executor=Client(), **run()).success)

    def test_gradients_of_a_round_run_side_by_side(self):
        together = threading.Barrier(4, timeout=60)
        rounds = []

        def fun(x):
            if 2 <= len(rounds) < 5:  # the first two rounds have one point each, the answer is one more
                together.wait()
            return quadratic(x)

        with concurrent.futures.ThreadPoolExecutor(4) as threads:
            result = optex.minimize(fun, np.zeros(4), points=4, executor=threads, callback=rounds.append, maxiter=5,
                                    options={"method.update": "last"})
        self.assertEqual(result.nit, 5)

    def test_bounds_in_every_form(self):
        class Box:
            lb, ub = np.full(3, -1.0), np.array([1.0, 2.0, np.inf])

        forms = [Box(), [(-1, 1), (-1, 2), (-1, None)], (-1, np.array([1.0, 2.0, np.inf])), (np.full(3, -1), [1, 2, np.inf])]
        two = optex.minimize(quadratic, np.zeros(2), bounds=(np.array([3.5, 0]), np.array([4.0, 1])), **run())
        np.testing.assert_allclose(two.x, [3.5, 1])
        for bounds in forms:
            result = optex.minimize(quadratic, np.zeros(3), bounds=bounds, **run())
            np.testing.assert_allclose(result.x, [1, 2, 3], atol=1e-6)
            self.assertTrue(result.success, result.message)

    def test_a_start_outside_the_bounds_is_moved_in(self):
        result = optex.minimize(quadratic, np.full(2, 9.0), bounds=(0, 2), **run())
        np.testing.assert_allclose(result.x, 2)

    def test_fun_may_change_its_argument(self):
        def fun(x):
            answer = rosenbrock(x)
            x[:] = np.nan
            return answer

        self.assertTrue(optex.minimize(fun, np.zeros(4), **run()).success)

    def test_takes_integers_lists_and_views(self):
        result = optex.minimize(lambda x: (np.float32(x @ x), [2 * entry for entry in x]), [3, 1], **run())
        np.testing.assert_allclose(result.x, 0, atol=1e-6)
        wide = np.zeros((4, 2))

        def fun(x):
            value, gradient = quadratic(x)
            wide[:, 0] = gradient
            return value, wide[:, 0]

        np.testing.assert_allclose(optex.minimize(fun, np.zeros(4), **run()).x, 3, atol=1e-6)

    def test_the_end_by_rounds_is_no_success(self):
        result = optex.minimize(rosenbrock, np.zeros(6), maxiter=3, points=2)
        self.assertFalse(result.success)
        self.assertEqual((result.status, result.nit), (1, 3))

    def test_options_are_keys_of_the_configuration(self):
        result = optex.minimize(rosenbrock, np.zeros(6), options={"stop.evaluations": 9, "method.update": "replay"})
        self.assertEqual(result.reason, "evaluations")
        with self.assertRaisesRegex(ValueError, "^unknown key 'optimizer.learning_rat'"):
            optex.minimize(rosenbrock, np.zeros(6), options={"optimizer.learning_rat": 1.0})


class Callbacks(unittest.TestCase):
    def test_see_the_best_point_and_can_stop(self):
        seen = []

        def callback(intermediate_result):
            seen.append(intermediate_result)
            if len(seen) == 4:
                raise StopIteration

        result = optex.minimize(rosenbrock, np.zeros(6), points=2, callback=callback)
        self.assertEqual(result.status, 99)
        self.assertEqual([entry.nit for entry in seen], [1, 2, 3, 4])
        self.assertEqual(seen[-1].fun, rosenbrock(seen[-1].x)[0])
        self.assertLessEqual(result.fun, seen[-1].fun)

    def test_their_other_exceptions_arrive(self):
        def callback(_):
            raise KeyError("mine")

        with self.assertRaises(KeyError):
            optex.minimize(rosenbrock, np.zeros(6), callback=callback)


class Failures(unittest.TestCase):
    def test_an_exception_of_fun_arrives_with_its_traceback(self):
        def fun(x):
            raise ZeroDivisionError("of mine")

        try:
            optex.minimize(fun, np.zeros(3))
            self.fail("no exception")
        except ZeroDivisionError as error:
            frames = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
        self.assertIn("fun", frames)

    def test_a_point_may_be_dropped(self):
        calls = []

        def fun(x):
            calls.append(1)
            if len(calls) == 7:
                raise RuntimeError("solver diverged")
            return quadratic(x)

        result = optex.minimize(fun, np.zeros(5), points=4, maxiter=20, on_error="drop", options={"optimizer.learning_rate": 0.1})
        self.assertTrue(result.success, result.message)
        self.assertEqual(int(result.trace["dropped_points"].sum()), 1)

    def test_a_start_without_a_value_is_told(self):
        result = optex.minimize(lambda x: (np.nan, x), np.zeros(3))
        self.assertFalse(result.success)
        self.assertRegex(result.message, "not finite|start")

    def test_answers_that_make_no_sense(self):
        masked = np.ma.array(np.ones(3), mask=[0, 1, 0])
        cases = [
            (lambda x: 1.0, TypeError, "two things"),
            (lambda x: None, TypeError, "None"),
            (lambda x: (None, x), TypeError, "value of F is None"),
            (lambda x: (1.0, None), TypeError, "gradient is None"),
            (lambda x: (1.0, np.ones(4)), ValueError, r"shape \(4,\)"),
            (lambda x: (1.0, x * 1j + 1j), TypeError, "complex"),
            (lambda x: (1j, x), TypeError, "value of F is complex"),
            (lambda x: (1.0, masked), TypeError, "masked array"),
            (lambda x: (np.ones(2), x), ValueError, "one number"),
            (lambda x: ("one", x), TypeError, "is a text"),
            (lambda x: ({}, x), TypeError, "must be a number"),
            (lambda x: (1.0, ["a", "b", "c"]), TypeError, "numbers"),
            (lambda x: (1.0, ["1", "2", "3"]), TypeError, "numbers"),
            (lambda x: (1.0, [1, None, 3]), TypeError, "holds None"),
            (lambda x: ("1.0", x), TypeError, "is a text"),
            (lambda x: (np.ma.masked, x), TypeError, "masked array"),
            (lambda x: (1.0, x, x), TypeError, "tuple of 3"),
        ]
        for fun, kind, words in cases:
            with self.assertRaisesRegex(kind, words):
                optex.minimize(fun, np.zeros(3))
        result = optex.minimize(lambda x: (complex(x @ x, 0), 2 * x + 0j), np.ones(3), **run())
        self.assertTrue(result.success)

    def test_arguments_that_make_no_sense(self):
        cases = [
            (dict(x0=[]), ValueError, "empty"),
            (dict(x0=[np.nan, 1]), ValueError, "not finite"),
            (dict(x0=[1j, 1]), TypeError, "complex"),
            (dict(x0=None), TypeError, "x0 is None"),
            (dict(x0=["a", 1]), TypeError, "x0 must be an array of real numbers"),
            (dict(x0=[[1], [1, 2]]), TypeError, "x0 must be an array of real numbers"),
            (dict(x0=np.ma.array([1.0, 2.0], mask=[0, 1])), TypeError, "masked"),
            (dict(bounds=3), TypeError, "2 pairs"),
            (dict(bounds=(1j, 2)), TypeError, "lower bounds must be real"),
            (dict(bounds=(np.ma.array([1.0, 2.0], mask=[0, 1]), 3)), TypeError, "masked"),
            (dict(bounds=(np.inf, np.inf)), ValueError, "crossed"),
            (dict(gtol="small"), ValueError, "gtol"),
            (dict(gtol=np.nan), ValueError, "gtol"),
            (dict(callback=3), TypeError, "callback"),
            (dict(seed=2**70), ValueError, "64 bits"),
            (dict(maxiter=0), ValueError, "stop.iterations"),
            (dict(folder=""), ValueError, "folder is empty"),
            (dict(options=[1]), TypeError, "dictionary"),
            (dict(options={3: 1}), ValueError, "no key"),
            (dict(options={"problem.name": "sphere"}), ValueError, "what fun, x0, bounds"),
            (dict(bounds=[(0, 1)]), ValueError, "2 pairs"),
            (dict(bounds=(np.zeros(3), 1.0)), ValueError, "3 numbers for 2"),
            (dict(bounds=[(0, 1), (2, 1)]), ValueError, "crossed at coordinate 1"),
            (dict(bounds=[(0, np.nan), (0, 1)]), ValueError, "NaN"),
            (dict(executor=3), TypeError, "submit.* nor map"),
            (dict(jac=None), TypeError, "gradients"),
            (dict(on_error="stop"), ValueError, "on_error"),
            (dict(points=0), ValueError, "method.parallelism"),
            (dict(options={"seed": 1}), ValueError, "section.name"),
        ]
        for change, kind, words in cases:
            arguments = {"x0": np.zeros(2), **change}
            with self.assertRaisesRegex(kind, words):
                optex.minimize(quadratic, arguments.pop("x0"), **arguments)

    def test_what_cannot_be_pickled_is_told_with_the_remedy(self):
        with concurrent.futures.ProcessPoolExecutor(1) as processes:
            with self.assertRaisesRegex(TypeError, "top level of a module, or use a ThreadPoolExecutor"):
                optex.minimize(lambda x: quadratic(x), np.zeros(3), executor=processes)

    def test_a_worker_process_that_dies_is_told(self):
        with concurrent.futures.ProcessPoolExecutor(1) as processes:
            with self.assertRaisesRegex(RuntimeError, "a worker process of the executor died"):
                optex.minimize(dies, np.zeros(3), executor=processes)


    def test_an_exception_in_another_process_arrives_whatever_it_is(self):
        with concurrent.futures.ProcessPoolExecutor(1) as processes:
            for fun, kind, words in ((divides, ZeroDivisionError, "division"), (raises_odd, RuntimeError, "Odd: 1 and 2")):
                with self.assertRaisesRegex(kind, words) as caught:
                    optex.minimize(fun, np.zeros(3), executor=processes)
                self.assertIn(fun.__name__, str(caught.exception.__cause__))

    def test_buffers_that_are_filled_again_spoil_nothing(self):
        buffer = np.empty(6)

        def fun(x):
            value, buffer[:] = rosenbrock(x)
            return value, buffer

        def callback(intermediate_result):
            intermediate_result.x[:] = np.nan
            intermediate_result.jac[:] = np.nan

        result = optex.minimize(fun, np.zeros(6), maxiter=9, callback=callback)
        np.testing.assert_array_equal(result.jac, rosenbrock(result.x)[1])
        np.testing.assert_array_equal(result.x, optex.minimize(rosenbrock, np.zeros(6), maxiter=9).x)


class Folders(unittest.TestCase):
    def test_goes_on_and_then_stays_as_it_is(self):
        whole = optex.minimize(rosenbrock, np.zeros(6), maxiter=9)
        calls = []

        def fun(x):
            calls.append(1)
            if len(calls) == 16:
                raise KeyboardInterrupt
            return rosenbrock(x)

        kept = None  # with its traceback, as a notebook keeps the last one
        try:
            optex.minimize(fun, np.zeros(6), maxiter=9, folder="run")
        except KeyboardInterrupt as interruption:
            kept = interruption
        self.assertIsNotNone(kept)
        self.assertEqual(optex.load("run").status["state"], "stopped")
        again = optex.minimize(fun, np.zeros(6), maxiter=9, folder="run")
        np.testing.assert_array_equal(again.x, whole.x)
        count = len(calls)
        same = optex.minimize(fun, np.zeros(6), maxiter=9, folder="run")
        self.assertEqual(len(calls), count)
        np.testing.assert_array_equal(same.x, whole.x)
        self.assertEqual((same.fun, same.nit), (whole.fun, 9))
        stored = optex.load("run")
        np.testing.assert_array_equal(stored.theta, whole.x)
        self.assertEqual(list(stored.metrics["iteration"]), list(range(1, 10)))
        with self.assertRaisesRegex(ValueError, "run.seed"):
            optex.minimize(fun, np.zeros(6), maxiter=9, folder="run", seed=4)
        with self.assertRaisesRegex(ValueError, "x0"):
            optex.minimize(fun, np.ones(6), maxiter=9, folder="run")


class AskAndTell(unittest.TestCase):
    def test_in_memory_is_minimize(self):
        wanted = optex.minimize(rosenbrock, np.zeros((2, 3)).reshape(-1), points=3, maxiter=20)
        run = optex.AskTell(x0=np.zeros((2, 3)), points=3, maxiter=20)
        while points := run.ask():
            for point in reversed(points):
                self.assertEqual(point.theta.shape, (2, 3))
                run.tell(point, *rosenbrock(point.theta.reshape(-1)))
        self.assertTrue(run.finished)
        np.testing.assert_array_equal(run.result.x.reshape(-1), wanted.x)
        self.assertEqual((run.result.fun, run.result.nit), (wanted.fun, wanted.nit))

    def test_a_failed_answer_may_be_replaced_and_no_other(self):
        run = optex.AskTell(x0=np.zeros(4), points=2)
        first = run.ask()[0]
        run.tell_failed(first, "out of memory")
        run.tell(first, *rosenbrock(first.theta), again=True)
        with self.assertRaisesRegex(ValueError, "has its answer"):
            run.tell(first, *rosenbrock(first.theta))
        with self.assertRaisesRegex(ValueError, "gradient has 3 numbers"):
            run.tell(1, 1.0, np.ones(3))
        with self.assertRaisesRegex(ValueError, "x0 begins a run in memory"):
            optex.AskTell("folder", x0=np.zeros(4))
        with self.assertRaisesRegex(TypeError, "needs x0, or a folder"):
            optex.AskTell()

    def test_in_a_folder_refuses_another_configuration(self):
        program = os.environ.get("OPTEX")
        if not program:
            self.skipTest("no program")
        config = "problem.name = 'external'\nproblem.dimension = 4\nproblem.initial = 'zeros'\noptimizer.learning_rate = {rate}\nstop.iterations = {n}\n"
        for name, rate, n in (("a", 0.1, 2), ("b", 0.2, 2), ("c", 0.1, 3)):
            with open(f"{name}.toml", "w", encoding="utf-8") as file:
                file.write(config.format(rate=rate, n=n))
        run = optex.AskTell("asked-run", "a.toml", program)
        run.tell(run.ask()[0], *rosenbrock(np.zeros(4)))
        optex.AskTell("asked-run", "a.toml", program)
        optex.AskTell("asked-run", "c.toml", program)
        with self.assertRaisesRegex(ValueError, "another configuration than b.toml, which differs in: optimizer.learning_rate"):
            optex.AskTell("asked-run", "b.toml", program)


if __name__ == "__main__":
    unittest.main(verbosity=1)
