"""A small index to serve, and pictures to ask with."""

import csv
import io

from PIL import Image

from marquery.index import LogoIndex
from marquery.web.app import create_app
from marquery.web.security import Access

from ..drawings import draw, fill
from ..encoders import tiny_encoder
from ..register import write_register

COUNT = 30
OWNERS = ("Ada", "Bob & <i>Co</i>", 'Zoë "Z"')


def owner_of(number):
    """None for each seventh, so that there is something missing."""
    return "" if number % 7 == 6 else OWNERS[number % 3]


def classes_of(number):
    return [str(1 + number % 4), str(5 + number % 2)]


def build(root):
    """Write ``idx``, an index of drawn logos, one of them with a file name that would like to be
    markup.
    """
    logos = fill(root / "logos", range(COUNT))
    (logos / "007.png").rename(logos / HOSTILE)
    with (root / "meta.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "name", "owner", "nice[]", "filed"])
        for n in range(COUNT):
            name = HOSTILE if n == 7 else f"{n:03d}.png"
            writer.writerow([name, f"mark {n}", owner_of(n), ";".join(classes_of(n)), 2000 + n])
    index = LogoIndex.create(root / "idx", encoder=tiny_encoder())
    index.add(logos, meta=root / "meta.csv")


def build_register(root, count=120):
    """Write ``idx``, an index of the drawn register."""
    logos = write_register(root, count)
    index = LogoIndex.create(root / "idx", encoder=tiny_encoder(), words=False)
    index.add(logos, meta=root / "meta.csv")


HOSTILE = "<img src=x onerror=alert(1)>&.png"


def make_app(index, folder, token=None, host="127.0.0.1", figures=None):
    return create_app(index, Access(host, token), folder, figures=figures)


def png(seed=3):
    out = io.BytesIO()
    draw(seed).save(out, "PNG")
    return out.getvalue()


def wide_png():
    """Another logo's picture beside drawn logo 5."""
    sheet = Image.new("RGB", (140, 60), "white")
    sheet.paste(draw(5), (4, 6))
    sheet.paste((200, 30, 30), (90, 10, 130, 50))
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()
