"""Why a drawing is refused."""


class SvgError(ValueError):
    """A drawing is not read or not drawn.

    Args:
        problem: what is wrong with it, to stand behind the file's name.
        remedy: what to do.
        passing: the reason lies outside the file: it may be drawn another time.
    """

    def __init__(
        self, problem: str, remedy: str = "save it again", *, passing: bool = False
    ) -> None:
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy
        self.passing = passing

    def __str__(self) -> str:
        return f"{self.problem}; {self.remedy}"


def unreadable(reason: str) -> SvgError:
    """The error for what is no well-formed SVG, in one line.

    Args:
        reason: may quote the file, and with it letters that would steer a terminal.
    """
    line = " ".join(reason.split())[:200]
    line = "".join(letter if letter.isprintable() else "\ufffd" for letter in line)
    return SvgError(f"is not a readable SVG ({line})")
