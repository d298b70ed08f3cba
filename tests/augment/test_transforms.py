"""The transforms: kinds of input, randomness, limits, checks."""

import pickle

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import tv_tensors
from torchvision.transforms import v2

import marquery as mq
from marquery import augment as A
from marquery.errors import UsageError

OPS = [
    A.SegmentColor(),
    A.SegmentColor(style="shade"),
    A.SegmentRemove(),
    A.SegmentRotate(),
    A.SegmentScale(),
    A.RandomSegmentOp(),
]
IMAGE_LEVEL = [A.ImageLevel(size=48), A.Photometric(), A.PadToSquare()]


def logo():
    image = np.full((60, 80, 3), 255, dtype=np.uint8)
    image[5:55, 5:40] = (200, 30, 30)
    image[15:35, 12:30] = 255
    image[10:30, 48:70] = (20, 60, 200)
    image[38:52, 48:75] = (0, 140, 60)
    return image


@pytest.mark.parametrize("op", [*OPS, *IMAGE_LEVEL], ids=lambda op: type(op).__name__)
def test_each_kind_of_image_gives_the_same_kind_and_pixels(op):
    pixels = logo()
    tensor = torch.from_numpy(pixels.copy()).permute(2, 0, 1)
    results = []
    for image in (pixels, Image.fromarray(pixels), tensor, tv_tensors.Image(tensor)):
        torch.manual_seed(11)
        out = op(image)
        assert type(out) is type(image)
        if isinstance(out, torch.Tensor):
            assert out.dtype == torch.uint8
            out = out.as_subclass(torch.Tensor).permute(1, 2, 0)
        results.append(np.asarray(out))
    assert all((r == results[0]).all() for r in results)
    assert (pixels == logo()).all()


@pytest.mark.parametrize("op", OPS, ids=lambda op: type(op).__name__)
def test_batches_draw_for_each_image(op):
    batch = torch.from_numpy(logo()).permute(2, 0, 1).repeat(2, 3, 1, 1, 1)
    torch.manual_seed(1)
    out = op(tv_tensors.Image(batch))
    assert isinstance(out, tv_tensors.Image)
    assert out.shape == batch.shape
    flat = out.reshape(6, -1)
    assert len({tuple(v.tolist()) for v in flat}) > 1


def test_structures_pass_everything_else_through():
    sample = {
        "image": Image.fromarray(logo()),
        "label": torch.tensor(3),
        "name": "x",
        "more": [logo()],
    }
    torch.manual_seed(0)
    out = A.SegmentColor()(sample)
    assert out["label"] is sample["label"]
    assert out["name"] == "x"
    assert not (np.asarray(out["image"]) == logo()).all()
    assert not (out["more"][0] == logo()).all()
    pair = A.SegmentColor()(logo(), torch.zeros(3, 4))
    assert (pair[1] == 0).all()
    mask = tv_tensors.Mask(torch.zeros(60, 80, dtype=torch.uint8))
    assert A.SegmentColor()(Image.fromarray(logo()), mask)[1] is mask


def test_works_in_a_torchvision_compose():
    pipeline = v2.Compose(
        [A.RandomSegmentOp(), v2.Resize(32), v2.ToImage(), v2.ToDtype(torch.float32, scale=True)]
    )
    assert pipeline(Image.fromarray(logo())).shape[0] == 3


@pytest.mark.parametrize("op", [*OPS, *IMAGE_LEVEL], ids=lambda op: type(op).__name__)
def test_pickle_and_seed(op):
    copy = pickle.loads(pickle.dumps(op))
    assert repr(copy) == repr(op)
    torch.manual_seed(5)
    one = [op(logo()) for _ in range(4)]
    torch.manual_seed(5)
    two = [copy(logo()) for _ in range(4)]
    assert all((a == b).all() for a, b in zip(one, two, strict=True))
    assert any(a.shape != one[0].shape or (a != one[0]).any() for a in one[1:]) or isinstance(
        op, A.PadToSquare
    )


class Seeded(torch.utils.data.Dataset):
    """Item i is augmented under seed i, as the samplers of training do it."""

    def __init__(self, op):
        self.op = op

    def __len__(self):
        return 6

    def __getitem__(self, i):
        torch.manual_seed(i)
        return torch.from_numpy(self.op(logo()).copy())


def test_same_result_with_any_number_of_workers():
    data = Seeded(A.RandomSegmentOp())
    alone = torch.stack(list(torch.utils.data.DataLoader(data, batch_size=None)))
    shared = torch.stack(list(torch.utils.data.DataLoader(data, batch_size=None, num_workers=2)))
    assert (alone == shared).all()
    assert (alone != alone[0]).any()


def test_probability():
    torch.manual_seed(0)
    assert all((A.SegmentColor(p=0)(logo()) == logo()).all() for _ in range(5))
    changed = [bool((A.SegmentColor(p=0.5)(logo()) != logo()).any()) for _ in range(60)]
    assert 15 < sum(changed) < 45


def test_repr_tells_the_parameters():
    assert "share=(0.1, 0.4)" in repr(A.SegmentRemove(share=(0.1, 0.4)))
    assert "style=shade" in repr(A.SegmentColor(style="shade"))
    assert "degrees=(-30.0, 30.0)" in repr(A.SegmentRotate(30))
    assert "weights=[1.0, 3.0]" in repr(
        A.RandomSegmentOp([A.SegmentColor(), A.SegmentScale()], [1, 3])
    )


