"""Training: recipes, the loop, and what a run leaves behind."""

from marquery.training.loop import TrainingSummary, train
from marquery.training.recipe import Recipe, load_recipe, recipe_names

__all__ = ["Recipe", "TrainingSummary", "load_recipe", "recipe_names", "train"]
