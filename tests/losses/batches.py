"""Batches in every layout that a loss must take."""

import torch

LABELS = {
    "equal classes": [0, 0, 0, 1, 1, 1, 2, 2, 2],
    "C != m": [0, 0, 1, 1, 2, 2, 3, 3, 4, 4],
    "shuffled": [2, 0, 1, 1, 0, 2, 2, 1, 0, 0],
    "unequal": [5, 5, 5, 5, 5, 5, 1, 1, 3, 3, 3],
    "singletons": [0, 1, 1, 2, 3, 3, 4, 5],
    "one class": [7, 7, 7, 7],
    "any integers": [-(2**40), 2**50, -(2**40), -3, 2**50, -3, -3],
    "unlabelled": [-1, 4, 4, -1, -1, 9, 9, 9, -1, -1, -1],
    "the paper's batch": [1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1, -1, -1],
}


def units(count, dim=5, seed=0, dtype=torch.float64):
    """(count, dim) random unit vectors."""
    generator = torch.Generator().manual_seed(seed)
    rows = torch.randn(count, dim, generator=generator, dtype=torch.float64)
    return torch.nn.functional.normalize(rows, dim=1).to(dtype)


def value_and_gradients(loss, *tensors):
    """The loss and its gradient by copies of the tensors."""
    leaves = [t.detach().clone().requires_grad_() for t in tensors]
    value = loss(*leaves)
    value.sum().backward()
    return value.detach(), [t.grad for t in leaves]
