"""Errors that a user can act on. Everything else is a bug and keeps its traceback."""


class MarqueryError(Exception):
    """The job cannot go on; the message is one sentence that names the file or option and what to do."""


class UsageError(MarqueryError):
    """The command or call was wrong (exit code 2), as opposed to a job that failed (exit code 1)."""


class ImageError(MarqueryError):
    """A file cannot be read as an image; ``path`` and ``reason`` are kept apart for reports."""

    def __init__(self, path: object, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = str(path)
        self.reason = reason

    def __reduce__(self) -> tuple[type["ImageError"], tuple[str, str]]:
        # Exceptions are rebuilt from their message otherwise, which has not the two parts.
        return type(self), (self.path, self.reason)
