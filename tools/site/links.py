"""Links within the built site that lead nowhere: those to files that are no pages, too."""

import re
from functools import cache
from pathlib import Path

_LINK = re.compile(r"""<(?:a|img|script|link)\b[^>]*?\s(?:href|src)=["']?([^"'\s>]+)""")
_ELSEWHERE = re.compile(r"[a-z]+:|//")


def lost_links(site: Path) -> list[str]:
    """Page and link, of all that lead nowhere."""
    names = cache(_names)
    lost = []
    for page in sorted(site.rglob("*.html")):
        if page.name == "404.html":  # its links are of the server's root
            continue
        for link in dict.fromkeys(_LINK.findall(page.read_text(encoding="utf-8"))):
            place, _, name = link.partition("#")
            target = (page.parent / place).resolve() if place else page
            if _ELSEWHERE.match(link) or link in ("#", "#top"):
                continue
            if not target.exists() or (
                name and target.suffix == ".html" and name not in names(target)
            ):
                lost.append(f"{page.relative_to(site)}: {link}")
    return lost


def _names(page: Path) -> set[str]:
    text = page.read_text(encoding="utf-8")
    return set(re.findall(r"""\s(?:id|name)=["']?([^"'\s>]+)""", text))
