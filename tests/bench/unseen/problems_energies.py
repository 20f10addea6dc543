"""Energies, optimal decisions and test functions: a maker returns (start, value_and_gradient)."""

import math

import numpy as np


def lennard_jones():
    """55 Lennard-Jones atoms from a swollen, shaken piece of a crystal; d = 165."""
    rng = np.random.default_rng(10)
    atoms = 55
    near = range(-3, 4)
    lattice = [(i, j, k) for i in near for j in near for k in near if (i + j + k) % 2 == 0]
    sites = np.array(lattice, float)
    order = np.argsort((sites * sites).sum(1), kind="stable")
    sites = sites[order][:atoms] * 1.12 * 2 ** (1 / 6) / math.sqrt(2)
    start = (sites + 0.05 * rng.standard_normal(sites.shape)).ravel()
    first, second = np.triu_indices(atoms, 1)

    def value_and_gradient(theta):
        places = theta.reshape(atoms, 3)
        difference = places[first] - places[second]
        square = (difference * difference).sum(1)
        with np.errstate(all="ignore"):
            attraction = 1 / square ** 3
            factor = (24 * attraction - 48 * attraction * attraction) / square
            force = factor[:, None] * difference
            gradient = np.zeros((atoms, 3))
            for k in range(3):
                gradient[:, k] = np.bincount(first, force[:, k], atoms)
                gradient[:, k] -= np.bincount(second, force[:, k], atoms)
            return 4 * (attraction * attraction - attraction).sum(), gradient.ravel()

    return start, value_and_gradient


def p_laplacian():
    """The p-Laplacian with p = 4 on a grid of 40 x 40, degenerate where flat; d = 1600."""
    side = 40
    width = 1 / (side + 1)
    inner = np.arange(1, side + 1) * width
    across, along = np.meshgrid(inner, inner)
    load = 1 + 3 * np.sin(2 * np.pi * across) * along

    def value_and_gradient(theta):
        field = np.zeros((side + 2, side + 2))
        field[1:-1, 1:-1] = theta.reshape(side, side)
        down = (field[1:, :-1] - field[:-1, :-1]) / width
        right = (field[:-1, 1:] - field[:-1, :-1]) / width
        slope = down * down + right * right + 1e-8  # squared
        factor = width * slope
        gradient = np.zeros_like(field)
        gradient[1:, :-1] += factor * down
        gradient[:-1, :-1] -= factor * (down + right)
        gradient[:-1, 1:] += factor * right
        work = (load * theta.reshape(side, side)).sum()
        value = width * width * ((slope * slope).sum() / 4 - work)
        return value, (gradient[1:-1, 1:-1] - width * width * load).ravel()

    return (0.2 * np.sin(np.pi * across) * np.sin(np.pi * along)).ravel(), value_and_gradient


