"""One process, or several that share each batch: started by ``torchrun``, joined by Fabric."""

import os

import torch
from lightning_fabric import Fabric
from lightning_fabric.strategies.ddp import DDPStrategy

from marquery.errors import UsageError
from marquery.training.recipe import Recipe


def make_fabric(recipe: Recipe) -> Fabric:
    """Device, precision and, under ``torchrun``, the other processes.

    Raises:
        UsageError: fewer GPUs than processes, or a recipe that only one process can follow.
    """
    here, nodes = _processes()
    if here * nodes > 1 and not recipe.model.freeze_batchnorm:
        # Each process would normalise by its part of the batch, and N processes not step as one.
        raise UsageError(
            "model.freeze_batchnorm",
            f"false cannot be shared by {here * nodes} processes",
            "freeze it or train in one process",
        )
    if torch.cuda.is_available() and here > torch.cuda.device_count():
        raise UsageError(
            None,
            f"{here} processes were started here, and this machine has {torch.cuda.device_count()} "
            "GPUs",
            "start as many processes, or hide the GPUs by CUDA_VISIBLE_DEVICES= to train on the "
            "CPU",
        )
    fabric = Fabric(
        accelerator="auto",
        devices=here,
        num_nodes=nodes,
        # Buffers are BatchNorm's statistics, which are frozen: nothing to send around.
        strategy=DDPStrategy(forward_sync_buffers=False) if here * nodes > 1 else "auto",
        precision=make_precision(recipe),  # type: ignore[arg-type]
    )
    fabric.launch()
    return fabric


def make_precision(recipe: Recipe) -> str:
    """Fabric's name of the precision that a recipe asks for."""
    if recipe.precision != "auto":
        return recipe.precision
    # On CPUs without matrix units a bfloat16 step was not faster (59 against 58 images/s a core).
    return "bf16-mixed" if torch.cuda.is_available() else "32-true"


def _processes() -> tuple[int, int]:
    """Processes on this machine, and machines, as ``torchrun`` says; (1, 1) without it."""
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        return 1, 1
    here = int(os.environ["LOCAL_WORLD_SIZE"])
    return here, int(os.environ["WORLD_SIZE"]) // here
