"""LogoLettering: names, slogans, legal forms and signs added to a logo, as registers have them."""

from typing import Any, Literal, get_args

import numpy as np

from marquery.arrays import UInt8Array
from marquery.augment._base import LogoTransform, interval, probability
from marquery.augment._palette import (
    BLACK,
    MELTED,
    WHITE,
    apart,
    ink_for,
    levels,
    main_ink,
    melted,
    plain_color,
    some_of,
)
from marquery.augment._random import Range, uniform
from marquery.augment.functional import Color
from marquery.augment.lettering import words
from marquery.augment.lettering.letters import SCRIPTS, Script
from marquery.augment.lettering.lines import can_join, line_mask
from marquery.augment.lettering.setting import set_around, set_beside, set_sign
from marquery.augment.lettering.typefaces import Face, faces_at_hand
from marquery.augment.logo_badge import whole_cut_out
from marquery.augment.subject import Subject
from marquery.errors import UsageError
from marquery.segments import Segmentation

Arrangement = Literal["below", "above", "right", "left", "badge", "around", "sign"]
ARRANGEMENTS: tuple[Arrangement, ...] = get_args(Arrangement)
# How often each script is drawn, of those at hand.
_WEIGHTS: dict[Script, float] = {
    "latin": 0.7,
    "cyrillic": 0.08,
    "greek": 0.03,
    "arabic": 0.05,
    "chinese": 0.06,
    "japanese": 0.04,
    "korean": 0.04,
}
# Logos that are longer than so many times their height have no words around them.
_ROUND = 2.0


