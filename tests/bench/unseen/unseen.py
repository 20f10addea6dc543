#!/usr/bin/env python3
"""Rounds of OptEx on problems written after its rule was made, beside L-BFGS of SciPy and of PETSc/TAO.

Nothing was tuned on these problems (problems.py), but for the share of the chain and the length of the ladder
at N < 8, which were chosen on twelve of them. A round is a batch of gradients computed side by side; for
L-BFGS it is one gradient. The table has the rounds until 1e-2/1e-4/1e-6/1e-8 of the gap F0 - F* is left, the
gradient of the start counted:

    PYTHONPATH=.../share/optex/python python3 unseen.py --points 2,4,8,16,32 [--only cox,mds] [--rounds 400]

F0 is F at the start, F* the F of the minimum that a long run of L-BFGS and then Newton's method reach from
there, both in reference_values.json ("start", "lowest"). "-": not reached in --rounds, or before the run
ended by itself; "?": not reached in --seconds of processor time; *: several minima, a run may end in another
one, also a lower one.

Below the table stand the geometric means of the rounds of L-BFGS over those of N. A gap that L-BFGS misses
counts as --rounds, one that N misses as a ratio of 0.5; where both miss it, or time ran out, it is left out.
Needs NumPy and SciPy, and petsc4py for TAO.
"""

import argparse
import json
import math
import pathlib
import sys
import time
import warnings

import numpy as np
import scipy.optimize

import optex
from problems import PROBLEMS

try:
    from petsc4py import PETSc
except ImportError:
    PETSc = None

GAPS = (1e-2, 1e-4, 1e-6, 1e-8)
GAP_NAMES = ("1e-2", "1e-4", "1e-6", "1e-8")
MEMORY = 60
MISSED = math.inf  # not reached in the rounds allowed
UNKNOWN = math.nan  # not reached, for time ran out
RATIO_OF_A_MISS = 0.5
SCIPY, TAO, OWN = "scipy", "tao", 1  # the columns; N points: N
TAO_CONTINUE, TAO_CONVERGED_USER = 0, 8  # as PETSc numbers them, petsc4py names them differently over time


class Finished(Exception):
    """Ends a run of SciPy from inside its objective."""


class Record:
    """F of a problem and its gradient, with the lowest F after each round; also the executor of OptEx."""

    def __init__(self, value_and_gradient, reference, rounds, seconds):
        self.value_and_gradient = value_and_gradient
        self.at_start, self.at_minimum = reference["start"], reference["lowest"]
        self.rounds = rounds
        self.begin, self.seconds = time.process_time(), seconds
        self.lowest = math.inf
        self.history = []
        self.timed_out = False
        self.error = None

    def __call__(self, theta):
        value, gradient = self.value_and_gradient(theta)
        if np.isfinite(value) and np.isfinite(gradient).all():
            self.lowest = min(self.lowest, value)
        return value, gradient

    def map(self, function, points):
        """What OptEx calls once a round."""
        answers = [function(point) for point in points]
        if answers:
            self.history.append(self.lowest)
        return answers

    def one(self, theta):
        """One gradient, as a round of its own, finite also where F has no value."""
        value, gradient = self(theta)
        self.history.append(self.lowest)
        if np.isfinite(value) and np.isfinite(gradient).all():
            return value, gradient
        return 1e30, np.nan_to_num(gradient)

    def within(self, value, gap):
        """Whether no more than this part of F0 - F* is left."""
        return value - self.at_minimum <= gap * (self.at_start - self.at_minimum)

    @property
    def out_of_time(self):
        return time.process_time() - self.begin > self.seconds

    @property
    def over(self):
        return len(self.history) >= self.rounds or self.within(self.lowest, GAPS[-1]) or self.out_of_time

    def hits(self):
        """Rounds to each gap, MISSED or UNKNOWN; a run that failed has missed what it did not reach."""
        missed = UNKNOWN if self.error is None and self.timed_out else MISSED
        history = self.history[:self.rounds]
        return [
            next((number for number, value in enumerate(history, 1) if self.within(value, gap)), missed)
            for gap in GAPS
        ]

    def finish(self):
        """Closes the run: its time does not go on."""
        self.timed_out = self.out_of_time and len(self.history) < self.rounds


def run_scipy(record, start):
    """SciPy's L-BFGS-B without bounds, until the record is over."""
    def objective(theta):
        answer = record.one(theta)
        if record.over:
            raise Finished
        return answer

    options = {"maxcor": MEMORY, "ftol": 0, "gtol": 0, "maxiter": 10 ** 6, "maxfun": 10 ** 6}
    try:
        scipy.optimize.minimize(objective, start, jac=True, method="L-BFGS-B", options=options)
    except Finished:
        pass


def run_tao(record, start):
    """TAO's blmvm without bounds, until the record is over."""
    solver = PETSc.TAO().create(PETSc.COMM_SELF)
    solver.setOptionsPrefix("unseen_")
    PETSc.Options()["unseen_tao_blmvm_mat_lmvm_hist_size"] = MEMORY
    theta = PETSc.Vec().createSeq(start.size)
    theta.setArray(start)

    def objective(_, theta, gradient):
        value, slope = record.one(theta.getArray(readonly=1).copy())
        gradient.setArray(slope)
        return value

    def converged(solver):
        ended = record.over or solver.getIterationNumber() >= record.rounds
        solver.setConvergedReason(TAO_CONVERGED_USER if ended else TAO_CONTINUE)

    solver.setObjectiveGradient(objective, theta.duplicate())
    solver.setType("blmvm")
    solver.setTolerances(0, 0, 0)
    solver.setMaximumIterations(record.rounds)
    solver.setMaximumFunctionEvaluations(record.rounds)
    solver.setFromOptions()
    solver.setConvergenceTest(converged)
    solver.setSolution(theta)
    solver.solve()


