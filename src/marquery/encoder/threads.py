"""How many threads a network computes with."""

import os
import sys

from marquery.cores import usable_cores


def compute_threads() -> int:
    """Threads for one network, at least 1.

    What PyTorch was told where it is loaded (``torch.set_num_threads``), else ``OMP_NUM_THREADS``,
    else one for each core that this process may use.
    """
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "get_num_threads"):
        return int(torch.get_num_threads())
    first = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    if first.isdigit() and int(first) > 0:
        return int(first)
    return usable_cores()
