"""What a label in a table says: the name of a group, or that there is none."""

import math
import numbers
import re
from decimal import Decimal

_NONE = re.compile(r"(-1(\.0*)?|[+-]?nan|<na>|null)?")
# What tables in memory hold in place of a value, by the names of its types in pandas and NumPy.
_MISSING = frozenset({"NAType", "NaTType", "MaskedConstant"})


def group_name(value: object) -> str:
    """The name of the group that a table, a list or a folder's name gives.

    Nothing, null, NaN and −1 mean that an item is in no group, as numbers or written as such
    (``-1``, ``-1.00``, ``nan``, ``-nan``, ``<NA>``, ``null``, in any case). Whole numbers have one
    name, however they are stored: a column with gaps often holds 3 as 3.0, and one of decimals as
    3.00. Bytes are read as UTF-8.

    Returns:
        The name; empty for an item without a group.
    """
    if value is None or type(value).__name__ in _MISSING:
        return ""
    if isinstance(value, bytes):
        value = value.decode(errors="backslashreplace")
    elif isinstance(value, Decimal):
        value = int(value) if value.is_finite() and value == value.to_integral_value() else value
    elif isinstance(value, numbers.Real) and not isinstance(value, numbers.Integral):
        number = float(value)
        value = int(number) if math.isfinite(number) and number.is_integer() else number
    text = str(value)
    return "" if _NONE.fullmatch(text.strip().lower()) else text
