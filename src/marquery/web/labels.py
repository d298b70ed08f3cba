"""What page and API call strategies and parameters, in templates and in error messages."""

from marquery.index.strategies.registry import get_strategy

#: Labels on the page, by the parameters' names in the API and in the page's forms.
FIELD_LABELS = {
    "q": "Picture",
    "picture": "Picture",
    "crop": "Rectangle",
    "strategy": "Compare",
    "words": "Words to look for",
    "where": "Where",
    "like": "More like",
    "unlike": "Less like",
    "exact": "Compared with every logo",
    "turned": "Turned and mirrored, too",
    "at": "Index version",
    "page": "Page",
    "sort": "Sort",
    "size": "On a page",
    "hit": "Side by side",
    "form": "As",
    "hits": "First hits",
    "k": "First hits",
    "reference": "Reference",
    "examiner": "Examiner",
    "explained": "Explain kept hits",
    "name": "Name",
    "reviewer": "Your name, for decisions and reports",
    "verdict": "Decision",
    "note": "Note",
    "token": "Token that the server was started with",
    "owner": "Owner of the mark",
    "text": "Comment",
    # What the page's own forms and links send, and nobody types.
    "case": "Picture",
    "logo": "Logo",
    "number": "Saved search",
    "queue": "Queue",
    "state": "Search",
}
#: Parameters of the library and fields of the models that the API calls otherwise.
_API_NAMES = {
    "part": "crop",
    "queries": "q",
    "version": "at",
    "chosen": "f.COLUMN",
    "report": "form",
}


def strategy_label(name: str) -> str:
    """What the page calls a strategy: ``Whole logo`` for ``overall``."""
    return get_strategy(name).label


def api_name(option: str) -> str:
    """What the API calls a parameter of the library: ``crop`` for ``part``."""
    return _API_NAMES.get(option, option)


def page_label(option: str) -> str:
    """The label that stands on the page for a parameter: ``Rectangle`` for ``part``.

    A column is called by its name; what has no label keeps its name.
    """
    name = api_name(option)
    if name.startswith("f."):
        return "Filter" if option in _API_NAMES else name.removeprefix("f.").replace("_", " ")
    return FIELD_LABELS.get(name, name)
