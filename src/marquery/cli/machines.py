"""Which machines do the work of a command."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from marquery.processes import Machines

On = Annotated[
    str | None,
    typer.Option(
        "--on",
        metavar="CLUSTER",
        help="Machines that do the work: ray (this one), ray:auto or ray:HOST:PORT.",
        show_default=False,
    ),
]


def cluster(on: str | None) -> "Machines | None":
    """The machines that ``--on`` names; None without it.

    Raises:
        UsageError: it names none.
        MissingExtraError: Ray is not installed.
    """
    if on is None:
        return None
    from marquery.distributed import RayCluster

    return RayCluster(on)
