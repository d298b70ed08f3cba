"""Templates to HTML: everything is escaped, and a name that is not there is an error."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment
from starlette.responses import HTMLResponse

from marquery._version import __version__
from marquery.index.metadata.types import Value
from marquery.templates import make_environment
from marquery.web import limits
from marquery.web.dependencies import get_reviewer, get_service
from marquery.web.labels import page_label, strategy_label
from marquery.web.security import COOKIE

STATIC = Path(__file__).parent / "static"
#: Metadata columns that name a mark, the best first.
_TITLES = ("mark", "name", "title", "brand", "owner")
_LONGEST_LINE = 60


def page_templates() -> Environment:
    """The templates with what they call."""
    environment = make_environment("marquery.web", "serve")
    environment.filters |= {"thousands": thousands, "percent": percent, "plain": plain}
    environment.globals |= {
        "asset": asset,
        "scripts": scripts,
        "pieces": lambda place: pieces(environment, place),
        "limits": limits,
        "label": page_label,
        "strategy_label": strategy_label,
        "title_of": title_of,
        "facts_of": facts_of,
        "program": f"marquery {__version__}",
    }
    return environment


@cache
def asset(name: str) -> str:
    """Address of a file of ``static``; it changes with the content, so browsers may keep it."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def scripts() -> list[str]:
    """Names of our scripts in ``static``, except theme.js, which base.html loads first."""
    return sorted(file.name for file in STATIC.glob("*.js") if file.name != "theme.js")


def pieces(environment: Environment, place: str) -> list[str]:
    """Templates of the elements at a place of the page: those in the folder of that name."""
    return environment.list_templates(filter_func=lambda name: name.startswith(f"{place}/"))


def render(request: Request, template: str, code: int = 200, **values: Any) -> HTMLResponse:
    """A page, or a piece of one.

    Args:
        request: what is answered.
        template: name of its file.
        code: status of HTTP.
        values: what the template shows beside what every page does.
    """
    environment: Environment = request.app.state.templates
    service = get_service(request)
    common = {
        "index_name": service.name,
        "index_size": len(service.index),
        "here": request.url.path,
        "has_session": COOKIE in request.cookies,
        "reviewer": get_reviewer(request),
    }
    text = environment.get_template(template).render(**common, **values)
    return HTMLResponse(text, code, {"vary": "HX-Request"})


def thousands(number: int) -> str:
    """18918 -> 18,918."""
    return f"{number:,}"


def percent(share: float) -> str:
    """0.934 -> 93 %; what is not certain is not called 0 or 100."""
    if 0 < share < 0.01:
        return "< 1 %"
    if 0.99 < share < 1:
        return "> 99 %"
    return f"{share:.0%}".replace("%", " %")


def plain(value: Value) -> str:
    """A metadata value as text."""
    if value is None:
        return ""
    return ", ".join(value) if isinstance(value, list) else str(value)


def title_of(metadata: dict[str, Value], name: str) -> str:
    """What a logo is called: by its metadata, else by its file."""
    for column in _TITLES:
        if text := plain(metadata.get(column)):
            return text
    return Path(name).stem


def facts_of(metadata: dict[str, Value], most: int = 3) -> list[tuple[str, str]]:
    """The first metadata of a logo beside its title, for a line below it."""
    title = next((c for c in _TITLES if plain(metadata.get(c))), None)
    facts: list[tuple[str, Any]] = [
        (column, plain(value)) for column, value in metadata.items() if column != title
    ]
    return [(c, text) for c, text in facts if text and len(text) <= _LONGEST_LINE][:most]
