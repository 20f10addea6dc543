"""Inverse problems, what was measured to be explained: a maker returns (start, value_and_gradient)."""

import math

import numpy as np


def cross_matrices(vectors):
    """The matrices [v]x with [v]x u = v x u."""
    matrices = np.zeros(vectors.shape[:-1] + (3, 3))
    matrices[..., 0, 1] = -vectors[..., 2]
    matrices[..., 0, 2] = vectors[..., 1]
    matrices[..., 1, 0] = vectors[..., 2]
    matrices[..., 1, 2] = -vectors[..., 0]
    matrices[..., 2, 0] = -vectors[..., 1]
    matrices[..., 2, 1] = vectors[..., 0]
    return matrices


def rotations_and_jacobians(vectors):
    """The rotations exp([w]x) of rotation vectors w, and their right Jacobians."""
    square = (vectors * vectors).sum(-1)
    angle = np.sqrt(square + 1e-30)
    sine = np.sin(angle) / angle
    cosine = np.where(square < 1e-8, 0.5 - square / 24, (1 - np.cos(angle)) / (square + 1e-30))
    cubic = (angle - np.sin(angle)) / (square * angle + 1e-30)
    cubic = np.where(square < 1e-6, 1 / 6 - square / 120, cubic)
    sine, cosine, cubic = sine[:, None, None], cosine[:, None, None], cubic[:, None, None]
    cross = cross_matrices(vectors)
    rotations = np.eye(3) + sine * cross + cosine * cross @ cross
    jacobians = np.eye(3) - cosine * cross + cubic * cross @ cross
    return rotations, jacobians


def bundle():
    """Bundle adjustment, 10 cameras and 60 points, Cauchy loss, gauge free; d = 240."""
    rng = np.random.default_rng(8)
    cameras, points = 10, 60
    focal = 500.0
    turns = rng.standard_normal((cameras, 3)) * 0.25
    sideways = rng.standard_normal((cameras, 2)) * 0.6
    shifts = np.hstack([sideways, np.full((cameras, 1), 6.0) + 0.5 * rng.standard_normal((cameras, 1))])
    places = rng.uniform(-1.5, 1.5, (points, 3))

    def project(rotations, shifts, places):
        seen_from = np.einsum("cij,pj->cpi", rotations, places) + shifts[:, None]
        return seen_from, focal * seen_from[..., :2] / seen_from[..., 2:]

    _, pixels = project(rotations_and_jacobians(turns)[0], shifts, places)
    pixels = pixels + rng.standard_normal(pixels.shape) * 1.0
    seen = (rng.random((cameras, points)) < 0.7) * 1.0

    def value_and_gradient(theta):
        turns = theta[:3 * cameras].reshape(cameras, 3)
        shifts = theta[3 * cameras:6 * cameras].reshape(cameras, 3)
        places = theta[6 * cameras:].reshape(points, 3)
        rotations, jacobians = rotations_and_jacobians(turns)
        seen_from, projected = project(rotations, shifts, places)
        residual = projected - pixels
        relative = (residual * residual).sum(-1) / 25.0  # a width of 5 pixels
        value = (seen * 25.0 * np.log1p(relative)).sum() / 2
        pull = (seen / (1 + relative))[..., None] * residual
        inverse_depth = 1 / seen_from[..., 2]
        force = np.empty_like(seen_from)
        force[..., :2] = focal * pull * inverse_depth[..., None]
        force[..., 2] = -(pull * projected).sum(-1) * inverse_depth
        place_gradient = np.einsum("cpi,cij->pj", force, rotations)
        turned_back = np.einsum("cpi,cij->cpj", force, rotations)
        torque = np.cross(places[None], turned_back).sum(1)
        turn_gradient = np.einsum("cji,cj->ci", jacobians, torque)
        parts = [turn_gradient.ravel(), force.sum(1).ravel(), place_gradient.ravel()]
        return value, np.concatenate(parts)

    parts = [
        (turns + 0.02 * rng.standard_normal(turns.shape)).ravel(),
        (shifts + 0.05 * rng.standard_normal(shifts.shape)).ravel(),
        (places + 0.05 * rng.standard_normal(places.shape)).ravel(),
    ]
    return np.concatenate(parts), value_and_gradient


