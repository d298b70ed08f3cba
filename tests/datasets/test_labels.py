"""``labels.csv``: what is alike in a folder, said by hand."""

import pytest

from marquery.datasets import LogoSet
from marquery.errors import MarqueryError


def test_labels_take_the_place_of_sub_folders(logo_folder):
    (logo_folder / "labels.csv").write_text(
        "\ufeffgroup,path,note\nfox, g00/a.png ,x\nfox,g01/b.png,\n,g02/a.png,\nowl,g03/a.png,\n"
    )
    logos = LogoSet.open(logo_folder)
    named = {path: group for path, group in zip(logos.paths, logos.groups, strict=True) if group}
    assert named == {"g00/a.png": "fox", "g01/b.png": "fox", "g03/a.png": "owl"}
    assert len(set(logos.classes)) == len(logos) - 1


def test_sub_folders_may_mean_nothing(logo_folder):
    assert set(LogoSet.open(logo_folder, subfolders=False).groups) == {""}
    assert len(set(LogoSet.open(logo_folder).groups)) == 12


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("path,kind\ng00/a.png,1\n", "needs the columns path and group"),
        ("", "needs the columns path and group"),
        ("path,group\ng00/a.png,1\ng00/a.png,2\n", "names g00/a.png twice"),
        ("path,group\ng00/z.png,1\n", "no such image"),
        (b"path,group\n\xff\xfe,1\n", "UTF-8"),
    ],
)
def test_labels_that_cannot_be_used_are_named(logo_folder, text, words):
    file = logo_folder / "labels.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(MarqueryError, match=r"labels\.csv") as caught:
        LogoSet.open(logo_folder)
    assert words in str(caught.value)
