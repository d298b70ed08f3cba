"""Are the shares that an explanation gives to the parts of a logo faithful, and are the right parts
matched?

    python experiments/explanation.py --model runs/demo/train

Pairs of val logos of one brand of openlogos, crypto tokens left out; the query has 2 to 6 parts.
Each part in turn is taken out of the query and the score computed anew. An explanation is faithful
on a pair if the part with the largest share is the one whose removal lowers the score most. Parts
are taken out in two ways: ``removed`` as the explanation by removal does it (soft edges unmixed,
what lies beneath continued), and ``painted`` crudely, by the ground's colour over the part and two
pixels round it. ``alone``: the part with the largest share is also the one that scores most when it
is all that is left. Rivals: the part with the largest area, and chance, the mean of 1 / parts.

Matches are judged on copies of each query in which every part has another colour: a part should be
matched with itself.

With ``--conditions`` the query arrives in conditions (``marquery.datasets.openlogos.arrivals``), at
half its size, and a line a condition is printed: how often an explanation by removal is faithful,
how often the part with the largest share is the one of the crisp query (``box``; IoU of 0.5 or
more), how often the parts are as many as there, and the parts of recoloured copies that are matched
with themselves. The same is told of queries that are taken for crisp, whatever they are.

    python experiments/explanation.py --model default --pairs 60 --conditions lanczos,blur-1.0
"""

import argparse
import json
import zlib
from contextlib import nullcontext
from pathlib import Path
from unittest import mock

import cv2
import numpy as np

from marquery.augment.functional import recolor, remove
from marquery.datasets.logoset import LogoSet
from marquery.datasets.openlogos.arrivals import CONDITIONS
from marquery.encoder import LogoEncoder
from marquery.explanation import explain
from marquery.explanation.partition import MOST_PIECES, partition
from marquery.explanation.views import View, whole_view
from marquery.images import load_image
from marquery.progress import progress_bar
from marquery.segments.formation import CRISP

METHODS = ("removal", "regions")
PER_BRAND = 2


def pairs_of(logos: LogoSet, rng: np.random.Generator):
    """Ordered pairs of one brand, the brands in a drawn order, at most two a brand and round."""
    members: dict[str, list[int]] = {}
    for index, brand in enumerate(logos.groups.tolist()):
        if brand and logos.namespaces[index] == "brand":
            members.setdefault(brand, []).append(index)
    files = logos.files()
    brands = sorted(brand for brand, own in members.items() if len(own) > 1)
    for brand in rng.permutation(brands):
        own = rng.permutation(members[brand])
        for place in range(min(PER_BRAND, len(own) - 1)):
            yield files[own[place]], files[own[place + 1]]


