"""How ``marquery evaluate`` and ``marquery compare`` say what came out."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from marquery.console import tell

if TYPE_CHECKING:
    from marquery.comparison import EvaluationOptions, MethodResult


def print_methods(methods: "Sequence[MethodResult]", options: "EvaluationOptions") -> None:
    """Print the tables that the options ask for."""
    from marquery.reporting import printing

    if options.edits:
        printing.print_edits(methods)
        return
    if options.conditions:
        printing.print_conditions(methods)
        return
    printing.print_table(methods)
    if options.strata:
        printing.print_strata(methods)
    if options.alike:
        printing.print_judged(methods)
    if options.ideas:
        printing.print_ideas(methods)
    if options.clusters:
        printing.print_clusters(methods)


def draw_curve(methods: "Sequence[MethodResult]", curve: Path) -> None:
    """Write the picture of precision over recall."""
    from marquery.visualization.precision_recall import draw_precision_recall

    draw_precision_recall({method.name: method.result.precision for method in methods}, curve)
    tell(curve)
