"""What decides which logos are ranked, and what is measured; checked before anything heavy is
loaded.
"""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from marquery.errors import UsageError

if TYPE_CHECKING:
    from marquery.comparison.methods import RankingPlan
    from marquery.datasets import LogoSet
    from marquery.datasets.edit_set import MadeSet
    from marquery.evaluation.protocols import Ties


@dataclass(frozen=True)
class EvaluationOptions:
    """Options of an evaluation on a data set.

    Attributes:
        protocol: ``standard``, ``metu`` or ``upstream``, see :mod:`marquery.evaluation.protocols`.
        split: of the data set that is ranked, where it has splits.
        ties: ``best``, ``mean`` or ``worst`` rank of tied items; None: as the protocol has it.
        strata: also measure by what sets query and answer apart.
        distractors: unlabelled logos of the other splits that are ranked beside.
        queries_from: only this collection's logos are queries.
        clusters: also measure how the embeddings cluster.
        alike: also measure on the pairs of openlogos that were looked at.
        edits: queries are edited logos, each of which has to be found again.
        conditions: queries are logos as they arrive, each of which has to be found again.
        edition: of openlogos that is ranked, in a build of that edition or a later one; None: all
            that is there.
        ideas: also measure whether logos of other brands that show the same idea are found.

    Raises:
        UsageError: options do not go together.
    """

    protocol: str = "standard"
    split: str = "test"
    ties: "Ties | None" = None
    strata: bool = False
    distractors: int = 0
    queries_from: str | None = None
    clusters: bool = False
    alike: bool = False
    edits: bool = False
    conditions: bool = False
    edition: int | None = None
    ideas: bool = False

    def __post_init__(self) -> None:
        changed = [f.name for f in fields(self) if getattr(self, f.name) != f.default]
        made = self.made
        if made is not None:
            beside = [name for name in changed if name not in (made, "split", "edition")]
            if "protocol" in beside:
                raise UsageError(
                    "protocol",
                    f"{self.protocol}: {made} are ranked by the protocol standard alone",
                    "leave it out",
                )
            if beside:
                raise UsageError(
                    made,
                    f"does not go with {beside[0].replace('_', ' ')}",
                    lambda name: f"leave {name(beside[0])} out",
                )
        if self.ideas and self.protocol != "standard":
            raise UsageError(
                "protocol",
                f"{self.protocol}: ideas are ranked by the protocol standard alone",
                "leave it out",
            )
        if self.protocol == "upstream":
            for name, why in (
                ("strata", "the protocol upstream is not defined by strata"),
                ("alike", "the protocol upstream is not defined by pairs"),
                ("ties", "the protocol upstream ranks ties as sorted"),
            ):
                if name in changed:
                    raise UsageError(name, why, "leave it out, or choose another protocol")

    @property
    def made(self) -> "MadeSet | None":
        """The evaluation set whose queries are ranked, where they are made from logos."""
        return "edits" if self.edits else "conditions" if self.conditions else None

    @property
    def of_a_data_set(self) -> bool:
        """Whether anything is asked for that embeddings without a data set cannot give."""
        bare = EvaluationOptions(self.protocol, self.split, self.ties)
        return self != bare

    def plan(self, logos: "LogoSet") -> "RankingPlan":
        """How these logos are ranked; with strata, compares the pairs, or recalls what was found
        before.

        Raises:
            UsageError: no logo is of the collection whose logos are to be queries.
            MarqueryError: the set is not the one that was looked at.
        """
        from marquery.comparison.methods import RankingPlan
        from marquery.datasets.alike import judged_pairs
        from marquery.datasets.ideas import idea_queries
        from marquery.datasets.selection import of_collection
        from marquery.datasets.strata import pair_strata

        queries = None
        if self.queries_from is not None:
            queries = of_collection(logos, self.queries_from) & (logos.groups != "")
        pairs = pair_strata(logos) if self.strata else None
        judged = judged_pairs(logos) if self.alike else None
        ideas = idea_queries(logos) if self.ideas else None
        return RankingPlan(self.protocol, self.ties, queries, pairs, self.clusters, judged, ideas)

    def settings(self, plan: "RankingPlan | None" = None) -> dict[str, Any]:
        """What a file of results says of them; with the plan, which strata were compared."""
        if self.made is not None:
            return {"queries": self.made, "split": self.split}
        pairs = None if plan is None else plan.pairs
        return {
            "strata": None if pairs is None else pairs.digest(),
            "split": self.split,
            "ties": self.ties,
            "distractors": self.distractors,
            "queries_from": self.queries_from,
            "bootstrap": {"samples": 1000, "seed": 0},
        }
