"""A training run in one line of Python."""

import pytest

from marquery.datasets import LogoSet
from marquery.errors import UsageError
from marquery.training import Recipe, load_recipe, train


def test_a_run_from_names_and_folders(recipe_file, logo_folder, tmp_path, capsys):
    (logo_folder / "g00" / "broken.png").write_bytes(b"no picture")
    run = train(recipe_file, logo_folder, tmp_path / "run", settings=["steps=2"])
    assert (run.folder, run.recipe.steps, run.summary.steps) == (tmp_path / "run", 2, 2)
    assert [error.path for error in run.skipped] == [str(logo_folder / "g00" / "broken.png")]
    assert run.training + run.validation == 36
    assert set(run.best) >= {"map", "nar"}
    assert run.encoder.embed([logo_folder / "g01" / "a.png"]).shape == (1, run.recipe.model.dim)
    assert load_recipe(tmp_path / "run" / "recipe.yaml") == run.recipe
    assert capsys.readouterr().out == ""  # what a library says goes to stderr


def test_a_recipe_and_a_set_in_hand_give_the_same_run(recipe_file, logo_folder, tmp_path):
    one = train(recipe_file, logo_folder, tmp_path / "one", settings=["steps=2"])
    plan = load_recipe(recipe_file)
    two = train(plan, LogoSet.open(logo_folder), tmp_path / "two", settings=["steps=2"])
    assert isinstance(two.recipe, Recipe)
    assert one.encoder.fingerprint() == two.encoder.fingerprint()
    with pytest.raises(UsageError, match="already holds a run"):
        train(plan, logo_folder, tmp_path / "two", settings=["steps=2"])
    again = train(plan, logo_folder, tmp_path / "two", settings=["steps=2"], resume=True)
    assert again.encoder.fingerprint() == two.encoder.fingerprint()
