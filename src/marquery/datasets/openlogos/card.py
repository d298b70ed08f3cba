"""``DATACARD.md``: what is in a built data set, under which licences, and whose marks they are."""

from collections import Counter
from collections.abc import Sequence

from marquery.datasets.openlogos.manifest import SHARES, Row
from marquery.datasets.openlogos.sources import Source

_HEAD = """# openlogos

Logos of brands, software and crypto tokens, drawn by different people, for measuring how well
similar logos are found. Built by marquery from icon collections on the npm registry; anybody can
build the same set again from the pinned versions below.

**The marks belong to their owners.** The licences below are those of the drawings. They give no
right to a name or a mark, and nobody shown here has endorsed anything. Use the set to measure and
to train retrieval, not to sell a mark as your own.
"""


def datacard(
    sources: Sequence[Source], rows: Sequence[Row], dropped: Sequence[str], copies: int, size: int
) -> str:
    """Markdown text with the real counts of one build.

    Args:
        sources: the collections.
        rows: the logos of the build.
        dropped: ids of icons that show nothing.
        copies: number of copies left out.
        size: pixels of the longest side.
    """
    parts = [
        _HEAD,
        _counts(rows, dropped, copies, size),
        _collections(sources, rows),
        _licences(sources, rows),
    ]
    return "\n".join(parts)


def _counts(rows: Sequence[Row], dropped: Sequence[str], copies: int, size: int) -> str:
    lines = [
        "## Counts\n",
        *_editions(rows),
        "| split | namespace | logos | brands | brands with two logos or more | logos in those |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for split in (*(name for name, _ in SHARES), "all"):
        for namespace in ("brand", "crypto"):
            brands = Counter(
                r.brand for r in rows if r.namespace == namespace and split in (r.split, "all")
            )
            several = [n for n in brands.values() if n > 1]
            lines.append(
                f"| {split} | {namespace} | {brands.total():,} | {len(brands):,} "
                f"| {len(several):,} | {sum(several):,} |"
            )
    dark = sum(row.backdrop == "dark" for row in rows)
    lines.append(
        f"\nThe longest side is {size} pixels. {dark:,} logos that would vanish on white lie on a "
        "dark "
        f"background. {copies:,} drawings are copies of another one of their brand and "
        "are not listed. "
        f"{len(dropped):,} icons were left out because nothing could be seen of them"
        + (f": {', '.join(f'`{name}`' for name in dropped)}." if dropped else ".")
        + "\n"
    )
    return "\n".join(lines)


def _editions(rows: Sequence[Row]) -> list[str]:
    """A line for each edition, if there is more than one."""
    counts = Counter(row.edition for row in rows)
    if len(counts) < 2:
        return []
    return [
        "".join(f"Edition {edition} has {counts[edition]:,} of the logos. " for edition in (1, 2))
        + "Brands of edition 1 keep their logos, name and split; the column `edition` tells which "
        "logos were added.\n"
    ]


def _collections(sources: Sequence[Source], rows: Sequence[Row]) -> str:
    counts = Counter(row.collection for row in rows)
    lines = [
        "## Collections\n",
        "| collection | by | npm package | logos | licence |",
        "|---|---|---|---:|---|",
    ]
    lines += [
        f"| {s.title} | [{s.author}]({s.author_url}) | `{s.spec}` | {counts[s.name]:,} "
        f"| [{s.licence}]({s.licence_url}) |"
        for s in sources
    ]
    return "\n".join(lines) + "\n"


def _licences(sources: Sequence[Source], rows: Sequence[Row]) -> str:
    counts = Counter(row.licence for row in rows)
    lines = ["## Licences of the drawings\n"]
    for licence in sorted(counts):
        titles = ", ".join(source.title for source in sources if source.licence == licence)
        lines.append(f"- **{licence}**, {counts[licence]:,} logos: {titles}.")
    lines.append(
        "\nThe pictures were made by rendering the drawings and laying them on a plain background; "
        "nothing else "
        "was changed. CC-BY asks for the names above to be kept; CC-BY-SA also for changed "
        "versions to carry "
        "the same licence; it speaks of drawings and pictures of them. OFL is the licence of a "
        "font that the drawings were published in, and asks nothing of pictures. The column "
        "`licence` of the manifest says which one a logo is under.\n"
    )
    return "\n".join(lines)