def lotka_volterra():
    """Growth and interactions of 7 species fitted to 4 noisy series, Runge-Kutta, adjoint; d = 63."""
    rng = np.random.default_rng(12)
    species, steps, step, series = 7, 60, 0.1, 4
    square = (species, species)
    competition = 0.3 * rng.random(square) * (rng.random(square) < 0.5)
    others = 0.2 * rng.standard_normal(square) * (rng.random(square) < 0.3)
    true_interactions = -np.eye(species) - competition + others
    np.fill_diagonal(true_interactions, -1)
    true_growth = rng.uniform(0.5, 1.5, species)
    first_states = rng.uniform(0.1, 1.5, (series, species))

    def stages(growth, interactions, state):
        """The four states of a Runge-Kutta step, and the rates there."""
        def rate(at):
            return at * (growth + at @ interactions.T)

        rate1 = rate(state)
        state2 = state + step / 2 * rate1
        rate2 = rate(state2)
        state3 = state + step / 2 * rate2
        rate3 = rate(state3)
        state4 = state + step * rate3
        return (state, state2, state3, state4), (rate1, rate2, rate3, rate(state4))

    def simulate(growth, interactions, state):
        states = [state]
        for _ in range(steps):
            _, (rate1, rate2, rate3, rate4) = stages(growth, interactions, state)
            state = state + step / 6 * (rate1 + 2 * rate2 + 2 * rate3 + rate4)
            states.append(state)
        return states

    measured = np.array(simulate(true_growth, true_interactions, first_states))
    measured = measured * np.exp(0.03 * rng.standard_normal(measured.shape))
    cuts = [species, species + species * species]

    def adjoint(growth, interactions, states, residual):
        """The gradient of the misfit for the growth, the interactions and the first state."""
        growth_gradient = np.zeros(species)
        interaction_gradient = np.zeros(square)
        costate = np.zeros((series, species))

        def back(state, weight):
            nonlocal growth_gradient, interaction_gradient
            weighted = state * weight
            growth_gradient = growth_gradient + weighted.sum(0)
            interaction_gradient = interaction_gradient + weighted.T @ state
            return weight * (growth + state @ interactions.T) + weighted @ interactions

        for t in range(steps, 0, -1):
            costate = costate + residual[t]
            (state1, state2, state3, state4), _ = stages(growth, interactions, states[t - 1])
            back4 = back(state4, step / 6 * costate)
            back3 = back(state3, step / 3 * costate + step * back4)
            back2 = back(state2, step / 3 * costate + step / 2 * back3)
            back1 = back(state1, step / 6 * costate + step / 2 * back2)
            costate = costate + back1 + back2 + back3 + back4
        return growth_gradient, interaction_gradient, costate + residual[0]

    def value_and_gradient(theta):
        log_growth, interactions, log_scale = np.split(theta, cuts)
        growth = np.exp(log_growth)
        scale = np.exp(log_scale)
        interactions = interactions.reshape(square)
        with np.errstate(all="ignore"):
            states = simulate(growth, interactions, first_states * scale)
            residual = np.array(states) - measured
            misfit = 0.5 * (residual * residual).sum()
            if not math.isfinite(misfit):
                return np.nan, np.full(theta.size, np.nan)
            by_growth, by_interactions, by_state = adjoint(growth, interactions, states, residual)
        prior = np.concatenate([log_growth, (interactions + 0.9 * np.eye(species)).ravel(), log_scale])
        parts = [by_growth * growth, by_interactions.ravel(), (by_state * first_states * scale).sum(0)]
        return misfit + 0.5e-2 * prior @ prior, np.concatenate(parts) + 1e-2 * prior

    start = np.concatenate([np.zeros(species), (-0.9 * np.eye(species)).ravel(), np.zeros(species)])
    return start, value_and_gradient


