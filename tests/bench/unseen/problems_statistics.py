"""Problems of statistics and machine learning: a maker returns (start, value_and_gradient)."""

import math

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve


def correlated_features(rng, samples, features, correlation=0.8):
    """Standard normal features, each correlated with the one before it."""
    table = rng.standard_normal((samples, features))
    for j in range(1, features):
        fresh = math.sqrt(1 - correlation * correlation) * table[:, j]
        table[:, j] = correlation * table[:, j - 1] + fresh
    return table


def poisson_badly_scaled():
    """Poisson regression of counts, an intercept and features in units from 0.03 to 30; d = 60."""
    rng = np.random.default_rng(1)
    samples, features = 1500, 59
    plain = correlated_features(rng, samples, features)
    weights = rng.standard_normal(features) * 0.15
    counts = rng.poisson(np.exp(0.5 + plain @ weights)).astype(float)
    units = 10 ** rng.uniform(-1.5, 1.5, features)
    shifts = rng.uniform(-0.5, 0.5, features)
    table = np.hstack([np.ones((samples, 1)), plain * units + shifts])

    def value_and_gradient(theta):
        log_mean = table @ theta
        with np.errstate(over="ignore", invalid="ignore"):
            mean = np.exp(log_mean)
            value = (mean - counts * log_mean).mean()
            gradient = table.T @ (mean - counts) / samples
        return value, gradient

    return np.zeros(features + 1), value_and_gradient


def softmax_badly_scaled():
    """Softmax regression, 8 classes, 40 features in units from 0.1 to 10, ridge 1e-4; d = 328."""
    rng = np.random.default_rng(2)
    samples, features, classes = 800, 40, 8
    ridge = 1e-4
    plain = correlated_features(rng, samples, features, 0.7)
    truth = rng.standard_normal((features, classes)) * 0.5
    labels = (plain @ truth + rng.gumbel(size=(samples, classes))).argmax(1)
    targets = np.eye(classes)[labels]
    units = 10 ** rng.uniform(-1, 1, features)
    shifts = rng.uniform(-1, 1, features)
    table = np.hstack([plain * units + shifts, np.ones((samples, 1))])
    penalised = np.ones((features + 1, 1))
    penalised[-1] = 0  # not the intercepts

    def value_and_gradient(theta):
        weights = theta.reshape(features + 1, classes)
        scores = table @ weights
        scores = scores - scores.max(1, keepdims=True)
        exponentials = np.exp(scores)
        total = exponentials.sum(1, keepdims=True)
        loss = (np.log(total[:, 0]) - (scores * targets).sum(1)).mean()
        penalty = 0.5 * ridge * (penalised * weights * weights).sum()
        gradient = table.T @ (exponentials / total - targets) / samples + ridge * penalised * weights
        return loss + penalty, gradient.ravel()

    return np.zeros((features + 1) * classes), value_and_gradient


def cox():
    """Partial likelihood of Cox's proportional hazards, censored times, ridge 1e-3; d = 90."""
    rng = np.random.default_rng(3)
    samples, features = 700, 90
    table = correlated_features(rng, samples, features, 0.6)
    table[:, ::7] *= 4
    weights = rng.standard_normal(features) * (rng.random(features) < 0.3) * 0.4
    times = rng.exponential(np.exp(-table @ weights))
    censoring = rng.exponential(np.median(times) * 1.5, samples)
    observed = times <= censoring
    times = np.minimum(times, censoring)
    order = np.argsort(-times)  # the longest first: those at risk are the ones before
    table, observed = table[order], observed[order]

    def value_and_gradient(theta):
        score = table @ theta
        largest = score.max()
        hazard = np.exp(score - largest)
        at_risk = np.cumsum(hazard)
        inverse = np.where(observed, 1 / at_risk, 0.0)
        later = np.cumsum(inverse[::-1])[::-1]  # over the events of shorter times
        loss = (np.log(at_risk[observed]) + largest - score[observed]).sum() / samples
        gradient = table.T @ (hazard * later - observed) / samples
        return loss + 0.5e-3 * theta @ theta, gradient + 1e-3 * theta

    return np.zeros(features), value_and_gradient


def completion():
    """Completion of a 120 x 90 matrix by rank 4 and biases, a quarter of it seen; d = 1050."""
    rng = np.random.default_rng(4)
    rows, columns, rank = 120, 90, 4
    left = rng.standard_normal((rows, rank))
    right = rng.standard_normal((columns, rank))
    matrix = left @ right.T + rng.standard_normal((rows, 1)) + rng.standard_normal(columns)
    matrix = matrix + 0.1 * rng.standard_normal((rows, columns))
    seen = (rng.random((rows, columns)) < 0.25) * 1.0
    matrix = matrix * seen
    sizes = [rows * rank, columns * rank, rows, columns]
    cuts = np.cumsum(sizes)[:-1]

    def value_and_gradient(theta):
        left, right, row_bias, column_bias = np.split(theta, cuts)
        left = left.reshape(rows, rank)
        right = right.reshape(columns, rank)
        residual = seen * (left @ right.T + row_bias[:, None] + column_bias) - matrix
        parts = [(residual @ right).ravel(), (residual.T @ left).ravel(), residual.sum(1), residual.sum(0)]
        value = 0.5 * (residual * residual).sum() + 0.05 * theta @ theta
        return value, np.concatenate(parts) + 0.1 * theta

    return 0.3 * rng.standard_normal((rows + columns) * (rank + 1)), value_and_gradient


