"""A run that ends at one of its steps."""


class Killed(BaseException):
    """What ends a run at once; nothing in the program catches it."""


class Killer:
    """Wraps methods; ends the run where they are called, in all, for the ``at``-th time."""

    def __init__(self, at):
        self._left = at

    def __call__(self, method):
        def call(*args, **kwargs):
            self._left -= 1
            if self._left == 0:
                raise Killed
            return method(*args, **kwargs)

        return call
