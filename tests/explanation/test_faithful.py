"""An explanation is faithful: taking away the part with the largest share costs the score most."""

import cv2
import numpy as np

from marquery.encoder import LogoEncoder
from marquery.explanation import explain

PAIRS = 24


def draw_pair(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Three to five separate shapes of several sizes on white; the second in other colours, one
    shape another.
    """
    rng = np.random.default_rng(seed)
    places = rng.permutation([(48, 48), (144, 48), (48, 144), (144, 144), (96, 96)])
    count = int(rng.integers(3, 6))
    kinds, sizes = rng.integers(0, 3, count), rng.integers(12, 30, count)
    pictures = []
    for turn in range(2):
        picture = np.full((192, 192, 3), 255, np.uint8)
        for i in range(count):
            x, y = (int(v) for v in places[i])
            r, color = int(sizes[i]), tuple(int(v) for v in rng.integers(0, 180, 3))
            kind = (kinds[i] + 1) % 3 if turn and i == 0 else kinds[i]
            if kind == 0:
                cv2.circle(picture, (x, y), r, color, -1)
            elif kind == 1:
                cv2.rectangle(picture, (x - r, y - r), (x + r, y + r), color, -1)
            else:
                cv2.fillPoly(
                    picture, [np.array([[x, y - r], [x - r, y + r], [x + r, y + r]])], color
                )
        pictures.append(picture)
    return pictures[0], pictures[1]


def test_the_part_with_the_largest_share_is_the_one_that_is_missed_most(capsys):
    encoder = LogoEncoder.load("default")
    right, chance = [], []
    for seed in range(PAIRS):
        query, hit = draw_pair(seed)
        why = explain(encoder, query, hit)
        assert abs(why.residual) < 1e-6
        without = []
        for part in why.query_parts:  # painted over, not as the explanation takes parts away
            gone = cv2.dilate(part.mask.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
            left = query.copy()
            left[gone] = 255
            without.append(left)
        vectors = encoder.embed([*without, hit], engine="pytorch")
        costly = int(np.argmin(vectors[:-1] @ vectors[-1]))
        right.append(costly == int(np.argmax([part.share for part in why.query_parts])))
        chance.append(1 / len(without))
    with capsys.disabled():
        print(f" faithful {np.mean(right):.0%}, chance {np.mean(chance):.0%} ", end="")
    assert np.mean(right) >= 0.8
    assert np.mean(chance) < 0.4