def image_tv():
    """Deblurring of a 56 x 56 picture, total variation smoothed at 0.01; d = 3136."""
    rng = np.random.default_rng(13)
    side = 56
    width, weight = 0.01, 2e-3
    picture = np.zeros((side, side))
    picture[10:30, 12:40] = 1
    picture[20:45, 30:50] += 0.5
    picture += np.add.outer(np.linspace(0, 0.3, side), np.zeros(side))
    offset = np.minimum(np.arange(side), side - np.arange(side))
    bell = np.exp(-offset ** 2 / (2 * 1.5 ** 2))
    blur = np.fft.rfft2(np.outer(bell, bell) / bell.sum() ** 2)

    def convolve(image, kernel):
        return np.fft.irfft2(np.fft.rfft2(image) * kernel, (side, side))

    blurred = convolve(picture, blur) + 0.01 * rng.standard_normal((side, side))

    def value_and_gradient(theta):
        image = theta.reshape(side, side)
        residual = convolve(image, blur) - blurred
        down = np.roll(image, -1, 0) - image
        right = np.roll(image, -1, 1) - image
        slope = np.sqrt(down * down + right * right + width * width)
        flow_down, flow_right = down / slope, right / slope
        divergence = np.roll(flow_down, 1, 0) - flow_down + np.roll(flow_right, 1, 1) - flow_right
        gradient = convolve(residual, np.conj(blur)) + weight * divergence
        return 0.5 * (residual * residual).sum() + weight * (slope - width).sum(), gradient.ravel()

    return blurred.ravel().copy(), value_and_gradient


def phase_retrieval():
    """64 complex numbers from 320 noisy intensities, from the spectral start; d = 128."""
    rng = np.random.default_rng(14)
    unknowns, intensities = 64, 320
    shape = (intensities, unknowns)
    matrix = (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) / math.sqrt(2)
    truth = rng.standard_normal(unknowns) + 1j * rng.standard_normal(unknowns)
    measured = np.abs(matrix @ truth) ** 2 * (1 + 0.02 * rng.standard_normal(intensities))

    def value_and_gradient(theta):
        field = matrix @ (theta[:unknowns] + 1j * theta[unknowns:])
        residual = np.abs(field) ** 2 - measured
        gradient = matrix.conj().T @ (residual * field) * 4 / intensities
        return (residual * residual).mean(), np.concatenate([gradient.real, gradient.imag])

    _, vectors = np.linalg.eigh((matrix.conj().T * measured) @ matrix / intensities)
    spectral = vectors[:, -1] * math.sqrt(measured.mean())
    return np.concatenate([spectral.real, spectral.imag]), value_and_gradient


