"""Drawings that cost more than they may are refused, in one sentence, and harm nothing else."""

import contextlib
import time

import pytest

from marquery.errors import ImageError
from marquery.images import load_image
from marquery.svg import SvgError, SvgLimits, render_svg
from marquery.svg.drawing import no_files

from .drawings import FOREVER, RED, bearable, forbidding, nested, svg

FORBIDDING = forbidding()
BEARABLE = bearable()
SHORT = SvgLimits(cpu_seconds=0)
# Seconds of processor time are whole, and two cores are shared with other tests.
PATIENCE = 15


def draws_as_ever():
    return (render_svg(svg(RED), 8) == (255, 0, 0, 255)).all()


@pytest.mark.parametrize("name", FORBIDDING)
def test_a_drawing_that_costs_too_much_is_refused(name):
    began = time.monotonic()
    with pytest.raises(SvgError) as caught:
        render_svg(FORBIDDING[name], 512, limits=SHORT)
    assert time.monotonic() - began < PATIENCE
    assert caught.value.problem
    assert caught.value.remedy
    assert "\n" not in str(caught.value)
    assert draws_as_ever()


@pytest.mark.parametrize("name", BEARABLE)
def test_a_drawing_that_looks_like_a_burden_is_drawn_or_refused_in_time(name):
    began = time.monotonic()
    with contextlib.suppress(SvgError):
        assert render_svg(BEARABLE[name], 128, limits=SHORT).shape == (128, 128, 4)
    assert time.monotonic() - began < PATIENCE
    assert draws_as_ever()


def test_the_file_is_named_with_what_is_wrong_and_what_to_do(tmp_path):
    file = tmp_path / "logo.svg"
    file.write_text(FORBIDDING["300 groups"])
    with pytest.raises(ImageError) as caught:
        load_image(file)
    assert str(caught.value) == (
        f"{file}: has more than 255 elements inside each other; "
        "simplify the drawing and save it again"
    )
    assert not caught.value.passing


def test_the_time_that_a_drawing_had_is_told():
    with pytest.raises(SvgError, match="takes more than 1 s of processor time to draw; simplify"):
        render_svg(FOREVER, 64, limits=SvgLimits(cpu_seconds=1))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("300 groups", "has more than 255 elements inside each other"),
        ("entities", "has entities that grow"),
        ("uses of uses", "has more elements, .* than can be drawn"),
        ("huge picture, reference", "picture.* pixels"),
        ("zip bomb", "unpacks to more than 67,108,864 bytes"),
        ("no size", "its viewBox has no size"),
    ],
)
def test_what_is_wrong_is_told_apart(name, words):
    with pytest.raises(SvgError, match=words):
        render_svg(FORBIDDING[name], 512)


def test_memory_is_bounded():
    layers = svg('<g opacity=".9">' * 200 + RED + "</g>" * 200)
    with pytest.raises(SvgError, match="needs more memory"):
        render_svg(layers, 1024)
    assert (render_svg(layers, 32)[..., 3] < 255).all()


@pytest.mark.parametrize("tag", ["g", "svg", "a"])
def test_what_is_nested_as_deeply_as_is_allowed_is_drawn(tag):
    drawn = render_svg(nested(tag, 253, 'opacity=".999" filter="none"'), 16)
    assert (drawn[..., 3] > 0).all()


def test_no_file_can_be_opened_while_it_is_drawn(tmp_path):
    with no_files(), pytest.raises(OSError, match="Too many open files"):
        tmp_path.joinpath("a").touch()
    tmp_path.joinpath("a").touch()


def test_files_and_addresses_are_out_of_reach(tmp_path):
    secret = tmp_path / "secret.svg"
    secret.write_text(svg(RED))
    uri = secret.as_uri()
    for body in (
        f'<image width="10" height="10" href="{secret}"/>',
        f'<image width="10" height="10" xlink:href="{uri}"/>',
        f'<image width="10" height="10" href="&#x66;ile://{secret}"/>',
        f'<use href="{secret}#a"/>',
        f'<rect width="10" height="10" fill="url({uri}#a)"/>',
        f'<rect width="10" height="10" style="fill:url( &quot;{uri}#a&quot; )"/>',
        f"<style>@import url({uri}); rect {{ fill: url('{uri}#a') }}</style>"
        '<rect width="10" height="10"/>',
        f'<filter id="f"><feImage href="{uri}"/></filter><g filter="url(#f)">{RED}</g>',
    ):
        drawn = render_svg(svg(body), 8)
        assert not ((drawn[..., 0] > 0) & (drawn[..., 3] > 0)).any(), body
    for declared in (f'<!ENTITY x SYSTEM "{uri}">', f'<!ENTITY % x SYSTEM "{uri}"> %x;'):
        with pytest.raises(SvgError):
            render_svg(svg("<g>&x;</g>", before=f"<!DOCTYPE svg [{declared}]>"), 8)
