"""Names of choices that recipes and the code behind them share; importing them costs nothing."""

from typing import Literal

Pooling = Literal["avg", "gem"]

#: Name of the encoder that comes with the package.
DEFAULT_ENCODER = "default"
