"""On what a figure was measured: one line that every benchmark of time prints first."""

import os
from pathlib import Path

_FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8")
_SETTINGS = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"),
    *("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME", "OPENBLAS_CORETYPE"),
)


def machine() -> str:
    """Processor with its vector extensions, cores of this process, load, settings of threads."""
    cores = f"{len(os.sched_getaffinity(0))} cores for this process"
    load = f"load {os.getloadavg()[0]:.1f}"
    settings = [f"{name}={os.environ[name]}" for name in _SETTINGS if name in os.environ]
    return "; ".join([processor(), cores, load, " ".join(settings) or "no setting of threads"])


def processor() -> str:
    """Name of the processor and the vector extensions that matter here."""
    text = Path("/proc/cpuinfo").read_text()
    names = [line.split(":", 1)[1].strip() for line in text.splitlines() if "model name" in line]
    flags = next((line for line in text.splitlines() if line.startswith("flags")), "").split()
    return f"{names[0] if names else 'unknown'} ({', '.join(f for f in _FLAGS if f in flags)})"
