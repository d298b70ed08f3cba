"""Names of choices that recipes and the code behind them share; importing them costs nothing."""

from typing import Literal

Pooling = Literal["avg", "gem"]
