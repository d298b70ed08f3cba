import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marquery.datasets.openlogos.svgpath import Box, split_path


def boxes(data: str) -> list[tuple[float, ...]]:
    return sorted((b.left, b.top, b.right, b.bottom) for b in (p.box for p in split_path(data)))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("M1 2h3v4H1z", [(1, 2, 4, 6)]),
        ("M0 0h4v4H0zM10 10h2v2h-2z", [(0, 0, 4, 4), (10, 10, 12, 12)]),
        # The relative move starts where the closed square began.
        ("m1 1h4v4h-4zm10 0h2v2h-2z", [(1, 1, 5, 5), (11, 1, 13, 3)]),
        # A hole belongs to what it is cut from.
        ("M0 0h9v9H0zM3 3h3v3H3z", [(0, 0, 9, 9)]),
        ("M0 0L1 1 5 2", [(0, 0, 5, 2)]),
        ("M0,0c1-1,2,5,4,0", [(0, -1, 4, 5)]),
        # After a close without a move the pen is back at the start.
        ("M2 2h3v3zl-1-1", [(1, 1, 5, 5)]),
        ("M5 5", []),
        ("M0 0 20 0M1 9l.5.5", [(0, 0, 20, 0), (1, 9, 1.5, 9.5)]),
    ],
)
def test_pieces_and_their_boxes(data, expected):
    assert boxes(data) == expected


def test_a_circle_of_two_arcs_with_flags_run_together():
    ((left, top, right, bottom),) = boxes("M2 6a4 4 0 118 0a4 4 0 11-8 0z")
    assert (left, right) == (2, 10)
    assert top == pytest.approx(2, abs=0.1)
    assert bottom == pytest.approx(10, abs=0.1)


@given(
    st.floats(0.5, 9), st.floats(0.5, 9), st.floats(0, 360), st.floats(0, 6.2), st.floats(0.3, 5.5)
)
def test_an_arc_lies_on_its_ellipse(rx, ry, turn, first, sweep):
    phi = math.radians(turn)

    def at(angle: float) -> tuple[float, float]:
        x, y = rx * math.cos(angle), ry * math.sin(angle)
        return x * math.cos(phi) - y * math.sin(phi), x * math.sin(phi) + y * math.cos(phi)

    (x0, y0), (x1, y1) = at(first), at(first + sweep)
    ((left, top, right, bottom),) = boxes(
        f"M{x0:.9f} {y0:.9f}A{rx:.9f} {ry:.9f} {turn:.9f} {int(sweep > math.pi)} 1 {x1:.9f} "
        f"{y1:.9f}"
    )
    around = Box.around([at(first + sweep * i / 200) for i in range(201)])
    slack = 0.06 * max(rx, ry) + 1e-3
    assert abs(left - around.left) < slack
    assert abs(top - around.top) < slack
    assert abs(right - around.right) < slack
    assert abs(bottom - around.bottom) < slack


@pytest.mark.parametrize("data", ["L1 1", "M0 0 X", "M0 0C1 2", "M"])
def test_what_is_no_path(data):
    with pytest.raises(ValueError):
        split_path(data)
