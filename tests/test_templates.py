"""The one way that templates become HTML."""

import sys

import jinja2
import pytest

from marquery.errors import UsageError
from marquery.templates import make_environment


def test_everything_is_escaped_and_unknown_names_are_errors():
    environment = make_environment("marquery.watch", "search")
    assert environment.from_string("{{ a }}").render(a="<b>") == "&lt;b&gt;"
    with pytest.raises(jinja2.UndefinedError):
        environment.from_string("{{ a }}").render()
    assert environment.from_string("  {% if 1 %}\nx{% endif %}").render() == "x"
    kept = make_environment("marquery.watch", "search", trim=False)
    assert kept.from_string("  {% if 1 %}\nx{% endif %}").render() == "  \nx"


def test_without_jinja_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(UsageError, match=r"pip install 'marquery\[search\]'"):
        make_environment("marquery.watch", "search")
