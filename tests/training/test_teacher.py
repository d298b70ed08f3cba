"""A teacher: the divergence by hand, what it leaves alone, and that a network comes to agree with
it.
"""

import math

import pytest
import torch
from torch.nn.functional import normalize

from marquery.encoder import LogoEncoder
from marquery.training.recipe import load_recipe
from marquery.training.teacher import Teacher, make_teacher


def unit(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return normalize(torch.randn(*shape, generator=generator, dtype=torch.float64), dim=1)


@pytest.fixture
def small():
    torch.manual_seed(0)
    return LogoEncoder.create("test_efficientnet", dim=8, image_size=48, pretrained=False)


def by_hand(student, teacher, temperature):
    """Item by item, other by other."""
    total = 0.0
    for q in range(len(student)):
        others = [i for i in range(len(student)) if i != q]
        p, s = (
            [math.exp(float(e[q] @ e[i]) / temperature) for i in others] for e in (teacher, student)
        )
        for a, b in zip(p, s, strict=True):
            a, b = a / sum(p), b / sum(s)
            total += a * math.log(a / b)
    return total / len(student)


@pytest.mark.parametrize("temperature", [0.05, 0.5])
def test_it_is_the_mean_divergence_of_neighbourhoods(small, temperature):
    mine, theirs = unit(7, 5), unit(7, 3, seed=1)
    teacher = Teacher(small, 2.5, temperature, micro=4)
    expected = 2.5 * by_hand(mine, theirs, temperature)
    assert float(teacher.loss(mine, theirs)) == pytest.approx(expected, rel=1e-4)


def test_only_differences_of_cosines_count(small):
    """The teacher's logos are all near each other, in the same order and by the same steps."""
    x = unit(6, 4)
    near = torch.cat([x, torch.full((6, 1), 3.0, dtype=torch.float64)], dim=1)  # cosines + 9
    teacher = Teacher(small, 1, 0.1, micro=8)
    assert float(teacher.loss(x, x)) == pytest.approx(0, abs=1e-6)
    assert float(teacher.loss(x, near)) == pytest.approx(0, abs=1e-4)


def test_two_have_no_neighbourhoods(small):
    x = unit(2, 4).requires_grad_()
    loss = Teacher(small, 1, 0.1, micro=8).loss(x, unit(2, 4, seed=3))
    loss.backward()
    assert float(loss.detach()) == 0
    assert not x.grad.any()


def test_the_gradient_brings_the_neighbourhoods_together(small):
    teacher, theirs = Teacher(small, 1, 0.1, micro=8), unit(9, 6, seed=2)
    free = unit(9, 4).requires_grad_()
    optimizer = torch.optim.Adam([free], lr=0.05)
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        loss = teacher.loss(normalize(free, dim=1), theirs)
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.3 * losses[0]


def test_it_sees_the_batch_at_most_at_its_own_size_and_keeps_no_graph(small):
    pixels = torch.randint(0, 256, (5, 3, 48, 48), dtype=torch.uint8)
    teacher = Teacher(small, 1, 0.1, micro=2)
    out = teacher.embed(pixels)
    assert not out.requires_grad
    expected = small.embed([p.permute(1, 2, 0).numpy() for p in pixels], engine="pytorch")
    torch.testing.assert_close(out, torch.from_numpy(expected), atol=1e-5, rtol=0)
    flat = torch.full((2, 3, 96, 96), 90, dtype=torch.uint8)
    torch.testing.assert_close(
        teacher.embed(flat), teacher.embed(flat[..., :48, :48]), atol=1e-5, rtol=0
    )


def test_a_recipe_names_its_teacher(recipe_file, small, tmp_path):
    saved = small.save(tmp_path / "teacher")
    plan = load_recipe(recipe_file, [f"teacher.encoder={saved}", "teacher.weight=0.4"]).teacher
    teacher = make_teacher(plan, 16)
    assert (teacher.weight, teacher.micro, teacher.encoder.dim) == (0.4, 16, 8)
    assert make_teacher(load_recipe(recipe_file).teacher, 16) is None


@pytest.mark.parametrize("side", [48, 64, 96])
def test_a_transformer_of_one_size_sees_that_size(side):
    encoder = LogoEncoder.create("vit_tiny_patch16_224", dim=8, image_size=64, pretrained=False)
    pixels = torch.randint(0, 256, (3, 3, side, side), dtype=torch.uint8)
    assert Teacher(encoder, 1, 0.1, micro=2).embed(pixels).shape == (3, 8)
