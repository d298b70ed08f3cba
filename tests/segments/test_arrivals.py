"""The same parts however a drawing was resampled, sharpened, blurred, compressed or scanned."""

import io

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

import marquery as mq
from marquery.augment import functional as F
from marquery.segments.formation import _is_flat, find_formation

SIDE = 160
WHITE = (255, 255, 255)
#: box of each shape in the drawing, and its paint; the last two touch, and one lies on another.
SHAPES = [
    ("ellipse", (12, 14, 74, 70), (200, 40, 60)),
    ("rectangle", (88, 18, 146, 62), (40, 90, 190)),
    ("ellipse", (104, 28, 130, 52), (250, 200, 60)),
    ("rectangle", (20, 92, 76, 140), (30, 130, 80)),
    ("rectangle", (76, 92, 140, 140), (120, 60, 150)),
]


def drawn(factor, shapes=SHAPES, ground=WHITE):
    big = Image.new("RGB", (SIDE * factor, SIDE * factor), ground)
    pen = ImageDraw.Draw(big)
    for kind, box, paint in shapes:
        # A quarter of a pixel off, so that edges are soft.
        place = [round(factor * (v + 0.25)) for v in box]
        getattr(pen, kind)(place, fill=paint)
    return big


def truth():
    """Which shape each pixel shows most of, 0: none."""
    names = [(k, k, k) for k in range(1, len(SHAPES) + 1)]
    shapes = [(kind, box, name) for (kind, box, _), name in zip(SHAPES, names, strict=True)]
    big = np.asarray(drawn(8, shapes, (0, 0, 0)))[..., 0]
    cells = big.reshape(SIDE, 8, SIDE, 8).swapaxes(1, 2).reshape(SIDE, SIDE, 64)
    counts = np.stack([(cells == k).sum(axis=2) for k in range(len(SHAPES) + 1)])
    return counts.argmax(axis=0)


def resized(side, filter_name, factor=4):
    return drawn(factor).resize((side, side), Image.Resampling[filter_name])