def waveform():
    """Full waveform inversion in 1-D, the speeds of 100 cells from 2 shots, adjoint; d = 100."""
    rng = np.random.default_rng(15)
    cells, steps, step = 100, 320, 0.5
    speed = 1 + 0.08 * np.sin(np.arange(cells) / 9.0) + 0.06 * (np.arange(cells) > 60)
    sources = np.array([8, 90])
    receivers = np.arange(5, 100, 10)
    phase = (np.arange(steps) * step - 14) / 5
    wavelet = (1 - 2 * phase ** 2) * np.exp(-phase ** 2)
    damping = np.zeros(cells)
    damping[:8] = np.linspace(0.15, 0, 8)
    damping[-8:] = damping[:8][::-1]
    keep, lose = 2 - damping, 1 - damping

    def simulate(squared_speed):
        """The fields of all steps, and their second differences."""
        factor = squared_speed * step * step
        before, now = np.zeros((2, cells)), np.zeros((2, cells))
        fields = np.zeros((steps + 2, 2, cells))
        curvatures = np.zeros((steps, 2, cells))
        for k in range(steps):
            curvature = curvatures[k]
            curvature[:, 1:-1] = now[:, :-2] - 2 * now[:, 1:-1] + now[:, 2:]
            after = keep * now - lose * before + factor * curvature
            after[0, sources[0]] += wavelet[k]
            after[1, sources[1]] += wavelet[k]
            fields[k + 2] = after
            before, now = now, after
        return fields, curvatures

    measured = simulate(speed * speed)[0][2:, :, receivers]
    measured = measured + 0.005 * np.abs(measured).max() * rng.standard_normal(measured.shape)

    def value_and_gradient(theta):
        squared_speed = (1 + theta) ** 2
        if squared_speed.max() > 3.9:  # the scheme is not stable any more
            return np.nan, np.full(cells, np.nan)
        factor = squared_speed * step * step
        fields, curvatures = simulate(squared_speed)
        residual = fields[2:, :, receivers] - measured
        costate, costate_after = np.zeros((2, cells)), np.zeros((2, cells))
        gradient = np.zeros(cells)
        for k in range(steps - 1, -1, -1):
            weighted = factor * costate
            spread = np.zeros((2, cells))
            spread[:, :-2] += weighted[:, 1:-1]
            spread[:, 2:] += weighted[:, 1:-1]
            spread[:, 1:-1] -= 2 * weighted[:, 1:-1]
            costate_before = keep * costate + spread - lose * costate_after
            costate_before[:, receivers] += residual[k]
            gradient += (costate_before * curvatures[k]).sum(0)
            costate_after, costate = costate, costate_before
        jumps = np.diff(theta)
        roughness = np.zeros(cells)
        roughness[1:] += jumps
        roughness[:-1] -= jumps
        value = 0.5 * (residual * residual).sum() + 0.25 * jumps @ jumps
        return value, gradient * step * step * 2 * (1 + theta) + 0.5 * roughness

    return np.zeros(cells), value_and_gradient


def burgers_4dvar():
    """The first state of Burgers' equation from sparse observations, smoothed; d = 160."""
    rng = np.random.default_rng(20)
    cells, steps = 160, 120
    width = 2 * np.pi / cells
    step, viscosity, noise = 0.012, 0.02, 0.02
    place = np.arange(cells) * width
    truth = 1 + np.sin(place) + 0.4 * np.cos(3 * place)
    every = 10
    sensors = np.arange(0, cells, 8)

    def advance(state):
        up, down = np.roll(state, -1), np.roll(state, 1)
        convection = -(up * up - down * down) / (4 * width)
        diffusion = viscosity * (up - 2 * state + down) / width ** 2
        return state + step * (convection + diffusion)

    def advance_adjoint(state, costate):
        up, down = np.roll(costate, -1), np.roll(costate, 1)
        convection = (up - down) * state / (2 * width)
        diffusion = viscosity * (up - 2 * costate + down) / width ** 2
        return costate + step * (convection + diffusion)

    def simulate(state):
        states = [state]
        for _ in range(steps):
            states.append(advance(states[-1]))
        return states

    true_states = simulate(truth)
    measured = {}
    for k in range(every, steps + 1, every):
        measured[k] = true_states[k][sensors] + 0.02 * rng.standard_normal(len(sensors))

    def value_and_gradient(theta):
        with np.errstate(all="ignore"):
            states = simulate(theta)
            costate = np.zeros(cells)
            value = 0.0
            for k in range(steps, 0, -1):
                if k in measured:
                    residual = states[k][sensors] - measured[k]
                    value += 0.5e-3 * ((residual / noise) ** 2).sum()
                    costate[sensors] += residual / noise ** 2 * 1e-3
                costate = advance_adjoint(states[k - 1], costate)
        jumps = np.roll(theta, -1) - theta
        value += 5.0 * jumps @ jumps
        if not math.isfinite(value):
            return np.nan, np.full(cells, np.nan)
        return value, costate + 10.0 * (np.roll(jumps, 1) - jumps)

    return np.ones(cells), value_and_gradient
