"""The logos that ours does worst on, drawn to see why; and the first ones, drawn to see what is
usual.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

import marquery as mq
from marquery.augment import functional as F
from marquery.visualization.canvas import save_picture
from segmentation.methods import OURS
from segmentation.pictures import Panel, labels_panel, sheet
from segmentation.sample import Logo
from segmentation.scores import matched, new_color
from segmentation.truths import encoded, load_case

#: What to rank by -> how bad a logo is; None where the measure says nothing of it.
RANKINGS = {
    "chance": lambda s: 1.0,
    "foreground": lambda s: 1 - s["foreground"] if "foreground" in s else None,
    "all": lambda s: 1 - s["all"],
    "gradients": lambda s: _missed(s["gradients"]),
    "visible": lambda s: _missed(s["visible"]),
    "holes": lambda s: _missed(s["holes"]),
    "ghost": lambda s: _worst_edit(s, "ghost")[1],
    "recolor": lambda s: _worst_edit(s, "recolor")[1],
}
_NOUNS = {"gradients": "gradients", "visible": "visible gradients", "holes": "holes"}


def draw_worst(
    records: Sequence[dict],
    logos: Sequence[Logo],
    number: int,
    by: str,
    form: str,
    cache: Path,
    out: Path,
) -> None:
    """Draw the ``number`` logos with the worst score of ours for one form, of the first size in the
    records.
    """
    side = records[0]["side"]
    # By the place in the sample, kinds in turn: the order of records is that in which the work was
    # done.
    place = {}
    for kind in dict.fromkeys(logo.kind for logo in logos):
        place.update({x.path: i for i, x in enumerate(x for x in logos if x.kind == kind)})
    scored = [
        (RANKINGS[by](r["scores"][form][OURS]), r)
        for r in sorted(records, key=lambda r: (place[r["path"]], r["kind"]))
        if r["side"] == side and "scores" in r
    ]
    ranked = sorted((s for s in scored if s[0]), key=lambda s: -s[0])[:number]
    if not ranked:
        print(f"no logo has anything wrong by {by}: {out} is not written")
        return
    logo_of = {logo.path: logo for logo in logos}
    panels = []
    for badness, record in ranked:
        logo = logo_of[record["path"]]
        scores = record["scores"][form][OURS]
        words = f"{record['path'].removeprefix('logos/')}: {_said(scores, by, badness)}"
        case = load_case(logo, side, by in ("ghost", "recolor"), cache)
        if by in ("ghost", "recolor") and case.edits is not None:
            place = _worst_edit(scores, by)[0]
            shape = case.edits.shapes[place]
            pixels = encoded(case.edits.pixels, form)
            found = mq.segment(pixels)
            label = matched(case.edits.mask(shape), found.labels)
            color = new_color(shape) if by == "recolor" else shape.below
            reference = case.edits.repainted(shape, color)
            paint = tuple(int(c) for c in color)
            result = (
                F.recolor(pixels, found, {label: paint})
                if by == "recolor"
                else F.remove(pixels, found, [label])
            )
            shown = [("picture", pixels), ("reference", reference), ("result", result)]
            panels.append(Panel(shown, words))
        else:
            pixels = encoded(case.pixels, form)
            found = mq.segment(pixels).labels
            panels.append(labels_panel(pixels, case.truth.labels, found, words))
    save_picture(sheet(panels), out)
    print(f"the {len(panels)} worst by {by}, {side} px, {form}: {out}")


def _said(scores: dict, by: str, badness: float) -> str:
    if by in ("gradients", "visible", "holes"):
        return f"{int(badness)} of {len(scores[by])} {_NOUNS[by]} missed"
    if by == "chance":
        return f"index {scores.get('foreground', scores['all']):.3f}"
    if by in ("foreground", "all"):
        return f"index {1 - badness:.3f}"
    return f"residue {badness:.0%}" if by == "ghost" else f"off by {badness:.1f} levels"


def _missed(flags: Sequence[bool]) -> float:
    return float(np.logical_not(flags).sum())


def _worst_edit(scores: dict, name: str) -> tuple[int, float]:
    """Place and fault of the shape that was edited worst."""
    faults = [edit.get(name, 0.0) for edit in scores.get("edits", [])]
    return (int(np.argmax(faults)), max(faults)) if faults else (0, 0.0)
