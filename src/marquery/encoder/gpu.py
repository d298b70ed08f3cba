"""Moving an encoder to a GPU, without loading PyTorch where there is none."""

import sys
from pathlib import Path

from marquery.encoder.square_encoder import SquareEncoder
from marquery.extras import is_installed

#: What the drivers of GPUs that PyTorch computes on put there (NVIDIA, AMD, and WSL).
_DEVICES = ("/dev/nvidiactl", "/dev/nvidia0", "/proc/driver/nvidia", "/dev/kfd", "/dev/dxg")


def gpu_is_usable() -> bool:
    """Whether PyTorch is installed and sees a GPU."""
    loaded = "torch" in sys.modules
    if not loaded and not any(Path(device).exists() for device in _DEVICES):
        return False
    if not (is_installed("torch") and is_installed("timm")):
        return False
    import torch

    return torch.cuda.is_available()


def move_to_gpu(encoder: SquareEncoder) -> None:
    """Move an encoder's network to the GPU; without one it stays as it is."""
    if gpu_is_usable():
        encoder.network.to("cuda")
