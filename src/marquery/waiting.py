"""How threads of OpenMP wait for each other: asleep, so that a busy machine loses little.

At the end of each parallel loop OpenMP's threads wait for the slowest. By default they spin, which
is a little quicker on an idle machine, and on a busy one takes the cores from the very thread that
is waited for.
"""

import os
import sys

#: Read by GNU's OpenMP (PyTorch's, Numba's) and by LLVM's and Intel's when they are loaded.
_SETTINGS = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "0", "KMP_BLOCKTIME": "0"}


def wait_asleep() -> bool:
    """Let OpenMP's threads sleep while they wait, unless the environment says how they wait.

    It has to be called before PyTorch is loaded, which is why importing marquery does it; set
    ``OMP_WAIT_POLICY=ACTIVE`` to have them spin.

    Returns:
        Whether it was set here.
    """
    if "torch" in sys.modules or any(name in os.environ for name in _SETTINGS):
        return False
    os.environ.update(_SETTINGS)
    return True
