"""Hits that are one to an examiner: the same picture again, and the series of one owner."""

from dataclasses import dataclass, field

from marquery.index.metadata.types import Value
from marquery.web.examiner.answer import Hit
from marquery.web.examiner.index_version import IndexVersion

# Cosine of two whole logos of one owner from which they are taken for one series.
_SERIES = 0.95
_OWNERS = ("owner", "holder", "applicant", "proprietor", "owner_name", "applicant_name")


@dataclass
class Folded:
    """A hit and those below it that are folded into it, in the order of the ranking."""

    hit: Hit
    same: list[Hit] = field(default_factory=list)
    """The same picture, byte by byte."""
    series: list[Hit] = field(default_factory=list)
    """Other pictures of the same owner that are hardly different."""

    @property
    def others(self) -> list[Hit]:
        """All that are folded into it, by their ranks."""
        return sorted((*self.same, *self.series), key=lambda hit: hit.match.rank)


def fold(opened: IndexVersion, hits: list[Hit]) -> list[Folded]:
    """Hits of one page, each with those that are folded into it.

    Args:
        opened: the version of the index that holds them.
        hits: by rank.
    """
    owners = {hit.match.id: owner for hit in hits if (owner := _owner(hit.match.metadata))}
    repeated = {o for o in owners.values() if list(owners.values()).count(o) > 1}
    vectors = opened.vectors([logo for logo, owner in owners.items() if owner in repeated])
    folded: list[Folded] = []
    for hit in hits:
        for head in folded:
            if head.hit.details.sha256 == hit.details.sha256:
                head.same.append(hit)
                break
            one, other = head.hit.match.id, hit.match.id
            of_one_owner = one in owners and owners[one] == owners.get(other)
            if of_one_owner and float(vectors[one] @ vectors[other]) >= _SERIES:
                head.series.append(hit)
                break
        else:
            folded.append(Folded(hit))
    return folded


def _owner(metadata: dict[str, Value]) -> str:
    """Who owns a logo, however the letters are written; empty where nothing is said."""
    value = next((metadata[name] for name in _OWNERS if metadata.get(name)), None)
    owners = value if isinstance(value, list) else [] if value is None else [str(value)]
    return "; ".join(sorted(owner.lower() for owner in owners))
