"""Leaving unreadable files out of a set before a job starts, so that none can end it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from marquery.datasets.logoset import LogoSet
from marquery.errors import ImageError, MarqueryError
from marquery.images import load_image


def readable(logos: LogoSet, threads: int = 4) -> tuple[LogoSet, list[ImageError]]:
    """The logos that can be read, and the errors of the others.

    A built benchmark, whose pixels were digested when it was written, is taken as it is.

    Raises:
        MarqueryError: none can be read.
    """
    if (logos.digests != "").all():
        return logos, []

    def check(file: Path) -> ImageError | None:
        try:
            load_image(file)
        except ImageError as error:
            return error
        return None

    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(check, logos.files()))
    errors = [error for error in found if error is not None]
    if len(errors) == len(logos):
        raise MarqueryError(f"{logos.root}: none of its {len(logos)} images could be read")
    return logos.subset(np.array([error is None for error in found])), errors