def enlarged(times, filter_name):
    return resized(SIDE // times, "BOX", 8).resize((SIDE, SIDE), Image.Resampling[filter_name])


def packed(kind, quality):
    file = io.BytesIO()
    resized(SIDE, "BOX").save(file, kind, quality=quality)
    return Image.open(file).convert("RGB")


def sharpened(radius, percent):
    return resized(SIDE, "LANCZOS").filter(ImageFilter.UnsharpMask(radius, percent, threshold=0))


def blurred(sigma):
    return Image.fromarray(cv2.GaussianBlur(np.asarray(resized(SIDE, "BOX")), (0, 0), sigma))


def dithered():
    web = resized(SIDE, "BOX").convert("P", palette=Image.Palette.WEB)
    return web.convert("RGB")


def scanned():
    x = np.arange(SIDE) / SIDE
    light = (0.9 + 0.1 * x)[:, None, None] * (247, 243, 232) / 255
    grain = np.random.default_rng(0).normal(0, 6, (SIDE, SIDE, 3))
    return Image.fromarray(np.clip(np.asarray(blurred(0.7)) * light + grain, 0, 255).astype("u1"))


#: condition -> picture, what it is told to be, least adjusted Rand index, most segments too many.
CONDITIONS = {
    "box": (lambda: resized(SIDE, "BOX"), "crisp", 0.995, 0),
    "bilinear": (lambda: resized(SIDE, "BILINEAR"), "crisp", 0.99, 0),
    "bicubic": (lambda: resized(SIDE, "BICUBIC"), "compressed", 0.99, 0),
    "lanczos": (lambda: resized(SIDE, "LANCZOS"), "compressed", 0.99, 0),
    "unsharp 1": (lambda: sharpened(1, 80), "sharpened", 0.97, 0),
    "unsharp 2": (lambda: sharpened(2, 150), "sharpened", 0.97, 1),
    "2x bilinear": (lambda: enlarged(2, "BILINEAR"), "blurred", 0.97, 0),
    "2x bicubic": (lambda: enlarged(2, "BICUBIC"), "blurred", 0.97, 0),
    "4x bicubic": (lambda: enlarged(4, "BICUBIC"), "blurred", 0.93, 0),
    "blur 0.7": (lambda: blurred(0.7), "blurred", 0.98, 0),
    "blur 1.5": (lambda: blurred(1.5), "blurred", 0.97, 1),
    "webp 40": (lambda: packed("WEBP", 40), "compressed", 0.97, 1),
    "jpeg 75": (lambda: packed("JPEG", 75), "compressed", 0.97, 1),
    "jpeg 30": (lambda: packed("JPEG", 30), None, 0.93, 4),
    "dithered": (dithered, "dithered", 0.96, 0),
    "scan": (scanned, "scanned", 0.96, 0),
}


def adjusted_rand(one, two):
    """Adjusted Rand index of two labelings (Hubert & Arabie 1985), by counting pairs."""
    table = np.zeros((one.max() + 1, two.max() + 1))
    np.add.at(table, (one, two), 1)

    def pairs(counts):
        return (counts * (counts - 1)).sum() / 2

    both, rows, columns = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    chance = rows * columns / (one.size * (one.size - 1) / 2)
    return (both - chance) / ((rows + columns) / 2 - chance)


@pytest.mark.parametrize("name", CONDITIONS)
def test_the_same_parts_in_every_condition(name):
    make, kind, least, most = CONDITIONS[name]
    picture, true = make(), truth()
    if kind is not None:
        assert find_formation(cv2.split(np.asarray(picture))).kind == kind
    found = mq.segment(picture)
    shown = true > 0
    assert adjusted_rand(true[shown], found.labels[shown]) >= least
    assert found.count - len(SHAPES) <= most
    for k in range(1, len(SHAPES) + 1):  # each shape has a segment of its own
        label = np.bincount(found.labels[true == k]).argmax()
        both = ((found.labels == label) & (true == k)).sum()
        assert both >= 0.85 * ((found.labels == label) | (true == k)).sum()


@pytest.mark.parametrize("name", ["2x bicubic", "blur 0.7", "blur 1.5", "lanczos"])
def test_a_shape_that_goes_leaves_nothing_where_edges_are_wide(name):
    picture = np.asarray(CONDITIONS[name][0]())
    found = mq.segment(picture)
    gone = F.remove(picture, found, [int(found.labels[40, 40])])
    rest = gone[:80, :80].astype(int)
    assert np.abs(rest - 255).max() <= 6


@pytest.mark.parametrize("sigma", [0.7, 1.0, 1.5])
def test_wide_edges_recoloured_are_those_of_the_other_colour(sigma):
    other = [
        (kind, box, (20, 160, 60) if k == 0 else paint)
        for k, (kind, box, paint) in enumerate(SHAPES)
    ]
    small = np.asarray(drawn(4, other).resize((SIDE, SIDE), Image.Resampling.BOX))
    expected = cv2.GaussianBlur(small, (0, 0), sigma)
    picture = np.asarray(blurred(sigma))
    found = mq.segment(picture)
    out = F.recolor(picture, found, {int(found.labels[40, 40]): (20, 160, 60)})
    assert np.abs(out.astype(int) - expected)[:80, :80].mean() <= 0.5
    assert np.abs(out.astype(int) - expected)[:80, :80].max() <= 24


@settings(max_examples=15, deadline=None)
@given(
    sigma=st.floats(0.8, 1.6),
    radius=st.integers(14, 40),
    ink=st.tuples(*[st.integers(0, 140)] * 3),
)
def test_a_blurred_disc_is_one_segment_whose_coverage_adds_up(sigma, radius, ink):
    big = Image.new("RGB", (400, 400), WHITE)
    ImageDraw.Draw(big).ellipse(
        [200 - 4 * radius, 200 - 4 * radius, 200 + 4 * radius, 200 + 4 * radius], fill=ink
    )
    picture = cv2.GaussianBlur(np.asarray(big.reduce(4)), (0, 0), sigma)
    found = mq.segment(picture)
    assert found.count == 1
    assert abs(found.alpha(1).sum() - np.pi * radius**2) < 0.03 * np.pi * radius**2
    edges = found.soft_edges
    assert (edges.share >= 0.5).all()
    flat = found.labels.reshape(-1)
    assert (flat[edges.paint[:, 0]] == flat[edges.index]).all()
    assert (flat[edges.paint[:, 1]] == edges.under).all()


@pytest.mark.parametrize("seed", range(3))
def test_noise_is_answered_soon_and_photos_keep_their_large_areas(seed):
    rng = np.random.default_rng(seed)
    noise = rng.integers(0, 256, (1000, 900, 3), dtype=np.uint8)
    found = mq.segment(noise)
    assert found.labels.shape == (1000, 900)
    assert found.count < 50
    noise[300:700, 200:600] = np.clip(rng.normal((200, 30, 40), 20, (400, 400, 3)), 0, 255)
    found = mq.segment(noise)
    label = found.labels[500, 400]
    assert label > 0
    assert (found.labels[310:690, 210:590] == label).mean() > 0.95


#: Small crisp pictures in which bands of paint lie beside each other as overshoot lies beside an
#: edge: each letter is a square of 3 x 3 pixels.
BANDS = [
    ["......", "...gb.", "..rgb.", "..byy.", "......"],
    [".....", ".....", ".bbb.", ".byy.", ".byy.", ".bbb.", "....."],
    ["......", "..bgy.", "..bgy.", "..bgy.", "..bbb.", "......"],
    ["......", "....p.", "....p.", "....p.", "......", ".rrrb.", "......"],
]
PAINTS = {".": (0, 90, 170), "b": (20, 60, 200), "g": (0, 130, 60), "r": (220, 20, 30)}
PAINTS |= {"y": (250, 190, 0), "p": (90, 20, 120)}


def enlarged_squares(cells):
    """Each cell as 3 x 3 pixels."""
    return np.array(cells).repeat(3, axis=0).repeat(3, axis=1)


@pytest.mark.parametrize("rows", BANDS)
def test_narrow_bands_of_paint_are_no_overshoot(rows):
    picture = enlarged_squares([[PAINTS[letter] for letter in row] for row in rows]).astype("uint8")
    assert find_formation(cv2.split(picture)).kind == "crisp"
    found = mq.segment(picture, mode="foreground", min_area=1)
    ink = enlarged_squares([[letter != "." for letter in row] for row in rows])
    assert ((found.labels > 0) == ink).all()


def in_squares(picture):
    """Whether every pixel lies in a square of 2 x 2 equal ones, by plain loops."""
    height, width = picture.shape[:2]
    covered = np.zeros((height, width), dtype=bool)
    for y in range(height - 1):
        for x in range(width - 1):
            square = picture[y : y + 2, x : x + 2]
            if (square == square[0, 0]).all():
                covered[y : y + 2, x : x + 2] = True
    return bool(covered.all())


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([1, 2, 3]), st.booleans())
def test_a_flat_picture_is_one_of_squares(seed, side, spoilt):
    rng = np.random.default_rng(seed)
    colors = rng.integers(0, 2, (rng.integers(1, 5), rng.integers(1, 5), 3), dtype=np.uint8)
    picture = colors.repeat(side, axis=0).repeat(side, axis=1)
    if spoilt:
        picture[rng.integers(picture.shape[0]), rng.integers(picture.shape[1])] = 7
    assert _is_flat(*cv2.split(picture)) == in_squares(picture)
