"""What must hold of a METU folder: the published counts, groups that are whole, no test logo in
training.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from marquery.datasets.metu.layout import (
    GALLERY_LIST,
    QUERY_LIST,
    TRAINING_LIST,
    UNLABELLED_LIST,
    Listed,
    MetuFiles,
)
from marquery.datasets.naming import name_some

#: METU Trademark Dataset v2 as published: all logos (the queries among them), queries, and their
#: groups.
LOGOS = 923_343
QUERIES = 417
GROUPS = 35


@dataclass
class MetuFindings:
    """Counts, and what they and the lists tell."""

    paths: list[str]
    """Every file that is named, once."""
    counts: dict[str, int]
    expected: dict[str, int]
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def verify_metu(files: MetuFiles, least_group: int) -> MetuFindings:
    """Compare a METU folder with what was published, and look for leaks.

    Args:
        files: what the folder says.
        least_group: size from which a group can fill a batch of the paper.
    """
    lists = (files.queries, files.gallery, files.training, files.unlabelled)
    paths = list(dict.fromkeys(path for listed in lists for path in listed.paths))
    labelled: dict[str, str] = {}
    for listed in lists:
        for path, group in listed.pairs():
            if group:  # where lists contradict each other the first counts, as in metu_logos
                labelled.setdefault(path, group)
    found = MetuFindings(
        paths=paths,
        counts={
            "files": len(paths),
            "queries": len(labelled),
            "groups": len(set(labelled.values())),
            "test queries": len(set(files.queries.paths)),
            "training logos with a group": sum(1 for _, g in files.training.pairs() if g),
            "training logos without": len(set(files.unlabelled.paths)),
        },
        expected={"files": LOGOS, "queries": QUERIES, "groups": GROUPS},
    )
    for what, wanted in found.expected.items():
        if found.counts[what] != wanted:
            found.problems.append(
                f"{found.counts[what]:,} {what} where METU v2 has {wanted:,}: figures from this "
                "folder do not "
                "compare with published ones"
            )
    if files.missing:
        found.problems.append(f"lists that are not there: {', '.join(files.missing)}")
    _contradictions(found, lists)
    _leaks(found, files)
    _groups(found, files, labelled, least_group)
    return found


def _contradictions(found: MetuFindings, lists: tuple[Listed, ...]) -> None:
    named: defaultdict[str, set[str]] = defaultdict(set)
    for listed in lists:
        for path, group in listed.pairs():
            if group:
                named[path].add(group)
    torn = [path for path, groups in named.items() if len(groups) > 1]
    if torn:
        found.problems.append(f"{len(torn):,} files are given two groups: {name_some(torn)}")


def _leaks(found: MetuFindings, files: MetuFiles) -> None:
    tested = {path: group for path, group in files.queries.pairs() if group}
    trained = set(files.training.groups) - {""}
    shared = [group for group in set(tested.values()) if group in trained]
    if files.layout == "queries":
        found.notes.append(
            f"no lists say which groups may be trained on: {len(trained)} of "
            f"{len(set(tested.values()))} are "
            "taken for training; results tell them apart from the others"
        )
        return
    if shared:
        count = sum(group in trained for group in tested.values())
        found.problems.append(
            f"a leak: {count:,} of {len(tested):,} test queries are of {len(shared)} groups that "
            f"{TRAINING_LIST} "
            f"trains on (groups {name_some(shared)}); read the figures of the unseen groups alone"
        )
    hidden = set(files.unlabelled.paths) & set(tested)
    if hidden:
        found.problems.append(
            f"a leak: {UNLABELLED_LIST} lists {len(hidden):,} test queries as unlabelled; "
            "marquery leaves them out of the training"
        )
    aside = [p for p, group in files.gallery.pairs() if group and p not in tested]
    if aside and files.queries:
        found.notes.append(
            f"{GALLERY_LIST} gives a group to {len(aside):,} logos that {QUERY_LIST} does not "
            "list; they are queries, too"
        )
    repeated = sum(
        len(listed) - len(set(listed.paths))
        for listed in (files.queries, files.gallery, files.training, files.unlabelled)
    )
    if repeated:
        found.notes.append(f"{repeated:,} lines repeat a file of the same list; it counts once")


def _groups(
    found: MetuFindings, files: MetuFiles, labelled: dict[str, str], least_group: int
) -> None:
    sizes = Counter(labelled.values())
    lonely = [group for group, size in sizes.items() if size < 2]
    if lonely:
        found.problems.append(
            f"{len(lonely)} groups have a single logo, so that it has nothing to find: "
            f"{name_some(lonely)}"
        )
    training = Counter(group for _, group in files.training.pairs() if group)
    small = [group for group, size in training.items() if size < least_group]
    if small:
        found.notes.append(
            f"{len(small)} training groups have under {least_group} logos: {name_some(small)}; the "
            "paper's batches "
            "(batch.kind: paper) pass them over"
        )
