"""A network held in evaluation mode while something is computed with it."""

import threading

from torch import nn

from marquery.forks import need_threads


class EvaluationMode:
    """Context: a network in evaluation mode; what it gives is whether the network is being trained.

    Several threads may be in it at once: the first to come sets the mode, the last to go sets it
    back. In a process forked from one that has computed, entering raises MarqueryError.

    Args:
        network: what is held.
    """

    def __init__(self, network: nn.Module) -> None:
        self.network = network
        self._lock = threading.Lock()
        self._inside = 0
        self._training = False

    def __enter__(self) -> bool:
        need_threads()  # before the lock, which a thread of the parent may have held
        with self._lock:
            if self._inside == 0:
                self._training = self.network.training
                self.network.eval()
            self._inside += 1
            return self._training

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0 and self._training:
                self.network.train()
