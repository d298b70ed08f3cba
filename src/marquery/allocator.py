"""The C library's allocator: memory that is freed is kept for the next step, or given back."""

import ctypes
import sys
from collections.abc import Callable

_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_M_MMAP_MAX = -4
_M_ARENA_MAX = -8
_MOST = 2**31 - 1
_USUAL_MMAP_MAX = 65536


def keep_freed_memory() -> bool:
    """Keep freed memory for the next allocation of this process instead of returning it to the
    system.

    Each training step asks for the same large buffers again. Given back in between, every page of
    them
    must be mapped and zeroed anew: half of the time of a step of EfficientNet-Lite0 at 128 px (2.0
    s against 1.0 s a batch of 96, one core).

    Returns:
        Whether the setting was taken; other C libraries than glibc do not know it.
    """
    return _take({_M_MMAP_MAX: 0, _M_TRIM_THRESHOLD: _MOST})


def keep_little_memory() -> bool:
    """Return most of freed memory to the system, also after :func:`keep_freed_memory`.

    A server answers in dozens of threads. Each of them has a pool of memory of its own otherwise,
    as large as the largest picture that it ever decoded.

    Returns:
        Whether the settings were taken.
    """
    return _take(
        {
            _M_ARENA_MAX: 2,
            _M_MMAP_MAX: _USUAL_MMAP_MAX,
            _M_MMAP_THRESHOLD: 2**20,
            _M_TRIM_THRESHOLD: 2**24,
        }
    )


def return_freed_memory() -> None:
    """Give memory that is free back to the system, from between what is in use, too.

    The C library keeps it for each thread that ever asked for much; a server has many threads.
    """
    if trim := _glibc("malloc_trim"):
        trim(0)


def _take(settings: dict[int, int]) -> bool:
    mallopt = _glibc("mallopt")
    return mallopt is not None and all(mallopt(name, n) for name, n in settings.items())


def _glibc(function: str) -> Callable[..., int] | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        found: Callable[..., int] = getattr(ctypes.CDLL(None), function)
    except (OSError, AttributeError):
        return None
    return found
