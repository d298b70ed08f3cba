"""What a person is told of a pair of logos: sentences by rules, from facts that are sure."""

from collections.abc import Sequence

from marquery.index.likeness.colors import PaintPair, color_name, difference
from marquery.index.likeness.logo import LogoFacts, OutlinePart
from marquery.index.likeness.outline import Alignment
from marquery.index.likeness.pair import OutlineMatch, PairFacts
from marquery.index.likeness.word_sentences import word_sentences

# More colours than this in one sentence are no sentence.
_COLORS = 4
# CIEDE2000 difference from which backgrounds are told apart.
_FAR = 20.0
_NOTHING = "Nothing in outline, words, colours or layout was measured for sure."
_BACKINGS = {"disc": "a disc", "square": "a square", "bar": "a rectangle", "shield": "a badge"}


def pair_sentences(pair: PairFacts) -> list[str]:
    """All that is alike and not, the most telling first.

    Args:
        pair: the query and the hit.
    """
    if not pair.is_drawn:
        return word_sentences(pair) or [_NOTHING]
    outlines = outline_sentences(pair)
    same = any(m.first.what == "whole" and m.second.what == "whole" for m in pair.outlines)
    layout = [] if same else layout_sentences(pair)
    words = word_sentences(pair)
    colors = [*color_sentences(pair), *background_sentences(pair)]
    if not outlines:
        outlines = no_outline_sentences(pair)
        if pair.nothing_is_alike and any(line.startswith("Both") for line in layout):
            outlines = ["Alike by layout only: no large parts with matching outlines were found."]
            return [*words, *outlines, *layout, *colors]
        return [*words, *outlines, *layout, *colors] or [_NOTHING]
    return [*outlines, *words, *colors, *layout]


def outline_sentences(pair: PairFacts) -> list[str]:
    """Parts with the same or a similar outline, and how far they overlap."""
    return [_outline(match, pair) for match in pair.outlines if not _says_little(match, pair)]


def whole_outline_sentences(pair: PairFacts) -> list[str]:
    """How far the outlines of the wholes overlap, alike or not."""
    if pair.whole is None:
        return _blank(pair)
    laid = pair.whole
    overlap = f"{_percent(laid.overlap)} overlap{_turn(laid)}"
    if laid.is_same or laid.is_similar:
        grade = "the same outline" if laid.is_same else "a similar outline"
        return [f"As a whole, query and hit have {grade}: {overlap}."]
    return [f"The outlines as a whole differ: {overlap}."]


def _blank(pair: PairFacts) -> list[str]:
    blank = [n for n, f in (("query", pair.first), ("hit", pair.second)) if not f.parts]
    return [f"No shapes were found in the {name}." for name in blank]


def no_outline_sentences(pair: PairFacts) -> list[str]:
    """That no outlines are alike, where it is so."""
    if pair.whole is None:
        return _blank(pair)
    if not (pair.first.ground_is_sure and pair.second.ground_is_sure):
        return []  # of one of them the background may have been taken for the ink
    if pair.nothing_is_alike:
        return ["No large parts with matching outlines were found."]
    if pair.outlines or pair.whole.is_similar:
        return []
    if pair.roughly is not None:
        one = _named(pair.roughly[0], "query", pair.first)
        other = _named(pair.roughly[1], "hit", pair.second)
        return [f"{_capital(one)} has roughly the shape of {other}, in other strokes or details."]
    return [f"The outlines as a whole differ: {_percent(pair.whole.overlap)} overlap."]


def color_sentences(pair: PairFacts) -> list[str]:
    """Colours of both, and those of one only."""
    match = pair.colors
    count = len(match.pairs) + max(len(match.only_first), len(match.only_second))
    sure = pair.first.ground_is_sure and pair.second.ground_is_sure
    if not match.pairs or count > _COLORS or not sure or pair.whole is None:
        return []
    kept = _names([pair.first for pair in match.kept])
    if match.are_same:
        return [f"Same colour{'s' if len(match.pairs) > 1 else ''}: {_listed(kept)}."]
    changed = [pair for pair in match.pairs if not pair.is_same]
    ones = _names([*(p.first for p in changed), *match.only_first])
    others = _names([*(p.second for p in changed), *match.only_second])
    if not kept and ones == others:
        return [f"A different shade: {_listed(ones)} in both, {_apart(changed)} apart (CIEDE2000)."]
    if set(ones) & set(others) or set(kept) & {*ones, *others}:  # shades that a name cannot tell
        return []
    if set(ones) & pair.second.seen_colors or set(others) & pair.first.seen_colors:
        return []  # a detail or the background of the other has it
    told = [f"{_listed(kept)} in both"] if kept else []
    told += [
        f"{_listed(names)} only in the {who}"
        for who, names in (("query", ones), ("hit", others))
        if names
    ]
    if not kept and ones and others:
        return [f"Other colours: {_listed(ones)} in the query, {_listed(others)} in the hit."]
    return [f"Colours: {', '.join(told)}."]


