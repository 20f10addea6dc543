"""A small network in PyTorch, fitted to a curve with mini-batches: the weights as one vector, the batch by the key."""

import optex
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)  # one rank a core
torch.manual_seed(optex.seed())
samples, batch = 512, optex.options().get("batch", 64)
inputs = torch.linspace(-2, 2, samples).reshape(-1, 1)
targets = torch.sin(3 * inputs) * torch.exp(-inputs**2)
network = torch.nn.Sequential(torch.nn.Linear(1, 32), torch.nn.Tanh(), torch.nn.Linear(32, 32), torch.nn.Tanh(),
                              torch.nn.Linear(32, 1))
weights = list(network.parameters())


def value_and_gradient(theta, key):
    torch.nn.utils.vector_to_parameters(torch.from_numpy(theta.copy()), weights)
    chosen = range(samples) if key.whole else key.generator().integers(samples, size=batch)
    rows = torch.as_tensor(list(chosen))
    loss = torch.nn.functional.mse_loss(network(inputs[rows]), targets[rows])
    gradients = torch.autograd.grad(loss, weights)
    return loss.item(), torch.nn.utils.parameters_to_vector(gradients).numpy()


start = torch.nn.utils.parameters_to_vector(weights).detach().numpy()
optex.serve(value_and_gradient, start.size, initial_point=start, noisy=True)
