"""The tables of docs/segmentation.md, from the rows of a run."""

import re
from pathlib import Path

from segmentation.methods import OURS
from segmentation.table import MEASURES

# Measure, form, title, goal in words.
_GOALS = (
    ("foreground", "png", "adjusted Rand index, foreground, PNG", ">= 0.95"),
    ("foreground", "jpeg90", "the same, JPEG 90", ""),
    ("foreground", "jpeg50", "the same, JPEG 50", ">= 0.90"),
    ("all", "png", "adjusted Rand index, all pixels, PNG", ""),
    ("gradients", "png", "gradient shapes kept as one segment", ">= 0.90"),
    ("gradients_logo", "png", "the same, mean over logos", ""),
    ("visible", "png", "of visible outline", ""),
    ("visible_logo", "png", "of visible outline, mean over logos", ""),
    ("holes", "png", "enclosed background-coloured figures found", ">= 0.90"),
    ("holes_logo", "png", "the same, mean over logos", ""),
    ("matched", "png", "shapes found, of those to be edited", ""),
    ("ghost_backdrop", "png", "ghost residue, shapes on the backdrop", "<= 0.5 %"),
    ("ghost_paint", "png", "ghost residue, shapes on another paint", ""),
    ("ghost_hole", "png", "ghost residue, holes", ""),
    ("recolor", "png", "recolouring error, levels of 255", "<= 2"),
    ("hard", "png", "the same with our mask filled", ""),
    ("shade", "png", "recolouring error, gradients shaded", ""),
    ("ms", "png", "CPU time, ms a logo (median)", ""),
)


def write_tables(rows: list[dict], path: Path) -> None:
    """Replace what stands between the marks ``<!-- NAME -->`` and ``<!-- /NAME -->`` of a page."""
    side = 224 if any(r["side"] == 224 for r in rows) else rows[0]["side"]
    text = path.read_text()
    for name, table in (("goals", _goals(rows, side)), ("sizes", _sizes(rows))):
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.S)
        text = pattern.sub(lambda m, table=table: f"{m[1]}\n{table}\n\n{m[2]}", text)
    path.write_text(text)


def _goals(rows: list[dict], side: int) -> str:
    methods = list(dict.fromkeys(r["method"] for r in rows))
    lines = [f"| {side} px | goal | {' | '.join(methods)} | n |", "|---" * (len(methods) + 3) + "|"]
    at = {(r["measure"], r["form"], r["method"]): r for r in rows if _is(r, side, "both")}
    for measure, form, title, goal in _GOALS:
        found = [at.get((measure, form, m)) for m in methods]
        if not any(found):
            continue
        number = next(r["n"] for r in found if r)
        cells = [_cell(r, measure) for r in found]
        lines.append(f"| {title} | {goal} | {' | '.join(cells)} | {number:,} |")
    return "\n".join(lines)


def _sizes(rows: list[dict]) -> str:
    chosen = [r for r in rows if r["measure"] == "foreground" and r["kind"] != "both"]
    methods = list(dict.fromkeys(r["method"] for r in chosen))
    lines = [f"| collections | px | file | {' | '.join(methods)} | n |"]
    lines.append("|---" * (len(methods) + 4) + "|")
    places = dict.fromkeys((r["kind"], r["side"], r["form"]) for r in chosen)
    for kind, side, form in sorted(places, key=lambda p: (p[0] != "multi-colour", p[1])):
        found = {r["method"]: r for r in chosen if _is(r, side, kind) and r["form"] == form}
        cells = [_cell(found.get(m), "foreground") for m in methods]
        lines.append(f"| {kind} | {side} | {form} | {' | '.join(cells)} | {found[OURS]['n']:,} |")
    return "\n".join(lines)


def _is(row: dict, side: int, kind: str) -> bool:
    return row["side"] == side and row["kind"] == kind


def _cell(row: dict | None, measure: str) -> str:
    if row is None:
        return ""
    style = MEASURES[measure][1]
    if measure == "ms":
        return style.format(row["value"])
    low, high = style.format(row["low"]), style.format(row["high"])
    return f"{style.format(row['value'])} ({low} to {high})"