def painted(view: View, pieces, which: int):
    """The logo with the ground's colour over one part and two pixels round it, but not over other
    parts.
    """
    own = np.isin(view.found.labels, pieces[which].labels)
    rest = [k for i, piece in enumerate(pieces) if i != which for k in piece.labels]
    wide = cv2.dilate(own.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    below = int(view.found.parent[pieces[which].labels[0] - 1])
    inside = below in pieces[which].labels
    ground = view.found.background if below == 0 or inside else view.found.colors[below - 1]
    out = view.picture.copy()
    out[wide & ~np.isin(view.found.labels, rest)] = ground
    return out


def recolored(view: View, pieces, rng: np.random.Generator):
    """Every part in a colour of its own; holes stay."""
    colors = {}
    for piece in pieces:
        color = tuple(int(v) for v in rng.integers(20, 200, 3))
        ink = [k for k in piece.labels if not view.found.is_hole[k - 1]] or piece.labels
        colors.update(dict.fromkeys(ink, color))
    return recolor(view.picture, view.found, colors)


def judge(encoder: LogoEncoder, query: Path, hit: Path, rng: np.random.Generator):
    """Everything that is measured on one pair; None if the query has not 2 to 6 parts."""
    view = whole_view(query)
    pieces = partition(view.found)
    count = len(pieces)
    if not 2 <= count <= MOST_PIECES:
        return None
    rest = [[k for j in range(count) if j != i for k in pieces[j].labels] for i in range(count)]
    pictures = [remove(view.picture, view.found, piece.labels) for piece in pieces]
    pictures += [painted(view, pieces, i) for i in range(count)]
    pictures += [remove(view.picture, view.found, labels) for labels in rest]
    vectors = encoder.embed([*pictures, hit], engine="pytorch")
    removed, over, alone = (vectors[:-1] @ vectors[-1]).reshape(3, count)
    row = {"parts": count, "query": query.name, "hit": hit.name, "residual": 0.0}
    ranks = {name: explain(encoder, query, hit, method=name) for name in METHODS}
    shares = {name: [p.share for p in e.query_parts] for name, e in ranks.items()}
    shares["area"] = [view.found.area[np.array(p.labels) - 1].sum() for p in pieces]
    for name, own in shares.items():
        best = int(np.argmax(own))
        row[name] = [
            bool(removed[best] <= removed.min() + 1e-7),
            bool(over[best] <= over.min() + 1e-7),
            bool(alone[best] >= alone.max() - 1e-7),
        ]
    row["residual"] = max(abs(e.residual) for e in ranks.values())
    copy = explain(encoder, view.picture, recolored(view, pieces, rng))
    row["matched"] = None
    if [p.mask.tolist() for p in copy.query_parts] == [p.mask.tolist() for p in copy.hit_parts]:
        both = [(p.match, q.match) for p, q in zip(copy.query_parts, copy.hit_parts, strict=True)]
        named = [one == two for one, two in both if one is not None]
        row["matched"] = [sum(named), len(named), count]
    return row


def arrived(query: Path, condition: str) -> np.ndarray:
    """A logo in a condition, at half its size."""
    pixels = np.asarray(load_image(query))
    even = pixels[: len(pixels) // 2 * 2, : pixels.shape[1] // 2 * 2]
    return CONDITIONS[condition].make(even, zlib.crc32(query.name.encode()))


def judge_arrived(encoder: LogoEncoder, query: np.ndarray, hit: Path, rng: np.random.Generator):
    """What is measured in a condition: whether the explanation by removal is faithful, the masks of
    the parts with the largest share first, and matches in a recoloured copy.
    """
    view = whole_view(query)
    pieces = partition(view.found)
    if not 2 <= len(pieces) <= MOST_PIECES:
        return None
    vectors = encoder.embed(
        [*(remove(view.picture, view.found, piece.labels) for piece in pieces), hit],
        engine="pytorch",
    )
    removed = vectors[:-1] @ vectors[-1]
    shares = [part.share for part in explain(encoder, query, hit, method="removal").query_parts]
    best = int(np.argmax(shares))
    copy = explain(encoder, view.picture, recolored(view, pieces, rng))
    matched = None
    if [p.mask.tolist() for p in copy.query_parts] == [p.mask.tolist() for p in copy.hit_parts]:
        both = [(p.match, q.match) for p, q in zip(copy.query_parts, copy.hit_parts, strict=True)]
        named = [one == two for one, two in both if one is not None]
        matched = [sum(named), len(named)]
    return {
        "faithful": bool(removed[best] <= removed.min() + 1e-7),
        "parts": len(pieces),
        "top": np.isin(view.found.labels, pieces[best].labels),
        "matched": matched,
    }


def in_conditions(encoder: LogoEncoder, pairs, conditions, wanted: int) -> None:
    """Print one row a condition, of the first ``wanted`` pairs that have two parts or more in crisp
    form.
    """
    clean = []
    for query, hit in pairs:
        row = judge_arrived(encoder, arrived(query, "box"), hit, np.random.default_rng(0))
        if row is not None:
            clean.append((query, hit, row))
        if len(clean) == wanted:
            break
    print(
        "| condition | faithful | same largest | as many parts | matched |\n|---|---|---|---|---|"
    )
    for condition in conditions:
        for title, crisp in ((condition, False), (f"{condition}, as crisp", True)):
            patch = mock.patch("marquery.segments.segmenter.find_formation", return_value=CRISP)
            with patch if crisp else nullcontext():
                print(_condition_row(encoder, title, condition, clean), flush=True)


def _condition_row(encoder: LogoEncoder, title: str, condition: str, clean) -> str:
    """Pairs whose query has too few or too many parts in the condition count as wrong."""
    faithful, same, many, right, named = 0, 0, 0, 0, 0
    for query, hit, reference in clean:
        row = judge_arrived(encoder, arrived(query, condition), hit, np.random.default_rng(0))
        if row is None:
            continue
        faithful += row["faithful"]
        many += row["parts"] == reference["parts"]
        both = (row["top"] & reference["top"]).sum()
        same += both >= 0.5 * (row["top"] | reference["top"]).sum()
        if row["matched"] is not None:
            right, named = right + row["matched"][0], named + row["matched"][1]
    cells = [f"{100 * count / len(clean):.0f} %" for count in (faithful, same, many)]
    return f"| {title} | {' | '.join(cells)} | {100 * right / max(1, named):.0f} % |"


def percent(values, rng: np.random.Generator) -> str:
    """A mean of yes and no with its 95 % bootstrap interval."""
    values = np.asarray(values, float)
    means = values[rng.integers(0, len(values), (2000, len(values)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return f"{100 * values.mean():.0f} % [{100 * low:.0f}, {100 * high:.0f}]"


def table(title: str, rows) -> None:
    """Rows of a table: methods and rivals, and how often each names the part that counts most."""
    if not rows:
        return
    rng = np.random.default_rng(0)
    print(f"\n| {title} ({len(rows)} pairs) | removed | painted | alone |\n|---|---|---|---|")
    for name in (*METHODS, "area"):
        cells = " | ".join(percent([row[name][i] for row in rows], rng) for i in range(3))
        print(f"| {name} | {cells} |")
    chance = f"{100 * np.mean([1 / row['parts'] for row in rows]):.0f} %"
    print(f"| chance | {chance} | {chance} | {chance} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", type=Path, default=Path("data/openlogos"))
    parser.add_argument("--pairs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--conditions", help="separated by commas")
    parser.add_argument("--out", type=Path, help="JSON lines, one a pair")
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    encoder = LogoEncoder.load(args.model)
    logos = LogoSet.from_manifest(args.data).split("val")
    if args.conditions:
        in_conditions(encoder, pairs_of(logos, rng), args.conditions.split(","), args.pairs)
        return
    rows = []
    with progress_bar("explaining", args.pairs) as advance:
        for query, hit in pairs_of(logos, rng):
            row = judge(encoder, query, hit, rng)
            if row is not None:
                rows.append(row)
                advance(1)
            if len(rows) == args.pairs:
                break
    if args.out is not None:
        args.out.write_text("".join(json.dumps(row) + "\n" for row in rows))
    report(rows)


def report(rows) -> None:
    counts = np.array([row["parts"] for row in rows])
    print(f"{len(rows)} pairs, {counts.mean():.2f} parts a query; largest |residual| ", end="")
    print(f"{max(row['residual'] for row in rows):.1e}")
    table("largest share by", rows)
    # With two parts the Shapley values differ by as much as the removals do: those pairs test
    # nothing.
    table("of three parts or more", [row for row in rows if row["parts"] > 2])
    print("\n| parts | pairs | removal | regions | chance |\n|---|---|---|---|---|")
    for count in range(2, MOST_PIECES + 1):
        own = [row for row in rows if row["parts"] == count]
        if own:
            shown = [f"{100 * np.mean([r[m][0] for r in own]):.0f} %" for m in METHODS]
            print(f"| {count} | {len(own)} | {' | '.join(shown)} | {100 / count:.0f} % |")
    matched = [row["matched"] for row in rows if row["matched"] is not None]
    right, named, total = (sum(row[i] for row in matched) for i in range(3))
    print(
        f"\nrecoloured copies: {len(matched)} with {total} parts; {named} matched, {right} with "
        "themselves"
        f" ({100 * right / max(named, 1):.0f} %)"
    )


if __name__ == "__main__":
    main()
