"""The server's log on stderr: names of files and addresses in it cannot steer a terminal."""

import logging
from typing import Any

from marquery.names import printable_lines


class PrintableFormatter(logging.Formatter):
    """Lines, and where an error came from, without control sequences."""

    def format(self, record: logging.LogRecord) -> str:
        """A record as text."""
        return printable_lines(super().format(record))


_LOGGER = {"handlers": ["stderr"], "propagate": False}
#: For :func:`logging.config.dictConfig`, as uvicorn takes it.
LOG_CONFIG: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"printable": {"()": PrintableFormatter, "format": "%(levelname)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "printable"}},
    "loggers": {"uvicorn": _LOGGER, "marquery": _LOGGER},
}
