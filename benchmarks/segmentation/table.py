"""From records of logos to the table: means with bootstrap intervals over logos, and what was left
out.
"""

from collections.abc import Callable

import numpy as np

# Measure -> (title, format). Each is a ratio of two sums over logos.
MEASURES = {
    "foreground": ("ARI, foreground", "{:.3f}"),
    "all": ("ARI, all pixels", "{:.3f}"),
    "gradients": ("gradients kept", "{:.3f}"),
    "gradients_logo": ("... mean over logos", "{:.3f}"),
    "visible": ("... of visible outline", "{:.3f}"),
    "visible_logo": ("... mean over logos", "{:.3f}"),
    "holes": ("holes found", "{:.3f}"),
    "holes_logo": ("... mean over logos", "{:.3f}"),
    "matched": ("shapes found", "{:.3f}"),
    "ghost_backdrop": ("ghost, on backdrop", "{:.2%}"),
    "ghost_paint": ("ghost, on a paint", "{:.2%}"),
    "ghost_hole": ("ghost, holes", "{:.2%}"),
    "noise": ("ghost of JPEG alone", "{:.2%}"),
    "recolor": ("recolour error", "{:.2f}"),
    "hard": ("the same mask, filled", "{:.2f}"),
    "shade": ("shade error, gradients", "{:.2f}"),
    "ms": ("CPU ms", "{:.1f}"),
}
_DRAWS = 1000


def summarise(records: list[dict]) -> list[dict]:
    """One row for each size, kind, form, method and measure: value, 95 % interval, n, logos."""
    rows = []
    for side in sorted({r["side"] for r in records}):
        for kind in ("both", *dict.fromkeys(r["kind"] for r in records)):
            rows += _rows_of(records, kind, side)
    return rows


def _rows_of(records: list[dict], kind: str, side: int) -> list[dict]:
    wanted = (r for r in records if r["side"] == side and kind in ("both", r["kind"]))
    chosen = [r["scores"] for r in wanted if "scores" in r]
    # Large pictures: the costly methods see a part of the logos only, the first of each kind.
    names = dict.fromkeys(
        (form, name) for scores in chosen for form in scores for name in scores[form]
    )
    rows = []
    for form, method in names:
        scores = [s[form][method] for s in chosen if method in s[form]]
        for measure in MEASURES:
            row = _measured(scores, measure)
            if row is not None:
                where = {"kind": kind, "side": side, "form": form, "method": method}
                rows.append({**where, "measure": measure, **row})
    return rows


def left_out(records: list[dict]) -> list[str]:
    """Lines that say which logos were not scored, and why."""
    lines = []
    for side in sorted({r["side"] for r in records}):
        failed: dict[str, list[str]] = {}
        for record in records:
            if record["side"] == side and "failed" in record:
                failed.setdefault(record["failed"], []).append(record["path"])
        for reason, paths in sorted(failed.items()):
            lines.append(f"{side} px: {len(paths)} left out, {reason}: {', '.join(paths[:3])}")
    return lines


def beneath(records: list[dict]) -> list[str]:
    """Lines that say how many true shapes were drawn for editing, by what lies beneath them."""
    lines = []
    for side in sorted({r["side"] for r in records}):
        chosen = [r for r in records if r["side"] == side and "shapes" in r]
        if not chosen:
            continue
        scores = [next(iter(r["scores"].values())) for r in chosen]
        kinds = [e["beneath"] for s in scores for e in next(iter(s.values()))["edits"]]
        drawn, fit, unfit = np.sum([r["shapes"] for r in chosen], axis=0)
        told = ", ".join(f"{kinds.count(k)} {k}" for k in ("backdrop", "paint", "hole", "unknown"))
        lines.append(
            f"{side} px: {drawn} of {fit} shapes edited, {unfit} more are the ground of the canvas "
            f"or fall apart; beneath: {told}"
        )
    return lines


def missed_gradients(records: list[dict], method: str) -> list[str]:
    """Lines that say what became of the gradients that a method did not keep, by whether their
    outline can be seen.
    """
    lines = []
    for side in sorted({r["side"] for r in records}):
        chosen = [r["scores"] for r in records if r["side"] == side and "scores" in r]
        for form in chosen[0] if chosen else ():
            for key, words in (("fates", "visible"), ("fates_unseen", "not visible")):
                if not all(key in s[form].get(method, {}) for s in chosen):
                    continue  # scores of an older run do not say
                fates = [f for s in chosen for f in s[form][method][key]]
                counts = ", ".join(
                    f"{fates.count(f)} {f}" for f in ("joined", "split", "background")
                )
                lines.append(
                    f"{side} px, {form}: gradients of {words} outline that {method} missed: "
                    f"{counts}"
                )
    return lines


