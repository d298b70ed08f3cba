"""Equations of docstrings, which are written as Sphinx reads them, for the site's KaTeX."""

import html
import re
from typing import Any

import griffe

#: The directive, and the lines below it that are set farther in.
_MATH = re.compile(r"^( *)\.\. math::\n((?:\1 +\S[^\n]*(?:\n|\Z))+)", re.MULTILINE)


class Equations(griffe.Extension):
    """Each ``.. math::`` becomes a piece of HTML that Markdown leaves as it is."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Exchange the equations of one docstring."""
        if obj.docstring is not None:
            obj.docstring.value = _MATH.sub(_as_html, obj.docstring.value)


def _as_html(found: re.Match[str]) -> str:
    tex = " ".join(html.escape(line.strip(), quote=False) for line in found[2].splitlines())
    return f'\n{found[1]}<div class="arithmatex">\\[{tex}\\]</div>\n\n'
