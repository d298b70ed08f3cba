"""From parameters of an address or a form to a model's values, and from refusals to a sentence."""

from collections.abc import Mapping, Sequence
from typing import Any

from marquery.errors import UsageError, refused_value
from marquery.index.browsing.code_tree import BRANCH, is_branch
from marquery.index.strategies.registry import strategy_names
from marquery.index.strategies.weights import parse_strategy
from marquery.web import limits

#: Names of parameters that choose a column's values begin with this: ``f.owner=Ada``.
FACET = "f."
#: And those of a mix's weights, as the page's form sends them, with this: ``w.color=0.5``.
WEIGHT = "w."
#: Parameters that may be given several times, by the names of the address and of the model.
_REPEATED = frozenset({"q", "queries", "like", "unlike", "logo"})


def single_values(given: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    """Parameters as a model takes them; what is not text (values given in Python) is left as it is.

    Args:
        given: name -> value, or the list of its values.
        names: of the model's fields; others are left out, but for chosen values of columns.

    Raises:
        UsageError: a value is too long or given too often.
    """
    out: dict[str, Any] = {}
    for name, value in given.items():
        _check_size(name, value)
        if name.startswith(FACET):
            values = [value] if isinstance(value, str) else value
            out[name] = tuple(sorted(set(values)))
        elif name in _REPEATED & names and isinstance(value, (str, list)):
            values = [value] if isinstance(value, str) else value
            out[name] = [item for item in values if item != ""]
        elif name in names:
            last = value[-1] if isinstance(value, list) and value else value
            last = last.strip() if isinstance(last, str) else last
            if last != "":
                out[name] = last
    if isinstance(text := out.get("strategy"), str):
        out["strategy"] = shortest_strategy(_mix(given) if text == "mix" else text)
    return out


def shortest_strategy(text: str) -> str:
    """A strategy in its shortest form, which makes equal searches equal addresses.

    >>> shortest_strategy("color=0.50, overall, shape=0")
    'overall=1,color=0.5'
    >>> shortest_strategy("color=3")
    'color'

    Raises:
        UsageError: no such strategy, or no weight above 0.
    """
    parse_strategy(text, False)
    found = [item.partition("=") for item in text.replace(" ", "").split(",")]
    weights = {name: float(weight or 1) for name, _, weight in found}
    kept = {name: weights[name] for name in strategy_names() if weights.get(name, 0) > 0}
    if len(kept) == 1:
        return next(iter(kept))
    return ",".join(f"{name}={weight:g}" for name, weight in kept.items())


def any_of(column: str, values: Sequence[str]) -> str:
    """A filter that chosen values of a column fit; the empty value stands for logos without any,
    and ``01.15.*`` for all codes that begin with 01.15, itself included.

    Raises:
        UsageError: a value cannot be written in a filter.
    """
    terms = []
    branches = [value.removesuffix(BRANCH) for value in values if is_branch(value)]
    whole = [value for value in values if value and not is_branch(value)]
    if listed := ", ".join(quoted(column, value) for value in (*whole, *branches)):
        terms.append(f"{column} in ({listed})")
    terms += [f"{column} ^= {quoted(column, code + '.')}" for code in branches]
    if "" in values:
        terms.append(f"{column} is missing")
    return f"({' or '.join(terms)})"


def as_usage_error(errors: Sequence[Any], skip: int = 0) -> UsageError:
    """The first thing that pydantic refuses, as an error of ours.

    Args:
        errors: as ``ValidationError.errors()`` gives them.
        skip: parts of a place before the parameter's name; FastAPI's begin with where it stands: 1.
    """
    first = errors[0]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, UsageError):
        return cause
    place = first["loc"][skip:]
    option = str(place[0]) if place else None
    return UsageError(option, *refused_value(first))


def _mix(given: Mapping[str, Any]) -> str:
    """The strategy of the weights that the form gives one by one."""
    weights = {name: given.get(WEIGHT + name, "0") for name in strategy_names()}
    last = {name: w[-1] if isinstance(w, list) else w for name, w in weights.items()}
    return ",".join(f"{name}={weight}" for name, weight in last.items())


def _check_size(name: str, value: object) -> None:
    values = value if isinstance(value, (list, tuple)) else [value]
    most = limits.MOST_HITS if name == "logo" else limits.PARAMETER_REPEATS
    if len(values) > most:
        raise UsageError(
            name[:40], f"is given {len(values)} times", f"give it at most {most} times"
        )
    longest = max((len(item) for item in values if isinstance(item, str)), default=0)
    if longest > limits.PARAMETER_LENGTH:
        raise UsageError(
            name[:40],
            f"has {longest} characters",
            f"shorten it to {limits.PARAMETER_LENGTH} characters",
        )


def quoted(column: str, value: str) -> str:
    """A value as a filter has it, in quotes that are not in it.

    Raises:
        UsageError: it has both kinds of quotes.
    """
    for mark in ('"', "'"):
        if mark not in value:
            return f"{mark}{value}{mark}"
    raise UsageError(
        FACET + column,
        f"the value {value[:40]!r} has both kinds of quotes",
        "search for a piece of it with the filter's ~ instead",
    )
