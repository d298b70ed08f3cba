"""Recipe steps on logos, and the training set: the seed of a draw decides all."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image
from pydantic import TypeAdapter, ValidationError

from marquery.augment import Subject
from marquery.images import to_array
from marquery.sampling import NEGATIVE, POSITIVE, Draw, StepBatches, ViewSampler
from marquery.training.augment_steps import AugmentStep, step_models
from marquery.training.augmentation import Augmentation
from marquery.training.data import TrainingImages, make_loader
from marquery.training.recipe import Recipe

STEPS = [
    {"op": "segment", "color": 1},
    {"op": "segment", "remove": 1, "p": 0.5},
    {"op": "segment", "rotate": 1, "scale": 1},
    {"op": "segment", "translate": 1, "mirror": 1, "duplicate": 1, "exchange": 1},
    {"op": "image_level"},
    {"op": "photometric", "p": 0.7},
    {"op": "shift_scale", "rotate": 15},
]


def steps(*plans):
    return TypeAdapter(tuple[AugmentStep, ...]).validate_python(plans)


@pytest.fixture
def logo(make_logo):
    return to_array(make_logo(2, (64, 64)))


def view(augmentation, logo, seed):
    torch.manual_seed(seed)
    return augmentation(Subject(logo), 64)


@pytest.mark.parametrize("plan", STEPS, ids=lambda p: "-".join(map(str, p.values())))
def test_each_step_keeps_the_size_and_follows_the_seed(plan, logo):
    augmentation = Augmentation(steps(plan))
    views = [view(augmentation, logo, seed) for seed in range(8)]
    assert all(v.shape == (64, 64, 3) and v.dtype == np.uint8 for v in views)
    assert np.array_equal(views[3], view(augmentation, logo, 3))
    assert len({v.tobytes() for v in views}) > 1


def test_no_steps_leave_the_logo_alone(logo):
    assert np.array_equal(view(Augmentation(()), logo, 0), logo)


def test_a_shift_uncovers_the_logos_own_ground():
    pixels = np.full((64, 64, 3), (20, 40, 60), np.uint8)
    pixels[20:40, 20:40] = 255
    augmentation = Augmentation(steps({"op": "shift_scale", "shift": 0.3, "scale": (0.5, 0.5)}))
    torch.manual_seed(0)
    out = augmentation(Subject(pixels), 64)
    assert (out[[0, 0, -1, -1], [0, -1, 0, -1]] == (20, 40, 60)).all()


def test_steps_follow_each_other(logo):
    """Recolouring, then turning grey: the second step sees what the first one made."""
    both = Augmentation(steps(STEPS[0], {"op": "shift_scale", "shift": 0.0, "scale": (0.5, 0.5)}))
    out = view(both, logo, 5)
    ink = (out != 255).any(axis=2).sum()
    assert 0 < ink < 0.5 * (logo != 255).any(axis=2).sum()


@pytest.fixture
def files(tmp_path, make_logo):
    paths = []
    for seed in range(6):
        paths.append(tmp_path / f"{seed}.png")
        make_logo(seed).save(paths[-1])
    return paths


def batches(files, workers):
    images = TrainingImages(files, 48, {POSITIVE: Augmentation(steps(*STEPS))})
    loader = make_loader(images, StepBatches(ViewSampler(6, 3, 2, seed=9), 0, 4), workers)
    return [(pixels.clone(), labels.clone()) for pixels, labels in loader]


def test_batches_are_the_same_with_any_number_of_workers(files):
    alone = batches(files, 0)
    for workers in (1, 2):
        for (x, a), (y, b) in zip(alone, batches(files, workers), strict=True):
            assert torch.equal(x, y)
            assert torch.equal(a, b)
    assert alone[0][0].shape == (6, 3, 48, 48)
    assert alone[0][0].dtype == torch.uint8
    assert alone[0][0].is_contiguous(memory_format=torch.channels_last)


def test_reading_leaves_the_global_generator_alone(files):
    images = TrainingImages(files, 48, {POSITIVE: Augmentation(steps(*STEPS))})
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    images[Draw(0, 0, POSITIVE, 5)]
    assert torch.equal(torch.rand(1), expected)


def test_roles_get_their_own_augmentation(files):
    images = TrainingImages(
        files,
        48,
        {POSITIVE: Augmentation(()), NEGATIVE: Augmentation(steps({"op": "image_level"}))},
    )
    plain, label = images[Draw(2, 7, POSITIVE, 5)]
    cropped, _ = images[Draw(2, -1, NEGATIVE, 5)]
    resized = np.asarray(Image.open(files[2]).resize((48, 48), Image.Resampling.BICUBIC))
    assert label == 7
    assert np.array_equal(plain.permute(1, 2, 0).numpy(), resized)
    assert not torch.equal(plain, cropped)


def test_kept_bounds_what_removal_takes_away():
    """Eight equal squares: half of them stay with kept .5; with kept .1 some view has fewer
    left.
    """
    pixels = np.full((64, 64, 3), 255, np.uint8)
    for number in range(8):
        row, column = divmod(number, 4)
        pixels[8 + 30 * row : 20 + 30 * row, 2 + 16 * column : 14 + 16 * column] = 0

    def fewest(kept):
        step = Recipe(
            name="r",
            steps=1,
            augment={"positive": [{"op": "segment", "remove": 1, "kept": kept}]},
        ).augment.positive
        augmentation = Augmentation(step)
        torch.manual_seed(0)
        subject = Subject(pixels)
        return min((augmentation(subject, 64) < 128).all(axis=2).sum() // 144 for _ in range(40))

    assert fewest(0.5) == 4
    assert fewest(1.0) == 8


def test_a_segment_step_sets_the_options_of_its_operations():
    step = steps(
        {
            "op": "segment",
            "color": {"weight": 4, "share": [1, 1], "style": "shade"},
            "remove": {"keep": 0.25},
            "scale": 2,
            "kept": 0.4,
        }
    )[0]
    mix = step.build()
    assert mix.weights == [4, 1, 2]
    color, remove, scale = mix.ops
    assert (color.share, color.style, color.contrast) == ((1, 1), "shade", 48)
    assert remove.keep == 0.25  # its own, not the step's
    assert scale.scale == (0.5, 1.6)
    assert steps({"op": "segment", "remove": 1, "kept": 0.4})[0].build().ops[0].keep == 0.4


@pytest.mark.parametrize(
    ("step", "place", "words"),
    [
        ({"op": "segment", "color": {"share": [0.9, 0.1]}}, ("color", "share"), "between 0 and 1"),
        ({"op": "segment", "color": {"shares": [0, 1]}}, ("color", "shares"), "not permitted"),
        ({"op": "segment", "mirror": {"direction": "up"}}, ("mirror",), "'horizontal'"),
        ({"op": "segment", "color": -1}, ("color", "weight"), "greater than or equal to 0"),
        ({"op": "image_level", "hflip": 2}, ("hflip",), "between 0 and 1"),
        ({"op": "image_level", "size": 64}, ("size",), "not permitted"),
        ({"op": "photometric", "strength": 3}, ("strength",), "between 0 and 1"),
        ({"op": "blur"}, (), "is no step; use segment, image_level"),
    ],
)
def test_a_mistake_in_a_step_is_named_with_its_place(step, place, words):
    with pytest.raises(ValidationError) as error:
        steps(step)
    first = error.value.errors()[0]
    assert first["loc"][1 : len(place) + 1] == place
    assert words in first["msg"]


def test_steps_come_back_from_workers_and_files_as_they_were():
    plans = (*STEPS, {"op": "badge", "white": 0.1}, {"op": "segment", "color": {"contrast": 60}})
    read = steps(*plans)
    assert pickle.loads(pickle.dumps(read)) == read
    adapter = TypeAdapter(tuple[AugmentStep, ...])
    written = adapter.dump_python(read, mode="json")
    assert written[0]["color"] == 1  # a weight alone stays a number
    assert adapter.validate_python(written) == read


def test_options_say_what_the_constructors_docstring_says():
    models = step_models()
    badge, color = models["badge"].model_fields, models["segment"].model_fields["color"].default
    assert (
        badge["white"].description == "probability that the background around the shape is white."
    )
    share = type(color).model_fields["share"]
    assert share.description == "least and most share of the segments to change; at least one is."
    assert (share.annotation, share.default) == (tuple[float, float], (0.2, 1.0))


def test_names_of_operations_are_known_without_torch():
    code = (
        "import sys, marquery.training.recipe_errors, marquery.cli.augment;"
        "from marquery import augment as A;"
        "assert 'mirror' in A.SEGMENT_OPERATIONS and 'SegmentMirror' in A.__all__;"
        "print(sorted({'torch', 'torchvision'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