def allen_cahn():
    """Energy of a phase field on a periodic grid of 48 x 48, weakly tilted; d = 2304."""
    rng = np.random.default_rng(17)
    side = 48
    width = 1 / side
    thickness = 0.05
    noise = np.fft.rfft2(rng.standard_normal((side, side)))
    waves = np.fft.fftfreq(side) * side
    square = waves[:, None] ** 2 + np.arange(side // 2 + 1) ** 2
    start = np.fft.irfft2(noise * np.exp(-square / 20), (side, side))
    start /= np.abs(start).max()

    def value_and_gradient(theta):
        field = theta.reshape(side, side)
        after_down, after_right = np.roll(field, -1, 0), np.roll(field, -1, 1)
        down, right = after_down - field, after_right - field
        well = field * field - 1
        bulk = width * width / thickness
        value = thickness / 2 * (down * down + right * right).sum()
        value += bulk * (0.25 * (well * well).sum() + 0.2 * field.sum())
        laplacian = 4 * field - np.roll(field, 1, 0) - after_down - np.roll(field, 1, 1) - after_right
        return value, (thickness * laplacian + bulk * (well * field + 0.2)).ravel()

    return start.ravel(), value_and_gradient


def bratu_large():
    """A semilinear elliptic energy on 120 x 120, a coefficient with jumps; d = 14,400."""
    side = 120
    width = 1 / (side + 1)
    coefficient = np.ones((side + 2, side + 2))
    coefficient[30:70, 20:90] = 50.0
    coefficient[80:110, 80:100] = 0.02
    between_rows = 0.5 * (coefficient[1:, 1:-1] + coefficient[:-1, 1:-1])
    between_columns = 0.5 * (coefficient[1:-1, 1:] + coefficient[1:-1, :-1])

    def value_and_gradient(theta):
        field = np.zeros((side + 2, side + 2))
        field[1:-1, 1:-1] = theta.reshape(side, side)
        down = field[1:, 1:-1] - field[:-1, 1:-1]
        right = field[1:-1, 1:] - field[1:-1, :-1]
        flow_down, flow_right = between_rows * down, between_columns * right
        inner = field[1:-1, 1:-1]
        decay = np.exp(-inner)
        value = 0.5 * ((flow_down * down).sum() + (flow_right * right).sum())
        value += width * width * (decay.sum() - 2 * inner.sum())
        balance = flow_down[:-1] - flow_down[1:] + flow_right[:, :-1] - flow_right[:, 1:]
        return value, (balance - width * width * (decay + 2)).ravel()

    return np.zeros(side * side), value_and_gradient


def transport():
    """Entropic optimal transport of 150 points, semi-dual, smoothed at 2 % of the mean cost; d = 150."""
    rng = np.random.default_rng(18)
    points = 150
    origins = rng.standard_normal((points, 2))
    goals = rng.standard_normal((points, 2)) @ [[0.5, 0.2], [0, 0.8]] + [1.5, 0]
    cost = ((origins[:, None] - goals) ** 2).sum(-1)
    cost /= cost.mean()
    smoothing = 0.02
    supply = np.full(points, 1 / points)
    demand = rng.dirichlet(np.full(points, 3.0))

    def value_and_gradient(theta):
        score = (theta - cost) / smoothing
        largest = score.max(1, keepdims=True)
        exponentials = np.exp(score - largest)
        total = exponentials.sum(1, keepdims=True)
        soft_maximum = smoothing * (supply @ (np.log(total[:, 0]) + largest[:, 0]))
        value = soft_maximum - demand @ theta + 0.5e-3 * theta.mean() ** 2
        return value, supply @ (exponentials / total) - demand + 1e-3 * theta.mean() / points

    return np.zeros(points), value_and_gradient


def log_barrier():
    """A long-only portfolio, a log barrier on 300 limits, not finite outside; d = 120."""
    rng = np.random.default_rng(19)
    assets, limits = 120, 300
    barrier = 1e-4
    loadings = rng.standard_normal((assets, 8)) * 0.3
    covariance = loadings @ loadings.T + np.diag(rng.uniform(0.01, 0.1, assets))
    returns = rng.uniform(0, 0.3, assets)
    shape = (limits - assets, assets)
    groups = rng.random(shape) * (rng.random(shape) < 0.2)
    room = groups.sum(1) / assets * rng.uniform(1.02, 3, limits - assets) + 1e-3
    matrix = np.vstack([-np.eye(assets), groups])
    bounds = np.concatenate([np.zeros(assets), room])

    def value_and_gradient(theta):
        slack = bounds - matrix @ theta
        if slack.min() <= 0:
            return np.inf, np.full(assets, np.nan)
        risk = covariance @ theta
        value = 0.5 * theta @ risk - returns @ theta - barrier * np.log(slack).sum()
        return value, risk - returns + barrier * (matrix.T @ (1 / slack))

    return np.full(assets, 1 / assets), value_and_gradient


def trigonometric(size=200):
    """The trigonometric function, number 26 of More, Garbow and Hillstrom; d = 200."""
    number = np.arange(1, size + 1)

    def value_and_gradient(theta):
        cosine, sine = np.cos(theta), np.sin(theta)
        residual = size - cosine.sum() + number * (1 - cosine) - sine
        gradient = 2 * (residual.sum() * sine + residual * (number * sine - cosine))
        return residual @ residual, gradient

    return np.full(size, 1 / size), value_and_gradient


def nondquar(size=500):
    """NONDQUAR of CUTEst, degenerate at its minimum; d = 500."""

    def value_and_gradient(theta):
        sums = theta[:-2] + theta[1:-1] + theta[-1]
        first = theta[0] - theta[1]
        last = theta[-2] + theta[-1]
        gradient = np.zeros(size)
        gradient[:-2] += 4 * sums ** 3
        gradient[1:-1] += 4 * sums ** 3
        gradient[-1] += 4 * (sums ** 3).sum()
        gradient[0] += 2 * first
        gradient[1] -= 2 * first
        gradient[-2:] += 2 * last
        return (sums ** 4).sum() + first * first + last * last, gradient

    return np.where(np.arange(size) % 2, -1.0, 1.0), value_and_gradient


def curly10(size=400, neighbours=10):
    """CURLY10 of CUTEst: q^4 - 20 q^2 - 0.1 q of the sums q of 11 neighbours; d = 400."""
    end = np.minimum(np.arange(size) + neighbours + 1, size)
    begin = np.maximum(np.arange(size) - neighbours, 0)

    def value_and_gradient(theta):
        running = np.concatenate([[0], np.cumsum(theta)])
        sums = running[end] - running[:size]
        slope = 4 * sums ** 3 - 40 * sums - 0.1
        running_slope = np.concatenate([[0], np.cumsum(slope)])
        value = (sums ** 4 - 20 * sums * sums - 0.1 * sums).sum()
        return value, running_slope[1:] - running_slope[begin]

    return 1e-4 * np.arange(1, size + 1) / (size + 1), value_and_gradient