def print_tables(rows: list[dict]) -> None:
    """A table for each kind, size and form: methods down, measures across."""
    tables: dict[tuple, dict] = {}
    for row in rows:
        place = (row["kind"], row["side"], row["form"])
        tables.setdefault(place, {}).setdefault(row["method"], {})[row["measure"]] = row
    for (kind, side, form), methods in tables.items():
        logos = max(row["logos"] for cells in methods.values() for row in cells.values())
        print(f"\n{kind}, {side} px, {form}: {logos} logos")
        measures = [m for m in MEASURES if any(m in cells for cells in methods.values())]
        names = list(methods)
        print(f"  {'':24s}", *(f"{name:>24s}" for name in names), f"{'n':>7s}")
        for measure in measures:
            title, style = MEASURES[measure]
            cells = []
            for name in names:
                row = methods[name].get(measure)
                if row is None:
                    cells.append(f"{'-':>24s}")
                    continue
                value = style.format(row["value"])
                interval = ""
                if measure != "ms":
                    interval = f" ({style.format(row['low'])}-{style.format(row['high'])})"
                cells.append(f"{value + interval:>24s}")
            number = next(cells_[measure]["n"] for cells_ in methods.values() if measure in cells_)
            print(f"  {title:24s}", *cells, f"{number:7d}")


def _measured(scores: list[dict], measure: str) -> dict | None:
    pick = _PICKS[measure]
    pairs = np.array([pick(s) for s in scores], dtype=np.float64)
    pairs = pairs[pairs[:, 1] > 0]
    if len(pairs) == 0:
        return None
    value = float(pairs[:, 0].sum() / pairs[:, 1].sum())
    if measure == "ms":
        value = float(np.median(pairs[:, 0]))
    rng = np.random.default_rng(0)
    weights = rng.multinomial(len(pairs), np.full(len(pairs), 1 / len(pairs)), size=_DRAWS)
    drawn = weights @ pairs
    low, high = np.quantile(drawn[:, 0] / np.maximum(drawn[:, 1], 1), (0.025, 0.975))
    return {
        "value": value,
        "low": float(low),
        "high": float(high),
        "n": int(pairs[:, 1].sum()),
        "logos": len(pairs),
    }


def _plain(name: str) -> Callable[[dict], tuple[float, float]]:
    return lambda s: (s[name], 1) if name in s else (0, 0)


def _share(name: str) -> Callable[[dict], tuple[float, float]]:
    return lambda s: (sum(s.get(name, [])), len(s.get(name, [])))


def _edit(name: str, beneath: str | None = None) -> Callable[[dict], tuple[float, float]]:
    def pick(scores: dict) -> tuple[float, float]:
        values = [
            e[name]
            for e in scores.get("edits", [])
            if name in e and beneath in (None, e["beneath"])
        ]
        return sum(values), len(values)

    return pick


def _mean_of(name: str) -> Callable[[dict], tuple[float, float]]:
    """Each logo counts once, whatever the number of its shapes."""
    return lambda s: (np.mean(s[name]), 1) if s.get(name) else (0, 0)


_PICKS: dict[str, Callable[[dict], tuple[float, float]]] = {
    "foreground": _plain("foreground"),
    "all": _plain("all"),
    "gradients": _share("gradients"),
    "gradients_logo": _mean_of("gradients"),
    "visible": _share("visible"),
    "visible_logo": _mean_of("visible"),
    "holes": _share("holes"),
    "holes_logo": _mean_of("holes"),
    "matched": _edit("found"),
    "ghost_backdrop": _edit("ghost", "backdrop"),
    "ghost_paint": _edit("ghost", "paint"),
    "ghost_hole": _edit("ghost", "hole"),
    "noise": _edit("noise"),
    "recolor": _edit("recolor"),
    "hard": _edit("hard"),
    "shade": _edit("shade"),
    "ms": lambda s: (1000 * s["seconds"], 1) if "seconds" in s else (0, 0),
}