def mixture():
    """Likelihood of 5 Gaussians in 4 dimensions: logits, means, log-Cholesky precisions; d = 75."""
    rng = np.random.default_rng(5)
    components, dimension, samples = 5, 4, 800
    centres = rng.standard_normal((components, dimension)) * 2.5
    groups = []
    for centre in centres:
        cloud = rng.standard_normal((samples // components, dimension))
        shape = np.eye(dimension) + 0.4 * rng.standard_normal((dimension, dimension))
        groups.append(centre + cloud @ shape)
    data = np.vstack(groups)
    lower = np.tril_indices(dimension)
    entries = len(lower[0])
    diagonal = np.flatnonzero(lower[0] == lower[1])
    cuts = [components, components + components * dimension]

    def cholesky_factor(packed):
        """C of the precision C C': lower triangular, the logarithm of its diagonal packed."""
        packed = packed.copy()
        packed[diagonal] = np.exp(packed[diagonal])
        factor = np.zeros((dimension, dimension))
        factor[lower] = packed
        return factor

    def value_and_gradient(theta):
        logits, means, packed = np.split(theta, cuts)
        means = means.reshape(components, dimension)
        packed = packed.reshape(components, entries)
        shares = np.exp(logits - logits.max())
        shares /= shares.sum()
        factors = [cholesky_factor(row) for row in packed]
        whitened = [(data - means[k]) @ factors[k] for k in range(components)]
        log_density = np.empty((samples, components))
        for k in range(components):
            constant = np.log(shares[k] + 1e-300) + packed[k][diagonal].sum()
            log_density[:, k] = constant - 0.5 * (whitened[k] * whitened[k]).sum(1)
        largest = log_density.max(1, keepdims=True)
        density = np.exp(log_density - largest)
        total = density.sum(1, keepdims=True)
        membership = density / total

        logit_gradient = -(membership.mean(0) - shares)
        mean_gradient = np.empty((components, dimension))
        packed_gradient = np.empty((components, entries))
        for k in range(components):
            weighted = membership[:, k:k + 1] * whitened[k]
            mean_gradient[k] = -(weighted.sum(0) @ factors[k].T) / samples
            row = ((data - means[k]).T @ weighted / samples)[lower]
            row[diagonal] = row[diagonal] * factors[k][lower][diagonal] - membership[:, k].mean()
            packed_gradient[k] = row

        penalty = 0.5e-3 * (packed * packed).sum() + 0.5e-3 * (logits * logits).sum()
        value = -(np.log(total) + largest).mean() + penalty
        parts = [
            logit_gradient + 1e-3 * logits,
            mean_gradient.ravel(),
            (packed_gradient + 1e-3 * packed).ravel(),
        ]
        return value, np.concatenate(parts)

    means = data[rng.choice(samples, components, False)]
    start = np.concatenate([np.zeros(components), means.ravel(), np.zeros(components * entries)])
    return start, value_and_gradient


def gp_hyper():
    """Marginal likelihood of a Gaussian process: 60 length scales, amplitude, noise; d = 62."""
    rng = np.random.default_rng(6)
    samples, features = 130, 60
    inputs = rng.standard_normal((samples, features))
    outputs = np.sin(2 * inputs[:, 0]) + inputs[:, 1] * inputs[:, 2] + 0.5 * inputs[:, 3] ** 2
    outputs = outputs + inputs[:, 4:10] @ rng.standard_normal(6) * 0.3
    outputs = outputs + 0.1 * rng.standard_normal(samples)
    outputs = (outputs - outputs.mean()) / outputs.std()
    start = np.concatenate([np.full(features, math.log(6.0)), [0.0, math.log(0.3)]])

    def value_and_gradient(theta):
        inverse_squares = np.exp(-2 * theta[:features])
        amplitude = np.exp(2 * theta[features])
        noise = np.exp(2 * theta[features + 1])
        products = (inputs * inverse_squares) @ inputs.T
        norms = np.diag(products)
        distances = np.maximum(norms[:, None] + norms - 2 * products, 0)
        kernel = amplitude * np.exp(-0.5 * distances)
        covariance = kernel.copy()
        covariance[np.diag_indices(samples)] += noise + 1e-8
        try:
            factor = cho_factor(covariance, lower=True)
        except (LinAlgError, ValueError):  # not positive definite, or not finite
            return np.nan, np.full(features + 2, np.nan)
        weights = cho_solve(factor, outputs)
        inner = cho_solve(factor, np.eye(samples)) - np.outer(weights, weights)
        product = inner * kernel
        sums = product.sum(1)
        crossed = ((product @ inputs) * inputs).sum(0)
        gradient = np.empty(features + 2)
        gradient[:features] = 0.5 * (2 * (sums @ (inputs * inputs)) - 2 * crossed) * inverse_squares
        gradient[features] = sums.sum()
        gradient[features + 1] = noise * np.trace(inner)
        value = 0.5 * outputs @ weights + np.log(np.diag(factor[0])).sum()
        moved = theta - start
        return (value + 0.05 * moved @ moved) / samples, (gradient + 0.1 * moved) / samples

    return start.copy(), value_and_gradient


def tanh_net():
    """Regression by a network 5-16-16-1 of tanh units, full batch, weight decay 1e-4; d = 385."""
    rng = np.random.default_rng(7)
    samples, inputs, hidden = 400, 5, 16
    data = rng.uniform(-1, 1, (samples, inputs))
    targets = np.sin(3 * data[:, 0] * data[:, 1]) + data[:, 2] ** 2 - np.abs(data[:, 3]) + 0.3 * data[:, 4]
    targets = (targets - targets.mean()) / targets.std()
    shapes = [(inputs, hidden), (hidden,), (hidden, hidden), (hidden,), (hidden, 1), (1,)]
    cuts = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]

    def value_and_gradient(theta):
        pieces = [piece.reshape(shape) for piece, shape in zip(np.split(theta, cuts), shapes)]
        weights1, bias1, weights2, bias2, weights3, bias3 = pieces
        layer1 = np.tanh(data @ weights1 + bias1)
        layer2 = np.tanh(layer1 @ weights2 + bias2)
        residual = (layer2 @ weights3)[:, 0] + bias3[0] - targets
        back3 = residual[:, None] / samples
        back2 = back3 @ weights3.T * (1 - layer2 * layer2)
        back1 = back2 @ weights2.T * (1 - layer1 * layer1)
        parts = [
            (data.T @ back1).ravel(), back1.sum(0),
            (layer1.T @ back2).ravel(), back2.sum(0),
            (layer2.T @ back3).ravel(), back3.sum(0),
        ]
        value = 0.5 * (residual @ residual) / samples + 0.5e-4 * theta @ theta
        return value, np.concatenate(parts) + 1e-4 * theta

    def first(shape):
        width = 1 / math.sqrt(shape[0]) if len(shape) == 2 else 0  # biases begin at 0
        return (rng.standard_normal(shape) * width).ravel()

    return np.concatenate([first(shape) for shape in shapes]), value_and_gradient


def mds():
    """Stress of 80 points in the plane whose distances come from 6 dimensions; d = 160."""
    rng = np.random.default_rng(9)
    points = 80
    truth = rng.standard_normal((points, 6)) * [3, 2, 1, 0.5, 0.3, 0.2]
    distances = np.sqrt(((truth[:, None] - truth) ** 2).sum(-1))

    def value_and_gradient(theta):
        places = theta.reshape(points, 2)
        difference = places[:, None] - places
        length = np.sqrt((difference * difference).sum(-1) + 1e-6)
        residual = length - distances
        residual[np.diag_indices(points)] = 0
        gradient = ((residual / length)[..., None] * difference).sum(1)
        return 0.25 * (residual * residual).sum(), gradient.ravel()

    return (truth[:, :2] + 0.5 * rng.standard_normal((points, 2))).ravel(), value_and_gradient


def huber_tikhonov():
    """An ill-posed integral equation with outliers, smoothed Huber loss, Tikhonov; d = 300."""
    rng = np.random.default_rng(26)
    cells = 300
    width = 0.02
    place = np.linspace(-6, 6, cells)
    apart = place[:, None] - place
    kernel = np.where(np.abs(apart) < 3, 1 + np.cos(np.pi * apart / 3), 0) * 12 / cells
    truth = np.exp(-place ** 2 / 4) + 0.6 * np.exp(-(place - 3) ** 2)
    measured = kernel @ truth + 0.01 * rng.standard_normal(cells)
    measured[rng.choice(cells, 20, False)] += 2 * rng.standard_normal(20)
    second_differences = np.diff(np.eye(cells), 2, 0)

    def value_and_gradient(theta):
        residual = kernel @ theta - measured
        smoothed = np.sqrt(residual * residual + width * width)
        curvature = second_differences @ theta
        value = (smoothed - width).sum() + 5.0 * curvature @ curvature
        gradient = kernel.T @ (residual / smoothed) + 10.0 * (second_differences.T @ curvature)
        return value, gradient

    return np.zeros(cells), value_and_gradient
