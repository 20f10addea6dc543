"""The problems by name: PROBLEMS[name]() returns (start, value_and_gradient).

value_and_gradient(theta) returns F and its exact gradient in plain numpy; all seeds are fixed. F is not a
finite number where it has no value.
"""

import problems_energies as energies
import problems_inverse as inverse
import problems_later as later
import problems_statistics as statistics

_MAKERS = [
    statistics.poisson_badly_scaled,
    statistics.softmax_badly_scaled,
    statistics.cox,
    statistics.completion,
    statistics.mixture,
    statistics.gp_hyper,
    statistics.tanh_net,
    inverse.bundle,
    statistics.mds,
    energies.lennard_jones,
    inverse.lotka_volterra,
    inverse.image_tv,
    inverse.phase_retrieval,
    inverse.waveform,
    energies.p_laplacian,
    energies.allen_cahn,
    energies.transport,
    energies.log_barrier,
    inverse.burgers_4dvar,
    energies.trigonometric,
    energies.nondquar,
    energies.curly10,
    energies.bratu_large,
    statistics.huber_tikhonov,
]

# Written after the rule had learnt a diagonal, which the others had part in.
_LATER = [
    later.scaled_logistic,
    later.hanging_chain,
    later.poisson_boltzmann,
    later.positive_factors,
    later.robot_arm,
    later.hierarchy,
    later.maximum_entropy,
    later.scaled_quartic,
]

PROBLEMS = {maker.__name__: maker for maker in _MAKERS + _LATER}
