"""The probability beside a score: whose it is, and when there is none."""

import pytest

from marquery.calibration import Calibration
from marquery.index import LogoIndex

from ..drawings import draw, fill
from ..encoders import tiny_encoder


def calibration(encoder, least=0.1):
    return Calibration(
        fingerprint=encoder.fingerprint(),
        data="drawings",
        logos=2,
        pairs=2,
        cosines=(-1.0, 0.0, 1.0),
        probabilities=(0.0, least, 0.9),
    )


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("probability")
    fill(folder / "logos", range(6))
    return folder


@pytest.fixture(scope="module")
def index(root):
    encoder = tiny_encoder()
    calibration(encoder).save(encoder.save(root / "model"))
    made = LogoIndex.create(root / "idx", root / "model")
    made.add(root / "logos")
    return made


def test_it_is_the_calibrations_of_the_cosine_of_the_wholes(index, root):
    known = calibration(tiny_encoder())
    assert LogoIndex.open(root / "idx").calibration == known
    for strategy in ("overall", "overall=1,color=3"):
        for hit in index.search(draw(2), 6, strategy=strategy):
            expected = known.probability(hit.scores["overall"])
            assert hit.probability == pytest.approx(expected, abs=1e-4)
    assert index.search(draw(2), 1, strategy="overall")[0].probability == pytest.approx(
        0.9, abs=1e-4
    )


def test_there_is_none_where_wholes_are_not_compared(index):
    for asked in ({"strategy": "color"}, {"strategy": "part=1,shape=1"}, {"like": [0]}):
        assert {hit.probability for hit in index.search(draw(2), 6, **asked)} == {None}


def test_a_calibration_of_other_weights_is_not_taken(root):
    encoder, other = tiny_encoder(), tiny_encoder(1)
    place = other.save(root / "other")
    calibration(encoder).save(place)
    index = LogoIndex.create(root / "second", place)
    index.add(root / "logos")
    assert index.calibration is None
    assert index.search(draw(2), 1, strategy="overall")[0].probability is None
    assert not (index.path / "encoder" / "calibration.json").exists()
    # Put there by hand it is not taken, either; the right one is.
    calibration(encoder).save(index.path / "encoder")
    assert LogoIndex.open(root / "second").calibration is None
    calibration(other).save(index.path / "encoder")
    assert LogoIndex.open(root / "second").search(draw(2), 1, strategy="overall")[0].probability
