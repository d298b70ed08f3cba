"""Templates to HTML: everything is escaped, and a name that is not there is an error."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment
from starlette.responses import HTMLResponse

from marquery._version import __version__
from marquery.calibration.chance import chance_in_words, grade
from marquery.index import Match
from marquery.templates import make_environment
from marquery.web import limits
from marquery.web.codes import left_out
from marquery.web.columns import default_columns, fields_of, title_of
from marquery.web.dependencies import REVIEWER, get_columns, get_reviewer, get_service
from marquery.web.labels import page_label, strategy_label
from marquery.web.security import COOKIE

STATIC = Path(__file__).parent / "static"


def page_templates() -> Environment:
    """The templates with what they call."""
    environment = make_environment("marquery.web", "serve")
    environment.filters |= {
        "thousands": thousands,
        "chance": chance,
        "percent": percent,
        "when": when,
        "reasons": main_reasons,
        "tuple_of": tuple,
    }
    environment.globals |= {
        "asset": asset,
        "scripts": scripts,
        "pieces": lambda place: pieces(environment, place),
        "limits": limits,
        "label": page_label,
        "strategy_label": strategy_label,
        "title_of": title_of,
        "fields_of": fields_of,
        "default_columns": default_columns,
        "left_out": left_out,
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
    newest = cache(service.at)  # a page names many codes, and the index is looked at once
    common = {
        "index_name": service.name,
        "index_size": len(service.index),
        "here": request.url.path,
        "has_session": COOKIE in request.cookies,
        "reviewer": get_reviewer(request),
        "is_named": REVIEWER in request.cookies,
        "address": f"{request.url.path}?{request.url.query}" if request.method == "GET" else "/",
        "chosen_columns": get_columns(request),
        "code_name": lambda *asked: newest().code_name(*asked),
    }
    text = environment.get_template(template).render(**common, **values)
    return HTMLResponse(text, code, {"vary": "HX-Request"})


def when(moment: str) -> str:
    """A moment as it is shown without scripts: ``2026-03-01 14:05 UTC``."""
    return f"{moment[:16].replace('T', ' ')} UTC"


def thousands(number: int) -> str:
    """18918 -> 18,918."""
    return f"{number:,}"


def main_reasons(reasons: Mapping[str, float]) -> str:
    """What speaks most for a logo: ``by the words 61 %, the colours 24 %``."""
    order = sorted(reasons.items(), key=lambda item: -item[1])[:2]
    told = [f"{name} {percent(share)}" for name, share in order if share >= 0.2]
    return f"by {', '.join(told or [order[0][0]])}"


def chance(match: Match) -> str:
    """What a probability is in words: ``strong: hardly any mark of this score is expected …``."""
    told = grade(match.probability or 0.0, match.by_chance)
    return told if match.by_chance is None else f"{told}: {chance_in_words(match.by_chance)}"


def percent(share: float) -> str:
    """0.934 -> 93 %; what is not certain is not called 0 or 100."""
    if 0 < share < 0.01:
        return "< 1 %"
    if 0.99 < share < 1:
        return "> 99 %"
    return f"{share:.0%}".replace("%", " %")
