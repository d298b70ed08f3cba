"""Names that disks hold and programs trip over."""

import os
from pathlib import Path

from ..drawings import draw

#: Characters that print, or print as nothing, or steer a terminal; and bytes that are no UTF-8.
NAMES = [
    "plain.png",
    "narrow\u202fspace.png",
    "no\u00a0break.png",
    "\u00a0leading and trailing\u202f.png",
    "man\u200dwoman \U0001f468\u200d\U0001f469\u200d\U0001f467.png",
    "soft\u00adhyphen.png",
    "turned\u202egnp.png",
    "esc\x1b[31m\x1b]0;title\x07.png",
    "eight-bit\u009b2J.png",
    "two\nlines\r.png",
    "tab\t.png",
    "delete\x7f.png",
    os.fsdecode(b"latin\xe9.png"),
    os.fsdecode(b"half \xed\xa0\x80 character.png"),
    # Two names of which one is how the other is told.
    os.fsdecode(b"pair\xe9.png"),
    "pair\\xe9.png",
    "back\\slash\\x5c.png",
    "quote'\"`.png",
    "a;b,c.png",
    "=1+1.png",
    "-option.png",
    "<b>&amp; [red]:star:.png",
    "composed \u00e9.png",
    "decomposed e\u0301.png",
    "漢字.png",
]


def fill_with_names(folder: Path) -> dict[str, int]:
    """Save a drawing of its own under each name; the name -> its seed."""
    folder.mkdir(parents=True)
    seeds = {name: number for number, name in enumerate(NAMES)}
    for name, seed in seeds.items():
        draw(seed).save(folder / name)
    return seeds
