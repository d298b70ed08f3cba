"""Drawn scenes: a few flat shapes on white, whose segments nobody can doubt."""

import colorsys

import numpy as np

from segmentation.sample import Logo

_SIDE = 224


def scenes(number: int, seed: int = 0) -> list[Logo]:
    """``number`` drawings of two to five flat shapes on white, as SVG."""
    return [_scene(np.random.default_rng((seed, i)), i) for i in range(number)]


def _scene(rng: np.random.Generator, number: int) -> Logo:
    shapes = "".join(_shape(rng) for _ in range(int(rng.integers(2, 6))))
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIDE} {_SIDE}" '
        f'width="{_SIDE}" height="{_SIDE}">{shapes}</svg>'
    )
    return Logo(f"scene-{number:03d}", "scenes", svg, dark=False)


def _shape(rng: np.random.Generator) -> str:
    x, y = rng.uniform(50, _SIDE - 50, 2)
    radius = rng.uniform(18, 48)
    red, green, blue = colorsys.hsv_to_rgb(
        rng.random(), rng.uniform(0.3, 1), rng.uniform(0.1, 0.95)
    )
    fill = "#{:02x}{:02x}{:02x}".format(*(round(255 * v) for v in (red, green, blue)))
    turn = f'transform="rotate({rng.uniform(0, 360):.1f} {x:.2f} {y:.2f})" fill="{fill}"'
    kind = int(rng.integers(4))
    if kind == 0:
        return f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{radius:.2f}" fill="{fill}"/>'
    if kind == 1:
        flat = radius * rng.uniform(0.4, 0.9)
        return f'<ellipse cx="{x:.2f}" cy="{y:.2f}" rx="{radius:.2f}" ry="{flat:.2f}" {turn}/>'
    if kind == 2:
        width, height = 2 * radius, 2 * radius * rng.uniform(0.3, 1)
        return (
            f'<rect x="{x - width / 2:.2f}" y="{y - height / 2:.2f}" width="{width:.2f}" '
            f'height="{height:.2f}" {turn}/>'
        )
    corners = int(rng.integers(3, 7))
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    points = " ".join(f"{x + radius * np.cos(a):.2f},{y + radius * np.sin(a):.2f}" for a in angles)
    return f'<polygon points="{points}" {turn}/>'
