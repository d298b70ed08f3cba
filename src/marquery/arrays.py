"""Names of the array types that annotations use."""

from typing import Any

import numpy as np
import numpy.typing as npt

BoolArray = npt.NDArray[np.bool_]
UInt8Array = npt.NDArray[np.uint8]
Int32Array = npt.NDArray[np.int32]
Int64Array = npt.NDArray[np.int64]
Float16Array = npt.NDArray[np.float16]
Float32Array = npt.NDArray[np.float32]
Float64Array = npt.NDArray[np.float64]
StrArray = npt.NDArray[np.str_]
FloatArray = npt.NDArray[np.floating[Any]]
"""Floating point of any precision."""
AnyArray = npt.NDArray[Any]
"""An array of any type, where the code does not depend on it."""
