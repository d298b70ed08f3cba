"""The transforms: kinds of input, randomness, limits, checks."""

import inspect
import pickle

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import tv_tensors
from torchvision.transforms import v2

from marquery import augment as A
from marquery.errors import UsageError

from ..drawings import logo, other_logo

OPS = [
    A.SegmentColor(),
    A.SegmentColor(style="shade"),
    A.SegmentRemove(),
    A.SegmentRotate(),
    A.SegmentScale(),
    A.SegmentTranslate(),
    A.SegmentMirror(),
    A.SegmentDuplicate(),
    A.SegmentExchange(),
    A.SegmentSwap([other_logo()], keep=0.0),
    A.SegmentRotate(group="glyphs"),
    A.RandomSegmentOp(),
]
IMAGE_LEVEL = [A.ImageLevel(size=48), A.Photometric(), A.PadToSquare()]


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


@pytest.mark.parametrize("op", OPS, ids=lambda op: type(op).__name__)
def test_works_in_a_torchvision_compose(op):
    end = [v2.Resize((32, 32)), v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.5], [0.5])]
    first, last = v2.Compose([op, v2.ToImage(), *end]), v2.Compose([v2.ToImage(), op, *end])
    torch.manual_seed(4)
    one = first(Image.fromarray(logo()))
    torch.manual_seed(4)
    two = last(Image.fromarray(logo()))
    assert one.shape == (3, 32, 32)
    assert (one == two).all()


@pytest.mark.parametrize("op", [*OPS, *IMAGE_LEVEL], ids=lambda op: type(op).__name__)
def test_pickle_and_seed(op):
    copy = pickle.loads(pickle.dumps(op))
    assert repr(copy) == repr(op)
    torch.manual_seed(5)
    one = [op(logo()) for _ in range(12)]
    torch.manual_seed(5)
    two = [copy(logo()) for _ in range(12)]
    assert all((a == b).all() for a, b in zip(one, two, strict=True))
    assert any(a.shape != one[0].shape or (a != one[0]).any() for a in one[1:]) or isinstance(
        op, A.PadToSquare
    )


class Logos(torch.utils.data.Dataset):
    """The same logo fourteen times, augmented by whoever loads it."""

    def __init__(self, op):
        self.op = op

    def __len__(self):
        return 14

    def __getitem__(self, i):
        return torch.from_numpy(self.op(logo()).copy())


def test_same_result_with_any_number_of_workers():
    data = A.SeededDataset(Logos(A.RandomSegmentOp([op for op in OPS if op.group is None])), 3)

    def load(workers):
        loader = torch.utils.data.DataLoader(data, batch_size=None, num_workers=workers)
        return torch.stack(list(loader))

    torch.manual_seed(0)
    before = torch.get_rng_state()
    one = data[0]
    assert (torch.get_rng_state() == before).all()
    alone = load(0)
    assert (one == alone[0]).all()
    assert (alone == load(2)).all()
    assert len({tuple(v.reshape(-1).tolist()) for v in alone}) > 7
    data.set_epoch(1)
    assert (data[0] != alone[0]).any() or (data[1] != alone[1]).any()
    with pytest.raises(UsageError, match="seed: -1 is negative; give 0 or more"):
        A.SeededDataset([], -1)


@pytest.mark.parametrize("op", OPS, ids=lambda op: type(op).__name__)
def test_any_size_works(op):
    for height, width in ((30, 30), (31, 400), (900, 700)):
        image = np.asarray(Image.fromarray(logo()).resize((width, height)))
        torch.manual_seed(2)
        out = op(image)
        assert out.shape == image.shape


def test_the_largest_of_metu():
    image = np.kron(logo()[:45, :45], np.ones((40, 40, 1), dtype=np.uint8))
    torch.manual_seed(0)
    assert A.RandomSegmentOp([op for op in OPS if op.group is None])(image).shape == (1800, 1800, 3)


def test_probability():
    torch.manual_seed(0)
    assert all((A.SegmentColor(p=0)(logo()) == logo()).all() for _ in range(5))
    changed = [bool((A.SegmentColor(p=0.5)(logo()) != logo()).any()) for _ in range(60)]
    assert 15 < sum(changed) < 45


def test_repr_tells_the_parameters():
    assert "share=(0.1, 0.4)" in repr(A.SegmentRemove(share=(0.1, 0.4)))
    assert "style=shade" in repr(A.SegmentColor(style="shade"))
    for op in [*OPS, A.SegmentSwap([logo(), other_logo()])]:
        for name in inspect.signature(type(op).__init__).parameters:
            assert name == "self" or f"{name}=" in repr(op)
    assert "donors=2 logos" in repr(A.SegmentSwap([logo(), other_logo()]))
    assert "group=glyphs" in repr(A.SegmentRotate(group="glyphs"))
    assert "degrees=(-30.0, 30.0)" in repr(A.SegmentRotate(30))
    assert "weights=[1.0, 3.0]" in repr(
        A.RandomSegmentOp([A.SegmentColor(), A.SegmentScale()], [1, 3])
    )


def test_empty_image_is_left_alone():
    blank = np.full((30, 30, 3), 200, dtype=np.uint8)
    for op in OPS:
        assert (op(blank) == blank).all()
        assert op(np.zeros((1, 1, 3), dtype=np.uint8)).shape == (1, 1, 3)


def test_image_level_gives_the_asked_size_and_flips():
    assert A.ImageLevel(size=40)(logo()).shape == (40, 40, 3)
    plain = A.ImageLevel(size=70, scale=(1.0, 1.0), hflip=1.0, vflip=0.0)
    torch.manual_seed(0)
    out = plain(logo())
    assert out[35, 60, 0] > out[35, 60, 2]  # the red part, left in the logo, is now right


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: A.SegmentColor(p=1.5), "^p: 1.5"),
        (lambda: A.SegmentColor(share=(0.5, 0.2)), "share"),
        (lambda: A.SegmentColor(style="soft"), "style"),
        (lambda: A.SegmentColor(contrast=300), "contrast"),
        (lambda: A.SegmentRemove(keep=-1), "keep"),
        (lambda: A.SegmentRotate(degrees=(10, -10)), "degrees"),
        (lambda: A.SegmentRotate(max_outside=2), "max_outside"),
        (lambda: A.SegmentScale(scale=(0, 1)), "scale"),
        (lambda: A.SegmentTranslate(distance=(0.2, 3)), "distance"),
        (lambda: A.SegmentDuplicate(distance=0.2), "distance"),
        (lambda: A.SegmentMirror(direction="up"), "direction"),
        (lambda: A.SegmentExchange(style="soft"), "style"),
        (lambda: A.SegmentExchange(keep=2), "keep"),
        (lambda: A.SegmentSwap([]), "^donors: .* one or more logos"),
        (lambda: A.SegmentSwap("logo.png"), "^donors: .* one or more logos"),
        (lambda: A.SegmentSwap(3), "^donors: .* one or more logos"),
        (lambda: A.SegmentSwap([3]), "^donors: a donor is"),
        (lambda: A.SegmentSwap([np.zeros((4, 4), dtype=np.float32)]), "^donors: a donor is"),
        (lambda: A.SegmentColor(group="words"), "group: there is no grouping"),
        (
            lambda: A.RandomSegmentOp([A.SegmentColor(group="glyphs")], group="glyphs"),
            "not to both",
        ),
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