def run_optex(record, start, points):
    """OptEx with all its defaults but one thread, until the record is over."""
    def callback(intermediate_result):
        if record.over:
            raise StopIteration

    optex.minimize(record, start, points=points, executor=record, callback=callback, maxiter=record.rounds,
                   progress=False, options={"parallel.threads": 1})


def run(column, value_and_gradient, start, reference, arguments):
    """One run: its Record, with the error that ended it, if one did."""
    record = Record(value_and_gradient, reference, arguments.rounds, arguments.seconds)
    try:
        if column == SCIPY:
            run_scipy(record, start.copy())
        elif column == TAO:
            run_tao(record, start.copy())
        else:
            run_optex(record, start.copy(), column)
    except Exception as error:
        record.error = f"{type(error).__name__}: {error}"
    record.finish()
    return record


def cell(record):
    """Rounds to the gaps as text, such as 5/9/14/-."""
    words = ["?" if math.isnan(hit) else "-" if hit == MISSED else str(hit) for hit in record.hits()]
    return "/".join(words) + (f" ({one_line(record.error)})" if record.error else "")


def one_line(text):
    return " ".join(text.split()).replace("|", "/")[:120]


def ratio(reference, rounds, cap):
    """Rounds of L-BFGS over those of N, or None where it does not count."""
    if math.isnan(reference) or math.isnan(rounds):
        return None
    if rounds == MISSED:
        return None if reference == MISSED else RATIO_OF_A_MISS
    return min(reference, cap) / rounds


def mean_line(results, references, column, cap):
    """A table row: for each gap the geometric mean over the problems, the smallest and its problem."""
    cells = []
    for place in range(len(GAPS)):
        ratios = []
        for name, hits in results.items():
            reference = np.min([hits[other][place] for other in references])  # UNKNOWN if one of them is
            found = ratio(reference, hits[column][place], cap)
            if found is not None:
                ratios.append((found, name))
        if not ratios:
            cells.append("-")
            continue
        mean = math.exp(sum(math.log(value) for value, _ in ratios) / len(ratios))
        smallest, name = min(ratios)
        cells.append(f"{mean:.2f} ({smallest:.2f} {name}, {len(ratios)})")
    return f"| {column} | {' | '.join(cells)} |"


def print_means(title, results, references, columns, cap):
    print(f"\n{title} (the smallest and its problem, problems counted):\n")
    print("| N | " + " | ".join(GAP_NAMES) + " |")
    print("|--:" + "|---" * len(GAPS) + "|")
    for column in columns:
        print(mean_line(results, references, column, cap))


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", default="2,4,8,16,32", help="the N to run, 2,4,8,16,32 by default")
    parser.add_argument("--only", default="", help="names of problems, all by default")
    parser.add_argument("--rounds", type=int, default=400, help="rounds of a run, 400 by default")
    parser.add_argument("--seconds", type=float, default=110, help="processor time of a run, 110 by default")
    arguments = parser.parse_args()
    try:
        arguments.points = [int(word) for word in arguments.points.split(",")]
    except ValueError:
        parser.error(f"--points must be numbers with commas between, found {arguments.points}")
    if min(arguments.points) < 1 or arguments.rounds < 1:
        parser.error("--points and --rounds must be at least 1")
    arguments.points = [points for points in dict.fromkeys(arguments.points) if points != OWN]
    arguments.only = arguments.only.split(",") if arguments.only else list(PROBLEMS)
    for name in arguments.only:
        if name not in PROBLEMS:
            parser.error(f"no problem {name}; there are {', '.join(PROBLEMS)}")
    return arguments


def main():
    arguments = read_arguments()
    warnings.simplefilter("ignore")  # where F overflows, its own answer says so
    references = json.loads(pathlib.Path(__file__).with_name("reference_values.json").read_text())
    columns = [SCIPY, TAO, OWN, *arguments.points]
    titles = [f"SciPy L-BFGS-B {MEMORY}", f"TAO blmvm {MEMORY}", *(f"N = {points}" for points in columns[2:])]
    if PETSc is None:
        print("petsc4py cannot be imported: the column of TAO is left empty.\n")
    print("| problem | d | " + " | ".join(titles) + " |")
    print("|---|--:" + "|---" * len(titles) + "|", flush=True)

    results = {}
    failures = 0
    for name in arguments.only:
        try:
            start, value_and_gradient = PROBLEMS[name]()
            reference = references[name]
        except Exception as error:
            failures += 1
            print(f"| {name} | | {one_line(f'{type(error).__name__}: {error}')} |", flush=True)
            continue
        star = " *" if reference["several_minima"] else ""
        print(f"| {name}{star} | {start.size} |", end="", flush=True)
        results[name] = {}
        for column in columns:
            if column == TAO and PETSc is None:
                print(" |", end="", flush=True)
                continue
            record = run(column, value_and_gradient, start, reference, arguments)
            failures += record.error is not None
            results[name][column] = record.hits()
            print(f" {cell(record)} |", end="", flush=True)
        print(flush=True)

    title = f"Geometric means of min(N = 1, SciPy {MEMORY}) / N"
    if arguments.points:
        print_means(title, results, [OWN, SCIPY], arguments.points, arguments.rounds)
    if PETSc is not None:
        title = f"Geometric means of TAO blmvm {MEMORY} / N"
        print_means(title, results, [TAO], columns[2:], arguments.rounds)
    if failures:
        print(f"\nErrors: {failures}, in the table; what such a run did not reach counts as missed.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
