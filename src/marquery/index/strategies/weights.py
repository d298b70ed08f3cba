"""Which strategies a search mixes, and with what weights."""

from collections.abc import Mapping, Sized
from typing import Any

import numpy as np

from marquery.errors import Naming, UsageError
from marquery.index.strategies.base import Strategy
from marquery.index.strategies.registry import all_strategies, get_strategy, strategy_names

#: What a search goes by that names no strategy; a rectangle, words without an image, and feedback
#: have one of their own.
DEFAULT = "auto"
_FOR_WORDS, _FOR_FEEDBACK = "words", "overall"


def weights_of(
    strategy: str | Mapping[str, float] | None,
    *,
    images: Sized = (),
    part: object = None,
    words: str | None = None,
    like: Sized = (),
    unlike: Sized = (),
) -> dict[str, float]:
    """What a search compares, from its options as :meth:`marquery.LogoIndex.search` takes them.

    Args:
        strategy: see :func:`parse_strategy`, as the weights that are returned.
        images: of the query; of all options only whether they are given counts.
        part: likewise.
        words: likewise.
        like: likewise.
        unlike: likewise.

    Returns:
        Strategy -> weight, adding up to 1.

    Raises:
        UsageError: see :func:`parse_strategy`.
    """
    return parse_strategy(
        strategy,
        part is not None,
        words is not None,
        image=len(images) > 0,
        feedback=len(like) + len(unlike) > 0,
    )


def parse_strategy(
    strategy: str | Mapping[str, float] | None,
    part: bool = False,
    words: bool = False,
    *,
    image: bool = True,
    feedback: bool = False,
) -> dict[str, float]:
    """Weights of strategies, adding up to 1.

    Args:
        strategy: a name, ``"overall=1,color=0.5"``, or a mapping; None: ``overall`` if there is
            feedback, ``part`` if a part is given, ``words`` if words are given and no image, else
            ``auto``.
        part: whether a rectangle of the query is given.
        words: whether words to look for are given.
        image: whether an image is given.
        feedback: whether stored logos are given that hits should be more or less like.

    Raises:
        UsageError: no such strategy, no weight above 0, or a rectangle or words that no strategy
            looks at.
    """
    if strategy is None:
        strategy = _default(part, words and not image, feedback)
    pairs = _pairs(strategy) if isinstance(strategy, str) else dict(strategy)
    for name, weight in pairs.items():
        if name not in strategy_names():
            known = ", ".join(strategy_names())
            raise UsageError(
                "strategy", f"{name!r} is none of the strategies", f"choose from {known}"
            )
        if not (np.isfinite(weight) and weight >= 0):
            raise UsageError("strategy", f"the weight of {name} is {weight}", "give weights from 0")
    weights = {name: weight for name, weight in pairs.items() if weight > 0}
    if not weights:
        raise UsageError("strategy", "no weight is above 0", "give one strategy a weight above 0")
    chosen = [get_strategy(name) for name in weights]
    if part and not any(s.takes_box for s in chosen):
        raise _unseen("part", [s for s in all_strategies() if s.takes_box])
    if words and not any(s.takes_words for s in chosen):
        raise _unseen("words", [s for s in all_strategies() if s.takes_words])
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def _default(part: bool, only_words: bool, feedback: bool) -> str:
    if feedback:
        return _FOR_FEEDBACK
    if part:
        return next(s.name for s in all_strategies() if s.takes_box)
    return _FOR_WORDS if only_words else DEFAULT


def _unseen(option: str, looking: list[Strategy[Any]]) -> UsageError:
    names = " or ".join(s.name for s in looking)

    def remedy(naming: Naming) -> str:
        return f"add it to {naming('strategy')}, such as overall=1,{looking[0].name}=0.5"

    return UsageError(option, f"needs the strategy {names}", remedy)


def _pairs(text: str) -> dict[str, float]:
    pairs: dict[str, float] = {}
    for item in text.split(","):
        name, _, weight = item.partition("=")
        try:
            pairs[name.strip()] = float(weight) if weight else 1.0
        except ValueError as error:
            raise UsageError(
                "strategy", f"{weight!r} in {text!r} is no weight", "give numbers from 0"
            ) from error
    return pairs
