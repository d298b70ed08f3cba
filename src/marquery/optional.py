"""What libraries load only because it happens to be installed, left out of a command's process.

PyArrow imports pandas, where there is one, to know its types; Numba imports SciPy for ``numpy.dot``
within compiled functions. No command hands either to them, and both together take a quarter of the
time that a search of an index takes. In a program of somebody else nothing is left out.
"""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

#: Module -> who asks for it and goes on without it. PyArrow's own code is compiled: what is seen
#: is who called it.
_SPARED = {"pandas": ("pyarrow", "marquery"), "scipy.linalg": ("numba.np.linalg",)}


def leave_out_optional() -> None:
    """From now on in this process; what is loaded already stays."""
    if not any(isinstance(finder, _LeftOut) for finder in sys.meta_path):
        sys.meta_path.insert(0, _LeftOut())


class _LeftOut:
    """Refuses modules to those alone that go on without them."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """See :meth:`importlib.abc.MetaPathFinder.find_spec`."""
        if name in _SPARED:
            asking = _who_imports()
            if any(asking == module or asking.startswith(f"{module}.") for module in _SPARED[name]):
                raise ModuleNotFoundError(f"{name} is left out", name=name)
        return None


def _who_imports() -> str:
    """The module whose code is at work, beside that of importing."""
    frame = sys._getframe(2)
    while frame.f_back is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name.partition(".")[0] not in ("importlib", "_frozen_importlib"):
            return name
        frame = frame.f_back
    return ""
