"""Sections of a recipe made from constructors' signatures and docstrings."""

import inspect
import re
from collections.abc import Callable, Collection
from typing import Any, ClassVar, Self, TypeVar

from pydantic import Field, ValidationError, create_model, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from marquery.errors import UsageError
from marquery.recipe_part import RecipePart

# "name, other: text" of a docstring's Args.
_ENTRY = re.compile(r"^([a-z_]+(?:, [a-z_]+)*): (.*)$")


class OptionsPart(RecipePart):
    """Options of a class; what its constructor refuses is an error of the recipe."""

    operation: ClassVar[Callable[..., Any]]
    beside: ClassVar[frozenset[str]] = frozenset()
    """Keys that are not the constructor's."""

    def options(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            name: getattr(self, name) for name in type(self).model_fields if name not in self.beside
        }

    def build(self, **more: Any) -> Any:
        """The operation with these options, and what the recipe does not say."""
        return type(self).operation(**self.options(), **more)

    @model_validator(mode="after")
    def _accepted(self) -> Self:
        try:
            self.build()
        except UsageError as error:
            remedy = error.remedy if isinstance(error.remedy, str) else error.remedy(str)
            told = {"problem": error.problem, "remedy": remedy}
            place = () if error.option is None else (error.option,)
            problem = PydanticCustomError("option", "{problem}; {remedy}", told)
            detail = InitErrorDetails(type=problem, loc=place, input=self.options())
            raise ValidationError.from_exception_data(type(self).__name__, [detail]) from error
        return self


Part = TypeVar("Part", bound=OptionsPart)


def options_part(
    name: str,
    base: type[Part],
    operation: type,
    more: dict[str, Any] | None = None,
    without: Collection[str] = (),
) -> type[Part]:
    """A section with all options of a constructor.

    Args:
        name: of the section's class.
        base: what the class inherits.
        operation: the class whose constructor's options these are.
        more: keys besides, in pydantic's form ``name: (type, field)``.
        without: options of the constructor that a recipe does not set.
    """
    texts = described(operation)
    fields: dict[str, Any] = dict(more or {})
    for option in inspect.signature(operation).parameters.values():
        if option.name not in without:
            field = Field(option.default, description=texts.get(option.name))
            fields[option.name] = (option.annotation, field)
    part: type[Part] = create_model(name, __base__=base, __doc__=operation.__doc__, **fields)
    part.operation = operation
    return part


def described(operation: type) -> dict[str, str]:
    """What the docstring's Args say of each option, or those of a base class."""
    texts: dict[str, str] = {}
    for cls in reversed(operation.__mro__):
        for name, text in _arguments(inspect.cleandoc(cls.__doc__ or "")).items():
            if name not in texts or not text.startswith("see :class:"):
                texts[name] = text
    return texts


def _arguments(doc: str) -> dict[str, str]:
    found: dict[str, str] = {}
    names: list[str] = []
    for line in doc.partition("\nArgs:\n")[2].splitlines():
        if not line.startswith(" "):
            break
        entry = _ENTRY.match(line[4:]) if line[4:5] != " " else None
        if entry:
            names = entry[1].split(", ")
            found |= dict.fromkeys(names, entry[2])
        else:
            found |= {name: f"{found[name]} {line.strip()}" for name in names}
    return found
