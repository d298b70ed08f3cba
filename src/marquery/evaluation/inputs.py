"""What callers hold embeddings and groups in, as arrays and lists: tensors, data frames, columns.

None of the packages that these come from is imported: they are told by what they can do.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from marquery.arrays import AnyArray
from marquery.errors import UsageError


def as_array(values: Any) -> AnyArray:
    """Numbers as an array; of arrays and memory maps, the same one.

    Args:
        values: an array; a torch tensor of any device, with or without gradients; a data frame or a
            column of lists (pandas, polars, pyarrow); a sequence of numbers, lists or tensors.

    Raises:
        ValueError: rows of several lengths.
    """
    if isinstance(values, np.ndarray):
        return np.stack([as_array(v) for v in values]) if _holds_rows(values) else values
    if hasattr(values, "detach"):  # a tensor
        tensor = values.detach().cpu()
        kept = ("torch.float64", "torch.float32", "torch.float16")
        if tensor.is_floating_point() and str(tensor.dtype) not in kept:
            tensor = tensor.float()  # NumPy has no bfloat16
        array: AnyArray = tensor.numpy()
        return array
    if hasattr(values, "to_pylist"):  # pyarrow
        return as_array(values.to_pylist())
    if hasattr(values, "to_numpy"):  # a data frame or a column of one
        array = np.asarray(values.to_numpy())
        if array.dtype == object and array.ndim == 2:  # columns of several types
            return _of_numbers(array)
        return as_array(array)
    if isinstance(values, list | tuple) and any(hasattr(row, "detach") for row in values):
        return np.stack([as_array(row) for row in values])
    plain: AnyArray = np.asanyarray(values)
    return plain


def as_list(groups: Any, name: str) -> list[Any]:
    """Groups one by one, as Python's own values where their holder knows them.

    Args:
        groups: a list, tuple, array, tensor, or column of a data frame (pandas, polars, pyarrow).
        name: parameter that they were given as, for an error.

    Raises:
        UsageError: they are one string, have no order, or more than one column.
    """
    if isinstance(groups, str | bytes):
        raise UsageError(name, f"{groups!r} is one string", "give a list with one group for each")
    if isinstance(groups, set | frozenset | dict):
        kind = type(groups).__name__
        raise UsageError(name, f"a {kind} has no order", "give a list with one group for each")
    shape: Sequence[int] = getattr(groups, "shape", ())
    if len(shape) == 2 and shape[1] == 1:
        groups = groups.to_numpy() if hasattr(groups, "to_numpy") else groups
        groups = groups.reshape(-1)
    elif len(shape) > 1:
        raise UsageError(
            name, f"the shape is {tuple(shape)}", "give one column, with one group for each"
        )
    if hasattr(groups, "detach"):
        groups = groups.detach().cpu()
    for method in ("tolist", "to_pylist", "to_list"):
        if hasattr(groups, method):
            return list(getattr(groups, method)())
    return [group.item() if hasattr(group, "detach") else group for group in groups]


def _is_row(value: Any) -> bool:
    return isinstance(value, list | tuple | np.ndarray) or hasattr(value, "detach")


def _holds_rows(array: AnyArray) -> bool:
    """Whether it is a column of an object array that holds one list or array for each item."""
    if array.dtype != object or array.ndim != 1 or not len(array):
        return False
    lengths = {len(v) if _is_row(v) else -1 for v in array}
    return len(lengths) == 1 and -1 not in lengths


def _of_numbers(array: AnyArray) -> AnyArray:
    """Objects as float64 where all are numbers; a gap is NaN, which is told further on."""
    try:
        return np.asarray(array, dtype=np.float64)
    except (TypeError, ValueError):
        return array
