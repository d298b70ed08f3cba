"""What makes a run the same run: its recipe and its data; only such a run may be continued."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from marquery.datasets import LogoSet
from marquery.errors import UsageError
from marquery.json_text import parse_json
from marquery.training.recipe import Recipe

#: Keys of a recipe that change no result.
IDLE_KEYS = {"name", "about", "workers"}


def identity_of(
    recipe: Recipe, training: LogoSet, validation: LogoSet, teacher: str | None = None
) -> dict[str, str]:
    """What a run must have in common with the one that it continues.

    Args:
        recipe: what is trained.
        training, validation: the two sets.
        teacher: fingerprint of the teacher's encoder; None: there is none.
    """
    taught = {} if teacher is None else {"teacher": teacher}
    return {
        "recipe": recipe.model_dump_json(exclude=IDLE_KEYS),
        "training data": training.fingerprint(),
        "validation data": validation.fingerprint(),
        **taught,
    }


def describe(training: LogoSet, validation: LogoSet, identity: dict[str, str]) -> dict[str, Any]:
    """The data of a run, for its record.

    Args:
        training, validation: the two sets.
        identity: from :func:`identity_of`.
    """
    return {
        "folder": training.root.name,
        "training": {"logos": len(training), "fingerprint": identity["training data"]},
        "validation": {"logos": len(validation), "fingerprint": identity["validation data"]},
        **({"teacher": identity["teacher"]} if "teacher" in identity else {}),
    }


def check_folder(
    run: Path, state: dict[str, Any] | None, identity: dict[str, str], resume: bool
) -> None:
    """Refuse a folder that holds another run, or the same one without being told to go on.

    Args:
        run: the folder.
        state: of the run that the folder holds; None: it holds none.
        identity: from :func:`identity_of`.
        resume: whether the run may be continued.

    Raises:
        UsageError: so it is.
    """
    if state is None:
        return
    if not resume:
        raise UsageError(
            "out",
            f"{run} already holds a run",
            lambda name: f"set {name('resume')} to continue it, or name another folder",
        )
    for what, given in identity.items():
        had = state.get(what, "")
        same = _complete(had) == _complete(given) if what == "recipe" else had == given
        if not same:
            raise UsageError(
                "out",
                f"{run} holds a run whose {what} is not the one given now",
                f"resume it with the same {what}, or name another folder",
            )


def _complete(recipe: str) -> Recipe | None:
    """A recipe written without its idle keys; keys that came later take their defaults."""
    try:
        return Recipe.model_validate({**parse_json(recipe), "name": "run"})
    except ValidationError:
        return None
