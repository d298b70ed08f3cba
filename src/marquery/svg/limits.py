"""How much a drawing may cost."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SvgLimits:
    """Limits of reading and drawing one SVG file.

    Attributes:
        max_bytes: size after unpacking (gzip) and of each picture inside, in bytes.
        max_depth: elements inside each other.
        max_pixels: width times height, summed over the pictures inside.
        max_side: width or height in pixels of a picture inside.
        cpu_seconds: processor time of reading and drawing, for a drawing of 512 px; larger ones get
            more, see :meth:`cpu_for`.
        wall_seconds: time in which an answer has to come, whatever the process is doing.
        memory_bytes: address space of the process that draws; larger drawings get more, see
            :meth:`memory_for`.
    """

    max_bytes: int = 64 * 2**20
    max_depth: int = 255
    max_pixels: int = 50_000_000
    max_side: int = 20_000
    cpu_seconds: int = 5
    wall_seconds: int = 30
    memory_bytes: int = 384 * 2**20

    def cpu_for(self, side: int) -> int:
        """Seconds of processor time for a drawing whose longest side is ``side`` pixels."""
        return self.cpu_seconds + side * side // 2**20

    def wall_for(self, side: int) -> int:
        """Seconds until an answer for such a drawing."""
        return self.wall_seconds + 5 * (side * side // 2**20)

    def memory_for(self, side: int) -> int:
        """Bytes of address space for such a drawing: room for a few layers of its size."""
        return self.memory_bytes + 32 * side * side


DEFAULT_LIMITS = SvgLimits()
#: Letters that style sheets may add to the elements of a drawing.
MAX_STYLE_LETTERS = 16_000_000
