"""Types of a search's parameters, as an address or a form writes them."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema

from marquery.boxes import Box, parse_box
from marquery.errors import UsageError
from marquery.web import limits

_SHA256 = re.compile(r"[0-9a-f]{64}")


def _sha256(text: str) -> str:
    if not _SHA256.fullmatch(text):
        raise UsageError(
            "queries", f"{text[:20]} is no picture's SHA-256", "upload the picture first"
        )
    return text


def _whole_number(value: object, info: ValidationInfo) -> object:
    if isinstance(value, str) and not re.fullmatch(rf"\d{{1,{limits.NUMBER_DIGITS}}}", value):
        raise UsageError(info.field_name, f"{value[:20]!r} is no number", "give a whole number")
    return value


def _box(value: object) -> object:
    return parse_box(value, "crop") if isinstance(value, str) else value


def _without_repeats(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))


def _page_size(value: object, info: ValidationInfo) -> object:
    number = _whole_number(value, info)
    return min(limits.PAGE_SIZES, key=lambda size: abs(size - int(str(number))))


def _page(value: object, info: ValidationInfo) -> object:
    number = _whole_number(value, info)
    return number if number is None else min(max(int(str(number)), 1), limits.LAST_PAGE)


_RECTANGLE = {"type": "string", "pattern": r"^\d{1,5},\d{1,5},[1-9]\d{0,4},[1-9]\d{0,4}$"}
#: Rectangle, written as x,y,w,h.
Rectangle = Annotated[Box | None, BeforeValidator(_box), WithJsonSchema(_RECTANGLE)]
WholeNumber = Annotated[int, Field(ge=0), BeforeValidator(_whole_number)]
#: Numbers of logos.
Ids = Annotated[
    tuple[WholeNumber, ...],
    Field(max_length=limits.PARAMETER_REPEATS),
    AfterValidator(_without_repeats),
]
#: Which hits are shown, by what was decided about them; empty: all.
View = Literal["", "kept", "dismissed", "decided", "undecided"]
#: Uploaded pictures, by their SHA-256.
Pictures = Annotated[
    tuple[Annotated[str, AfterValidator(_sha256)], ...], AfterValidator(_without_repeats)
]
#: Text of a length that a search may have.
Text = Annotated[str, Field(max_length=limits.PARAMETER_LENGTH)]
#: Number of a page, and hits on it: brought to the nearest that there is.
PageNumber = Annotated[int, BeforeValidator(_page)]
PageSize = Annotated[int, BeforeValidator(_page_size)]
