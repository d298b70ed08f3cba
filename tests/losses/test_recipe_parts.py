"""What recipes say of losses: every option of the constructors, with their defaults."""

import inspect
import subprocess
import sys

import pytest
import torch

from marquery import losses
from marquery.losses.parts import UNLABELLED, SmoothAPPart, TripletPart, loss_parts
from marquery.sampling import UNLABELLED as SAMPLED

CLASSES = {
    "smoothap": losses.SmoothAPLoss,
    "supap": losses.SupAPLoss,
    "recall": losses.RecallAtKLoss,
    "triplet": losses.TripletLoss,
}


def test_each_loss_has_a_part():
    assert loss_parts().keys() == CLASSES.keys()
    built = {kind: type(part(kind=kind).build()) for kind, part in loss_parts().items()}
    assert built == CLASSES


@pytest.mark.parametrize("kind", CLASSES)
def test_a_part_has_all_options_of_the_constructor_and_its_defaults(kind):
    options = dict(inspect.signature(CLASSES[kind]).parameters)
    part = loss_parts()[kind]
    assert options.keys() == part.model_fields.keys() - {"kind"}
    for name, option in options.items():
        # Samplers mark negatives, so in a recipe there are some; alone, every label is a class.
        expected = UNLABELLED if name == "unlabelled" else option.default
        assert part.model_fields[name].default == expected, name
        assert name != "unlabelled" or option.default is None


def test_samplers_and_losses_mean_the_same_label():
    assert UNLABELLED == SAMPLED


@pytest.mark.parametrize("kind", CLASSES)
def test_unlabelled_means_the_same_in_all(kind):
    """Two that are alike and unlabelled pull nothing together, and as a class they do."""
    labels = torch.tensor([0, 0, -1, -1])
    rows = torch.tensor([[1.0, 0, 0], [0.8, 0.6, 0], [0, 0, 1], [0, 0.9, 0.436]])

    def gradient(unlabelled):
        x = rows.clone().requires_grad_()
        options = {"margin": 2.0, "mining": "random"} if kind == "triplet" else {}
        torch.manual_seed(0)
        loss = CLASSES[kind](unlabelled=unlabelled, **options)
        value = (
            loss(x, labels) if kind == "triplet" else loss(torch.nn.functional.normalize(x), labels)
        )
        value.backward()
        return float(value.detach())

    alone = torch.tensor([0, 0, 1, 2])
    torch.manual_seed(0)
    options = {"margin": 2.0, "mining": "random"} if kind == "triplet" else {}
    as_single_classes = float(CLASSES[kind](**options)(rows, alone))
    assert gradient(-1) == pytest.approx(as_single_classes, abs=1e-4)
    assert gradient(None) != pytest.approx(gradient(-1), abs=1e-4)


def test_options_reach_the_loss():
    part = loss_parts()["supap"](kind="supap", slope=7, linear_from=0.2, positive_margin=0.8)
    made = part.build()
    assert (made.slope, made.linear_from, made.positive_margin, made.unlabelled) == (
        7,
        0.2,
        0.8,
        -1,
    )
    assert SmoothAPPart(backend="eager", query_is_positive=True).build().query_is_positive
    assert TripletPart(kind="triplet", mining="random").build().miner is None


def test_reading_a_recipe_loads_no_pytorch():
    code = "import sys, marquery.losses.parts; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
