"""Thresholds are fields of documented settings, and each is read by the step it belongs to."""

import ast
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

import marquery as mq
from marquery.encoder import lockup
from marquery.errors import UsageError
from marquery.index.strategies import parts
from marquery.segments import SegmenterSettings, group_segments, settings
from marquery.segments.noise import is_noisy

SOURCE = Path(mq.__file__).parent
DEFAULTS = SegmenterSettings()
# Not thresholds: bytes of a machine word, steps of the chamfer distance and its infinity.
STRUCTURAL = {"_WORD", "_STEP", "_DIAGONAL", "_FAR", "_LOOSE", "_SQUARE"}


def picture(*shapes, size=(80, 60), background="white"):
    image = Image.new("RGB", size, background)
    pen = ImageDraw.Draw(image)
    for box, color in shapes:
        pen.rectangle(box, fill=color)
    return image


def classes(module):
    named = {name: c for name, c in vars(module).items() if name.endswith("Settings")}
    return [c for c in named.values() if is_dataclass(c)]


@pytest.mark.parametrize(
    "record", classes(settings) + classes(lockup) + classes(parts), ids=lambda c: c.__name__
)
def test_every_field_is_documented_and_frozen(record):
    attributes = record.__doc__.split("Attributes:")[1]
    for field in fields(record):
        assert field.name in attributes, field.name
    with pytest.raises(AttributeError):
        setattr(record(), fields(record)[0].name, 1)


def test_no_threshold_is_left_in_a_module():
    for path in [*(SOURCE / "segments").glob("*.py"), Path(lockup.__file__), Path(parts.__file__)]:
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.Assign):
                continue
            names = {n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
            numbers = [
                n.value
                for n in ast.walk(node.value)
                if isinstance(n, ast.Constant) and isinstance(n.value, int | float)
            ]
            assert not numbers or names <= STRUCTURAL, f"{path.name}: {names}"


def test_tolerance_of_clean_drawings():
    two = picture(((10, 10, 39, 49), (100, 100, 100)), ((40, 10, 69, 49), (110, 100, 100)))
    assert mq.segment(two).count == 2  # 10 levels apart, more than 7
    assert mq.segment(two, settings=replace(DEFAULTS, clean_tolerance=12)).count == 1


def test_weight_of_the_background_for_small_regions():
    # Eight pixels on the disc's side: three of its eight outline pixels touch the square.
    speck = picture(((10, 10, 39, 39), "red"), ((40, 20, 41, 23), "blue"))
    near = mq.segment(speck)
    far = mq.segment(speck, settings=replace(DEFAULTS, background_weight=100.0))
    assert near.labels[21, 40] == near.labels[20, 20] == 1
    assert far.labels[21, 40] == 0


def test_stray_contact_decides_the_parent():
    # Blue lies in red, but for its lower side, a sixth of its outline, which lies on the
    # background.
    inner = picture(((10, 10, 69, 49), "red"), ((30, 30, 49, 49), "blue"))
    found = mq.segment(inner)
    assert found.parent.tolist() == [0, 0]
    strict = mq.segment(inner, settings=replace(DEFAULTS, stray_contact=0.3))
    assert strict.parent.tolist() == [0, 1]


def test_grouping_reads_the_settings_of_the_segmentation():
    dots = picture(((10, 10, 19, 19), "red"), ((23, 10, 32, 19), "blue"))  # 3 px apart, 10 wide
    assert mq.segment(dots, group="proximity").count == 1
    apart = replace(DEFAULTS, grouping=replace(DEFAULTS.grouping, reach=0.2, gap_growth=0.0))
    far = mq.segment(dots, settings=apart)
    assert far.settings == apart
    assert group_segments(far, "proximity").count == 2


def test_letters_of_another_limit_are_no_word():
    bars = picture(*(((10 + 9 * k, 10, 13 + 9 * k, 21), "black") for k in range(5)))
    assert mq.segment(bars, group="glyphs").count == 1
    glyphs = replace(DEFAULTS.grouping.glyphs, max_gap=0.2)  # 5 px between letters 12 px high
    strict = replace(DEFAULTS, grouping=replace(DEFAULTS.grouping, glyphs=glyphs))
    assert mq.segment(bars, group="glyphs", settings=strict).count == 5


def test_noise_and_edges_read_theirs():
    rng = np.random.default_rng(0)
    grain = rng.normal(128, 3, (64, 64)).clip(0, 255).astype(np.uint8)
    assert is_noisy(grain)
    for deaf in ({"min_ripple_share": 1.0}, {"ripple_levels": 100}, {"edge_levels": -1}):
        assert not is_noisy(grain, replace(DEFAULTS.noise, **deaf)), deaf
    # Two facets 30 levels apart, but for the lowest tenth of their common line, where they are one
    # colour.
    y, x = np.mgrid[0:60, 0:60]
    facets = 60 + 1.2 * y + np.where(x >= 30, 30 * np.clip((54 - y) / 10, 0, 1), 0)
    canvas = np.full((80, 80, 3), 255, np.uint8)
    canvas[10:70, 10:70] = np.rint(facets)[..., None]
    whole = replace(DEFAULTS, edges=replace(DEFAULTS.edges, min_edge_share=1.01))
    assert mq.segment(canvas).count == 2
    assert mq.segment(canvas, settings=whole).count == 1


@pytest.mark.parametrize("option", ["clean_tolerance", "noisy_tolerance"])
def test_a_tolerance_out_of_range_is_refused(option):
    with pytest.raises(UsageError) as caught:
        mq.segment(picture(), settings=replace(DEFAULTS, **{option: 128}))
    assert caught.value.option == f"settings.{option}"
    assert "128" in caught.value.problem


def test_lockup_settings_decide():
    image = picture(
        ((4, 4, 43, 43), "red"),
        *(((60 + 16 * k, 14, 69 + 16 * k, 33), "blue") for k in range(6)),
        size=(164, 48),
    )
    assert lockup.find_lockup(image) is not None
    assert lockup.find_lockup(image, lockup.LockupSettings(min_aspect=5.0)) is None


def test_a_picture_without_edges_is_crisp_however_few_are_asked_for():
    few = replace(DEFAULTS, formation=replace(DEFAULTS.formation, min_edges=0))
    assert mq.segment(picture(), settings=few).count == 0
    box = picture(((10, 10, 40, 40), "red"))
    assert mq.segment(box, settings=few).count == 1