class LogoLettering(LogoTransform):
    """Add words as marks have them: a name, a slogan, a legal form, ®, ™; the logo shrinks.

    Words are made up, in several scripts. Typefaces are those that were fetched
    (:func:`marquery.augment.lettering.typefaces.faces_at_hand`), else the few in the package.

    Args:
        arrangements: what is drawn from: ``"below"``, ``"above"``, ``"right"`` and ``"left"`` say
            where the words are; ``"badge"`` sets them around the logo on a disc or between two
            circles, ``"around"`` without; ``"sign"`` adds ®, ™ or a small legal form alone.
        size: least and most height of the name, as a share of the logo's, beside it; below and
            above it, its width as a share of the logo's is twice to three times as much.
        fill: least and most share of the canvas that logo and words take up in length.
        slogan: probability of a second line.
        legal: probability of a legal form behind the name.
        registered: probability of ® or ™ behind the name.
        scripts: those that are used, where typefaces are at hand.
        contrast: levels of 255 between words and background.
        fonts: folder of typefaces; None: see above.
        evaluation: use the typefaces that are kept for evaluation sets, in place of the others.
        p: see :class:`LogoTransform`.

    Raises:
        UsageError: an option is out of range, or no typeface is at hand for any of the scripts.
        MarqueryError: ``fonts`` is no folder of typefaces.
    """

    def __init__(
        self,
        arrangements: tuple[Arrangement, ...] = ARRANGEMENTS,
        size: Range = (0.2, 0.7),
        fill: Range = (0.8, 0.98),
        slogan: float = 0.4,
        legal: float = 0.15,
        registered: float = 0.25,
        scripts: tuple[Script, ...] = SCRIPTS,
        contrast: float = 64,
        fonts: str | None = None,
        evaluation: bool = False,
        p: float = 1.0,
    ) -> None:
        super().__init__(p)
        self.arrangements = some_of("arrangements", arrangements, ARRANGEMENTS)
        self.size = interval("size", size, 0.05, 1.5)
        self.fill = interval("fill", fill, 0.2, 1)
        self.slogan = probability("slogan", slogan)
        self.legal = probability("legal", legal)
        self.registered = probability("registered", registered)
        self.scripts = some_of("scripts", scripts, SCRIPTS)
        self.contrast = levels("contrast", contrast)
        self.fonts = fonts
        self.evaluation = evaluation
        if not self._usable():
            raise UsageError(
                "scripts",
                f"no typeface is at hand for {', '.join(self.scripts)}",
                "fetch typefaces, or name latin too",
            )

    def _usable(self) -> dict[Script, tuple[Face, ...]]:
        return {
            script: faces
            for script, faces in faces_at_hand(self.fonts, self.evaluation).items()
            if script in self.scripts and (script != "arabic" or can_join())
        }

    def make_params(self, flat_inputs: list[Subject]) -> dict[str, Any]:
        """Texts, typefaces, places, sizes and colours."""
        segmentation = flat_inputs[0].segmentation
        r, g, b = (int(v) for v in segmentation.background)
        faces = self._usable()
        script = _drawn(list(faces))
        face, second = words.pick(faces[script]), words.pick(faces[script])
        if uniform() < 0.5:
            second = face
        arrangement = words.pick(self.arrangements)
        if arrangement in ("badge", "around") and _aspect(segmentation) > _ROUND:
            arrangement = "below"
        own = main_ink(segmentation)
        kind = uniform()
        preferred = BLACK if kind < 0.4 else own if kind < 0.75 else plain_color()
        background: Color = (r, g, b)
        color = ink_for(background, self.contrast, preferred)
        size = uniform(*self.size)
        params = {
            "arrangement": arrangement,
            "lines": self._lines(arrangement, script, face, second),
            "shares": [1.0, uniform(0.5, 1.0), uniform(0.5, 1.0)],
            "joined": script == "arabic",
            "spacing": _spacing() if script != "arabic" else 0.0,
            "color": color,
            "size": size,
            "width": size * uniform(2, 3),
            "gap": uniform(0.06, 0.3),
            "line_gap": uniform(0.15, 0.5),
            "align": words.pick(("middle", "start")),
            "fill": uniform(*self.fill),
            "sign": self._sign(arrangement),
        }
        return params | (_badge(segmentation, own, self.contrast) if arrangement == "badge" else {})

    def _lines(
        self, arrangement: str, script: Script, face: Face, second: Face
    ) -> list[tuple[str, str]]:
        """Text and font file of each line."""
        if arrangement == "sign":
            return [(words.legal_form(script, face.letters), face.file)]
        text = words.name(script, face.letters)
        if uniform() < self.legal:
            text += " " + words.legal_form(script, face.letters)
        lines = [(text, face.file)]
        if uniform() < self.slogan:
            lines.append((words.slogan(script, second.letters), second.file))
            if uniform() < 0.2:
                lines.append((words.slogan(script, second.letters), second.file))
        return lines

    def _sign(self, arrangement: str) -> str:
        if arrangement == "sign":
            return words.pick(("®", "®", "™", "", ""))
        return words.pick(("®", "®", "™")) if uniform() < self.registered else ""

    def transform(self, inpt: Subject, params: dict[str, Any]) -> UInt8Array:
        """Set the words; an empty picture stays one."""
        image, segmentation = inpt.pixels, inpt.segmentation
        if not segmentation.count:
            return image
        out = np.empty_like(image)
        out[:] = segmentation.background
        part = whole_cut_out(image, segmentation)
        masks = [
            line_mask(text, file, params["spacing"], params["joined"])
            for text, file in params["lines"]
        ]
        arrangement = params["arrangement"]
        if arrangement in ("badge", "around"):
            set_around(out, part, masks, params)
        elif arrangement == "sign":
            set_sign(out, part, masks[0], params)
        else:
            set_beside(out, part, masks, params)
        return out


def _aspect(segmentation: Segmentation) -> float:
    """Longer by shorter side of all that is not background."""
    found = segmentation.labels > 0
    sides = [np.ptp(np.flatnonzero(found.any(axis=k))) + 1 if found.any() else 1 for k in (0, 1)]
    return float(max(sides) / min(sides))


def _drawn(scripts: list[Script]) -> Script:
    reach = np.cumsum([_WEIGHTS[script] for script in scripts])
    return scripts[int(np.searchsorted(reach, uniform(0, float(reach[-1])), side="right"))]


def _spacing() -> float:
    return uniform(0.05, 0.35) if uniform() < 0.2 else 0.0


def _badge(segmentation: Segmentation, own: Color | None, contrast: float) -> dict[str, Any]:
    """Colours and radii of a badge: a disc with a rim, whose words show on it."""
    r, g, b = (int(v) for v in segmentation.background)
    background: Color = (r, g, b)
    solid = uniform() < 0.5
    preferred = own if uniform() < 0.5 else None
    rim = ink_for(background, contrast, preferred)
    light = uniform() < 0.6 and float(apart(WHITE, rim)) > contrast
    inner = WHITE if light and melted(segmentation, WHITE, contrast) < MELTED else background
    return {
        "rim": rim,
        "inner": inner if solid else background,
        "color": ink_for(rim, contrast, WHITE) if solid else rim,
        "solid": solid,
    }
