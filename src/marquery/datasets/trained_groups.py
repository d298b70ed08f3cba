"""A warning where test queries are of groups that training learns from (METU)."""

from marquery.console import say
from marquery.datasets.logoset import LogoSet
from marquery.datasets.metu import TRAINED, UNSEEN


def say_trained_groups(logos: LogoSet) -> None:
    """Warn where the groups of some test queries are among those that training learns from."""
    seen = int((logos.namespaces == TRAINED).sum())
    if seen:
        queries = seen + int((logos.namespaces == UNSEEN).sum())
        say(
            f"{seen} of {queries} queries are of groups that training on this folder learns from: "
            f"for a model trained here read the figures of the {UNSEEN}"
        )