def background_sentences(pair: PairFacts) -> list[str]:
    """The colours of the backgrounds, where they differ."""
    if not (pair.first.shows_background and pair.second.shows_background):
        return []
    one, other = (color_name(facts.background) for facts in (pair.first, pair.second))
    if one == other or difference(pair.first.background, pair.second.background) < _FAR:
        return []
    return [f"The query is on {one}, the hit on {other}."]


def _on_one_ground(one: LogoFacts, other: LogoFacts) -> bool:
    """A logo on yellow all over, beside one on a yellow badge, stands on yellow to a person."""
    return color_name(one.background) == color_name(other.background)


def layout_sentences(pair: PairFacts) -> list[str]:
    """Badges, rings, rows, and how figure and words are set."""
    lines = []
    one, other = pair.first, pair.second
    backings = [facts.backing if facts.shows_badge else None for facts in (one, other)]
    if backings[0] is not None and backings[1] is not None:
        shapes = [_BACKINGS[b.shape] for b in backings if b is not None]
        if shapes[0] == shapes[1]:
            lines.append(f"Both stand on {shapes[0]}.")
        else:
            lines.append(f"The query stands on {shapes[0]}, the hit on {shapes[1]}.")
    for name, not_name, backing, bare in (
        ("query", "hit", backings[0], other),
        ("hit", "query", backings[1], one),
    ):
        if backing is not None and bare.has_no_backing and _on_one_ground(one, other):
            lines.append(
                f"The {name} stands on {_BACKINGS[backing.shape]}, the {not_name} does not."
            )
    if one.order is not None and other.order is not None and one.order[0] == other.order[0]:
        kind, counts = one.order[0], (one.order[1], other.order[1])
        if counts[0] == counts[1]:
            lines.append(f"Both are a {kind} of {counts[0]} like shapes.")
        else:
            lines.append(
                f"Both are a {kind} of like shapes: {counts[0]} in the query, "
                f"{counts[1]} in the hit."
            )
    if one.placing is not None and other.placing is not None:
        if one.placing == other.placing:
            lines.append(f"Both have the figure {one.placing} the words.")
        else:
            lines.append(
                f"The figure is {one.placing} the words in the query, "
                f"{other.placing} them in the hit."
            )
    return lines


def _says_little(match: OutlineMatch, pair: PairFacts) -> bool:
    whole = match.first.what == match.second.what == "whole"
    return match.is_plain and not (whole and match.alignment.is_same)


def _outline(match: OutlineMatch, pair: PairFacts) -> str:
    laid = match.alignment
    grade = "the same outline" if laid.is_same else "a similar outline"
    overlap = f"{_percent(laid.overlap)} overlap"
    turn = _turn(laid)
    if match.first.what == match.second.what == "whole":
        return f"As a whole, query and hit have {grade}: {overlap}{turn}."
    if match.first.what == "contour":
        alike = "the same" if laid.is_same else "similar"
        return f"The outer contours of query and hit are {alike}: {overlap}{turn}."
    one = _named(match.first, "query", pair.first)
    other = _named(match.second, "hit", pair.second)
    return f"{_capital(one)} has {grade} as {other}: {overlap}{turn}."


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _percent(share: float) -> str:
    return f"{int(100 * share + 1e-9)} %"


def _named(part: OutlinePart, who: str, facts: LogoFacts) -> str:
    what = "part" if part.what == "content" and not facts.shows_badge else part.what
    return {
        "whole": f"the {who}",
        "figure": f"the figure of the {who}",
        "contour": f"the outer contour of the {who}",
        "content": f"what stands on the {who}'s badge",
        "words": f"the lettering of the {who}",
        "part": f"a part of the {who}",
    }[what]


def _turn(laid: Alignment) -> str:
    told = ["mirrored"] if laid.mirrored else []
    told += [f"turned by {laid.degrees}°"] if laid.degrees else []
    return f", {' and '.join(told)}" if told else ""


def _names(colors: Sequence[tuple[float, float, float]]) -> list[str]:
    return list(dict.fromkeys(color_name(color) for color in colors))


def _apart(pairs: Sequence[PaintPair]) -> str:
    return f"{max(pair.difference for pair in pairs):.0f}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
