"""With p below 1 a picture that stays has the same form as one that is changed."""

import inspect

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import tv_tensors

from marquery import augment as A
from marquery.cli.augment import segment_rows
from marquery.errors import UsageError
from marquery.training.augment_steps import step_models

from ..drawings import logo, other_logo

MODES = ("RGB", "L", "RGBA", "LA", "P", "CMYK", "1", "I;16")
MAKERS = {
    **A.SEGMENT_OPERATIONS,
    **A.LOGO_OPERATIONS,
    "swap": lambda p: A.SegmentSwap([other_logo()], p=p),
    "mix": lambda p: A.RandomSegmentOp(p=p),
    "mix of seldom": lambda p: A.RandomSegmentOp([A.SegmentColor(p=p)]),
}


def picture(mode):
    image = Image.fromarray(logo())
    if mode == "I;16":
        return Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    return image.convert(mode)


@pytest.mark.parametrize("p", [0.0, 1.0])
@pytest.mark.parametrize("name", MAKERS)
def test_every_mode_gives_rgb_whether_drawn_or_not(name, p):
    op = MAKERS[name](p=p)
    for mode in MODES:
        image = picture(mode)
        assert image.mode == mode
        out = op(image)
        assert isinstance(out, Image.Image)
        assert (out.mode, out.size) == ("RGB", image.size)


@pytest.mark.parametrize("p", [0.0, 1.0])
@pytest.mark.parametrize("name", MAKERS)
def test_a_turned_photo_is_upright_whether_drawn_or_not(name, p):
    image = Image.fromarray(logo()[:40])
    height, width = logo()[:40].shape[:2]
    assert height != width
    image.getexif()[0x0112] = 6  # to be shown after a quarter turn
    out = MAKERS[name](p=p)(image)
    assert out.size == (height, width)
    assert out.getexif().get(0x0112, 1) == 1
    if p == 0:  # a quarter turn clockwise, by hand: rows become columns from the right
        assert (np.asarray(out) == np.rot90(logo()[:40], -1)).all()


@pytest.mark.parametrize("p", [0.0, 1.0])
@pytest.mark.parametrize("name", MAKERS)
def test_alpha_is_laid_on_a_backdrop_whether_drawn_or_not(name, p):
    pixels = np.zeros((40, 40, 4), dtype=np.uint8)
    pixels[10:30, 10:30] = (200, 0, 0, 255)
    out = MAKERS[name](p=p)(Image.fromarray(pixels))
    assert out.mode == "RGB"
    if p == 0:
        assert out.getpixel((0, 0)) == (255, 255, 255)
        assert out.getpixel((20, 20)) == (200, 0, 0)


@pytest.mark.parametrize("p", [0.0, 1.0])
@pytest.mark.parametrize("name", MAKERS)
def test_arrays_and_tensors_stay_what_they_are(name, p):
    op = MAKERS[name](p=p)
    tensor = torch.from_numpy(logo()).permute(2, 0, 1)
    for image in (logo(), tensor, tv_tensors.Image(tensor), tensor.repeat(2, 1, 1, 1)):
        out = op(image)
        assert type(out) is type(image)
        assert (out.dtype, out.shape) == (image.dtype, image.shape)
    for refused in (tensor.float(), tensor[:1]):
        with pytest.raises(UsageError, match="uint8 tensors"):
            op(refused)


@pytest.mark.parametrize("op", [make() for make in A.LOGO_OPERATIONS.values()], ids=repr)
def test_a_mix_refuses_what_is_no_segment_operation_when_it_is_made(op):
    with pytest.raises(UsageError, match=type(op).__name__) as error:
        A.RandomSegmentOp([A.SegmentColor(), op])
    assert error.value.option == "ops"


def test_whole_logo_transforms_stand_beside_the_segment_transforms():
    for cls in A.LOGO_OPERATIONS.values():
        assert issubclass(cls, A.LogoTransform)
        assert not issubclass(cls, A.SegmentTransform)
    assert issubclass(A.SegmentTransform, A.LogoTransform)


def test_recipes_and_the_command_line_know_every_operation_of_the_registry():
    segment_step = step_models()["segment"](op="segment", color=1)
    assert list(segment_step.weights) == list(A.SEGMENT_OPERATIONS)
    assert {*segment_rows()} == {*A.SEGMENT_OPERATIONS, "shade", "swap"}
    assert {*A.LOGO_OPERATIONS} < {*step_models()}


def test_steps_of_a_recipe_have_the_options_and_defaults_of_the_operation():
    for name, operation in A.LOGO_OPERATIONS.items():
        step, options = step_models()[name], inspect.signature(operation).parameters
        assert {name: step.model_fields[name].default for name in options} == {
            name: option.default for name, option in options.items()
        }
        assert set(step.model_fields) == {"op", *options}
