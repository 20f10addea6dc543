"""Eight problems written after L-BFGS and the model had learnt to learn a diagonal: nothing was chosen on them."""

import numpy as np


def _seeded(seed):
    return np.random.default_rng(seed)


def scaled_logistic():
    """Logistic regression, 400 samples, 90 features in units that differ by e^1.5, a ridge in those units."""
    random = _seeded(1)
    units = np.exp(random.normal(0, 1.5, 90))
    features = random.normal(size=(400, 90)) * units
    weights = random.normal(size=90) / units
    labels = np.where(random.random(400) < 1 / (1 + np.exp(-features @ weights)), 1.0, -1.0)

    def value_and_gradient(theta):
        margins = labels * (features @ theta)
        value = np.logaddexp(0, -margins).mean() + 5e-4 * np.sum((units * theta) ** 2)
        return value, -features.T @ (labels / (1 + np.exp(margins))) / 400 + 1e-3 * units**2 * theta

    return np.zeros(90), value_and_gradient


def hanging_chain():
    """75 masses on springs of very different stiffness, in the plane, between two fixed ends."""
    random = _seeded(2)
    stiffness = np.exp(random.normal(2, 1, 76))
    weight = np.exp(random.normal(-2, 1, 75))
    length = 0.02

    def value_and_gradient(theta):
        places = np.vstack([[0, 0], theta.reshape(75, 2), [1, 0.2]])
        between = np.diff(places, axis=0)
        lengths = np.sqrt((between**2).sum(1) + 1e-12)
        stretch = lengths - length
        value = 0.5 * (stiffness * stretch**2).sum() / length + (weight * places[1:-1, 1]).sum()
        force = (stiffness * stretch / lengths / length)[:, None] * between
        gradient = force[:-1] - force[1:]
        gradient[:, 1] += weight
        return value, gradient.ravel()

    along = np.linspace(0, 1, 77)[1:-1]
    return np.c_[along, 0.2 * along - 0.3 * np.sin(np.pi * along)].ravel(), value_and_gradient


def poisson_boltzmann():
    """A charged wall in an electrolyte: linear elements on 200 nodes as they fell, two dielectrics."""
    random = _seeded(3)
    nodes = np.r_[0, np.sort(random.random(200) ** 2), 1]
    widths = np.diff(nodes)
    share = 10.0 * (widths[1:] + widths[:-1])
    dielectric = np.where(nodes[1:] > 0.5, 10.0, 0.1)

    def value_and_gradient(theta):
        slopes = np.diff(np.r_[1.0, theta, 0.0]) / widths
        flux = dielectric * slopes
        value = 0.5 * (widths * flux * slopes).sum() + (share * np.cosh(theta)).sum()
        return value, flux[:-1] - flux[1:] + share * np.sinh(theta)

    return np.zeros(200), value_and_gradient


def positive_factors():
    """A positive 20 x 25 matrix as a product of positive factors of rank 4, in Kullback-Leibler divergence."""
    random = _seeded(4)
    matrix = np.exp(random.normal(size=(20, 4))) @ np.exp(random.normal(size=(4, 25)))

    def value_and_gradient(theta):
        left, right = np.exp(theta[:80]).reshape(20, 4), np.exp(theta[80:]).reshape(4, 25)
        product = left @ right
        value = (product - matrix * np.log(product)).mean() + 1e-3 * theta @ theta
        change = (1 - matrix / product) / matrix.size
        gradient = np.r_[((change @ right.T) * left).ravel(), ((left.T @ change) * right).ravel()]
        return value, gradient + 2e-3 * theta

    return 0.1 * random.normal(size=180), value_and_gradient


def robot_arm():
    """The angles of an arm of four links at 35 times: its hand along an arc, smoothly."""
    links = np.array([1.0, 0.8, 0.5, 0.3])
    times = np.linspace(0, 4, 35)
    wanted = np.c_[1.2 + 0.5 * np.cos(times), 0.4 + 0.6 * np.sin(times)]

    def value_and_gradient(theta):
        angles = theta.reshape(35, 4)
        heading = np.cumsum(angles, 1)
        miss = np.c_[(links * np.cos(heading)).sum(1), (links * np.sin(heading)).sum(1)] - wanted
        bend = np.diff(angles, axis=0, n=2)
        value = 50 * (miss**2).sum() + 5 * (bend**2).sum() + 1e-3 * (angles**2).sum()
        of_heading = 100 * links * (miss[:, 1:] * np.cos(heading) - miss[:, :1] * np.sin(heading))
        gradient = np.cumsum(of_heading[:, ::-1], 1)[:, ::-1] + 2e-3 * angles
        gradient[2:] += 10 * bend
        gradient[1:-1] -= 20 * bend
        gradient[:-2] += 10 * bend
        return value, gradient.ravel()

    return np.full(140, 0.3), value_and_gradient


def hierarchy():
    """Binomial counts in 60 groups: their mean, the logarithm of their spread, and each one's own deviation."""
    random = _seeded(5)
    effects = random.normal(size=60) * 1.5
    trials = random.integers(5, 200, (60, 12))
    counts = random.binomial(trials, 1 / (1 + np.exp(-effects[:, None] - 0.3 * random.normal(size=(60, 12)))))
    trials, counts = trials.sum(1), counts.sum(1)

    def value_and_gradient(theta):
        mean, log_spread, own = theta[0], theta[1], theta[2:]
        spread = np.exp(log_spread)
        logits = mean + spread * own
        value = (trials * np.logaddexp(0, logits) - counts * logits).sum()
        value += 0.5 * own @ own + 0.5 * log_spread**2 + 0.05 * mean**2
        slopes = trials / (1 + np.exp(-logits)) - counts
        gradient = np.r_[slopes.sum() + 0.1 * mean, (slopes * own).sum() * spread + log_spread, slopes * spread + own]
        return value / 60, gradient / 60

    return np.zeros(62), value_and_gradient


def maximum_entropy():
    """The dual of a density with 45 moments given, powers and cosines, which nearly depend on each other."""
    random = _seeded(6)
    points = random.random(2000)
    features = np.vstack([points**j for j in range(1, 16)] + [np.cos(j * np.pi * points) for j in range(1, 31)])
    density = np.exp(-8 * (points - 0.3) ** 2)
    moments = features @ (density / density.sum()) + 1e-4 * random.normal(size=45)

    def value_and_gradient(theta):
        exponents = theta @ features
        most = exponents.max()
        weights = np.exp(exponents - most)
        value = most + np.log(weights.mean()) - theta @ moments + 5e-5 * theta @ theta
        return value, features @ (weights / weights.sum()) - moments + 1e-4 * theta

    return np.zeros(45), value_and_gradient


def scaled_quartic():
    """A quartic in 120 coordinates whose units are log-normal, neighbours coupled."""
    random = _seeded(7)
    curvature = np.exp(random.normal(size=120))
    coupling = 0.3 * np.sqrt(curvature[1:] * curvature[:-1])

    def value_and_gradient(theta):
        pulled = curvature * theta
        pulled[1:] += coupling * theta[:-1]
        pulled[:-1] += coupling * theta[1:]
        value = 0.5 * theta @ pulled + 0.02 * (curvature * theta**4).sum() - 0.1 * theta.sum()
        return value, pulled + 0.08 * curvature * theta**3 - 0.1

    return np.full(120, 3.0), value_and_gradient
