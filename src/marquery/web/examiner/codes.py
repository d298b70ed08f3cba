"""Codes of classifications: those of a column to choose from, and those suggested for a query."""

from marquery.errors import NotThereError, UsageError
from marquery.index.browsing.code_tree import Branch
from marquery.index.browsing.suggesting import NEIGHBOURS, Suggested, suggest_codes
from marquery.web.examiner.finding import check_facets
from marquery.web.examiner.search_request import SearchRequest
from marquery.web.examiner.service import Service


def codes_of(
    service: Service, request: SearchRequest, column: str, of: str = "", find: str = ""
) -> tuple[Branch, ...]:
    """Codes of a column, each with the number of logos that it would leave beside the search's
    other filters.

    Args:
        service: where the metadata is.
        request: the search.
        column: its name.
        of: a branch of dotted codes, whose branches are given; empty: the widest ones.
        find: the beginning of a code or words of its name, in place of a branch.

    Raises:
        NotThereError: the column holds no codes.
        UsageError: the filter cannot be understood.
    """
    opened = service.at(request.version)
    kinds, chosen = opened.facets.kinds, request.facets
    if column not in kinds:
        known = ", ".join(kinds) or "none"
        raise NotThereError("column", f"{column[:40]!r} holds no codes", f"there are {known}")

    def name(code: str) -> str:
        return opened.code_name(column, code)

    check_facets(request, opened.facets.columns)
    where = request.where or None
    if kinds[column] == "tree" and not find.strip():
        return opened.facets.branches(column, chosen, where, of)
    if kinds[column] == "tree":
        return opened.facets.find_codes(column, find, name, chosen, where)
    _, facets = opened.facets.count(chosen, where)
    counts = next(facet for facet in facets if facet.column == column).by_number
    words = find.casefold().split()
    told = [Branch(c.value, c.value, c.count, c.chosen, 0) for c in counts if c.value]
    return tuple(
        code
        for code in told
        if code.code == find.strip() or all(w in name(code.code).casefold() for w in words)
    )


def suggestions(service: Service, request: SearchRequest) -> Suggested:
    """Codes that the query may be given, by the votes of the logos nearest to it, whatever the
    filters are.

    Args:
        service: where they are searched for.
        request: the search; its strategy makes no difference.

    Raises:
        UsageError: there is neither a picture nor a logo to be like.
        BusyError: too many searches wait already.
        MarqueryError: the index cannot be read.
    """
    if not (request.queries or request.like):
        raise UsageError("queries", "there is no picture to suggest codes for", "give one")
    service.keep_pictures(request)
    opened = service.at(request.version)
    place = (opened.generation, opened.version)
    key = (request.queries, request.crop, request.like, request.unlike, place)

    def suggest() -> Suggested:
        with service.searching:
            images, _ = service.pictures(request.replace(strategy="overall"))
            with service.computing:
                return suggest_codes(
                    opened.index,
                    images or None,
                    neighbours=NEIGHBOURS,
                    like=request.like,
                    unlike=request.unlike,
                    facets=opened.facets,
                )

    return service.suggested.get_or_make(key, suggest)
