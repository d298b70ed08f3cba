"""An index and a search that the tests of this folder share."""

import pytest

from marquery.index import LogoIndex
from marquery.searchreport import record_search

from ..drawings import fill
from ..encoders import tiny_encoder


@pytest.fixture(scope="session")
def encoder():
    return tiny_encoder()


@pytest.fixture(scope="session")
def index(encoder, tmp_path_factory):
    """Eight logos with metadata, one of them with a name that means something to HTML and to
    Typst.
    """
    root = tmp_path_factory.mktemp("case")
    folder = fill(root / "logos", range(7))
    (folder / "<b>#[x]\\ 漢.png").write_bytes((folder / "003.png").read_bytes())
    (folder / "003.png").unlink()
    meta = root / "meta.csv"
    meta.write_text("path,owner,nice[]\n001.png,=1+1,25;9\n002.png,Ada & Söhne,9\n")
    made = LogoIndex.create(root / "idx", encoder=encoder, words=False)
    made.add(folder, meta=meta)
    return LogoIndex.open(root / "idx", version=made.version)


@pytest.fixture
def search(index):
    """Make a search and record it: ``search(images, **asked)``."""

    def make(images, decisions=None, explanations=None, reference="", at=index, **asked):
        matches = at.search(images, **asked)
        return record_search(
            at,
            images,
            matches,
            decisions=decisions,
            explanations=explanations,
            reference=reference,
            **asked,
        )

    return make