def test_colours_stay_away_from_the_background():
    found = mq.segment(logo())
    torch.manual_seed(0)
    for _ in range(200):
        for color in A.SegmentColor(contrast=100).draw(found)["colors"].values():
            assert np.abs(np.array(color) - 255).max() >= 100


def test_removal_keeps_ink_and_outlines():
    found = mq.segment(logo())
    ink = np.where(found.is_hole, 0, found.area)
    op = A.SegmentRemove(share=(0.5, 1.0), keep=0.6)
    torch.manual_seed(0)
    sizes = set()
    for _ in range(100):
        gone = op.draw(found)["labels"]
        sizes.add(len(gone))
        left = ink.sum() - sum(ink[label - 1] for label in gone)
        assert left >= 0.6 * ink.sum()
    assert max(sizes) >= 1
    single = np.full((40, 40, 3), 255, dtype=np.uint8)
    single[10:30, 10:30] = 0
    assert (A.SegmentRemove(keep=0.0)(single) == single).all()


def test_the_white_figure_of_a_badge_is_not_removed():
    badge = np.full((60, 60, 3), 255, dtype=np.uint8)
    badge[4:56, 4:56] = (200, 0, 0)
    badge[15:45, 15:45] = 255
    badge[25:35, 25:35] = (200, 0, 0)
    torch.manual_seed(0)
    for _ in range(30):
        out = A.SegmentRemove(keep=0.6)(badge)
        assert (out[15:45, 15:45] == 255).any()


def test_moves_stay_on_the_canvas():
    image = np.full((60, 60, 3), 255, dtype=np.uint8)
    image[2:8, 2:58] = 0  # a bar along the upper edge: most turns would lose half of it
    found = mq.segment(image)
    torch.manual_seed(0)
    op = A.SegmentRotate(max_outside=0.1)
    for _ in range(40):
        params = op.draw(found)
        out = op.apply(image, found, params)
        assert (255 - out.astype(int)).sum() >= 0.88 * (255 - image.astype(int)).sum()


def test_empty_image_is_left_alone():
    blank = np.full((30, 30, 3), 200, dtype=np.uint8)
    for op in OPS:
        assert (op(blank) == blank).all()
        assert op(np.zeros((1, 1, 3), dtype=np.uint8)).shape == (1, 1, 3)


def test_mixing_follows_the_weights():
    op = A.RandomSegmentOp([A.SegmentColor(), A.SegmentScale()], [0, 1])
    found = mq.segment(logo())
    assert {op.draw(found)["index"] for _ in range(50)} == {1}
    even = A.RandomSegmentOp([A.SegmentColor(), A.SegmentScale()])
    torch.manual_seed(0)
    assert 20 < sum(even.draw(found)["index"] for _ in range(80)) < 60


def test_image_level_gives_the_asked_size_and_flips():
    assert A.ImageLevel(size=40)(logo()).shape == (40, 40, 3)
    plain = A.ImageLevel(size=70, scale=(1.0, 1.0), hflip=1.0, vflip=0.0)
    torch.manual_seed(0)
    out = plain(logo())
    assert out[35, 60, 0] > out[35, 60, 2]  # the red part, left in the logo, is now right


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: A.SegmentColor(p=1.5), "p must"),
        (lambda: A.SegmentColor(share=(0.5, 0.2)), "share"),
        (lambda: A.SegmentColor(style="soft"), "style"),
        (lambda: A.SegmentColor(contrast=300), "contrast"),
        (lambda: A.SegmentRemove(keep=-1), "keep"),
        (lambda: A.SegmentRotate(degrees=(10, -10)), "degrees"),
        (lambda: A.SegmentRotate(max_outside=2), "max_outside"),
        (lambda: A.SegmentScale(scale=(0, 1)), "scale"),
        (lambda: A.RandomSegmentOp([]), "ops"),
        (lambda: A.RandomSegmentOp([v2.RandomHorizontalFlip()]), "ops"),
        (lambda: A.RandomSegmentOp([A.SegmentColor()], [0]), "weights"),
        (lambda: A.ImageLevel(size=0), "size"),
        (lambda: A.ImageLevel(scale=(0, 2)), "scale"),
        (lambda: A.Photometric(strength=2), "strength"),
        (lambda: A.SegmentColor()(torch.zeros(3, 8, 8)), "uint8"),
    ],
)
def test_wrong_parameters_are_named(make, words):
    with pytest.raises(UsageError, match=words):
        make()


def test_holes_only_shrink_and_are_not_painted_like_the_part_around_them():
    badge = np.full((60, 60, 3), 255, dtype=np.uint8)
    badge[4:56, 4:56] = (200, 0, 0)
    badge[15:45, 15:45] = 255
    found = mq.segment(badge)
    torch.manual_seed(0)
    drawn = [A.SegmentScale(scale=(1.2, 1.5)).draw(found) for _ in range(40)]
    assert all(d["factor"] < 1 for d in drawn if d["label"] == 2)
    assert any(d["label"] == 2 for d in drawn)
    for _ in range(300):
        color = A.SegmentColor(share=(1, 1), contrast=100).draw(found)["colors"][2]
        assert np.abs(np.array(color) - (200, 0, 0)).max() >= 100
