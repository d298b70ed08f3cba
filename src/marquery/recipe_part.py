"""The base of all sections of a recipe."""

from pydantic import BaseModel, ConfigDict


class RecipePart(BaseModel):
    """A section of a recipe: keys that it does not know are errors, and it does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)
