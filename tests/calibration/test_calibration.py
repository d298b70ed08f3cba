"""Pairs, the stored map, and the command from logos to a diagram."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from marquery.calibration import Calibration, draw_pairs
from marquery.calibration.evidence import EvidenceModel
from marquery.cli.app import run
from marquery.datasets import LogoSet
from marquery.datasets.selection import some_groups
from marquery.encoder import LogoEncoder
from marquery.encoder.engines import bfloat16_by_hardware
from marquery.encoder.precision_record import PrecisionRecord
from marquery.errors import MarqueryError
from marquery.evaluation.registry import metric, temporary_metrics
from marquery.index import LogoIndex
from marquery.index.strategies.projection import Projection
from marquery.training.calibrate import is_compared


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def logos():
    """Sixty logos in groups of four that lie near each other, and twenty without a name."""
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((15, 6)).repeat(4, axis=0)
    vectors = np.concatenate([centres + 0.6 * rng.standard_normal((60, 6)), rng.random((20, 6))])
    return unit(vectors), np.array([f"g{i // 4}" for i in range(60)] + [""] * 20)


def test_pairs_are_hits_of_one_list(logos):
    vectors, groups = logos
    pairs = draw_pairs(vectors, groups, seed=3, hits=7)
    half = len(pairs.same) // 2
    assert pairs.queries == 60
    assert 20 < half <= 60
    assert pairs.same.tolist() == [True] * half + [False] * half
    assert np.array_equal(pairs.first[:half], pairs.first[half:])
    assert len(set(pairs.first[:half])) == half
    for a, b, cosine, same in zip(
        pairs.first, pairs.second, pairs.cosines, pairs.same, strict=True
    ):
        assert a != b
        assert groups[a] != "" != groups[b]
        assert same == (groups[a] == groups[b])
        scores = vectors[:60] @ vectors[a]
        assert (np.delete(scores, a) > scores[b]).sum() < 7
        assert cosine == pytest.approx(float(vectors[a] @ vectors[b]), abs=1e-6)


def test_pairs_follow_the_seed(logos):
    one, same, other = (draw_pairs(*logos, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.second, same.second)
    assert not np.array_equal(one.second, other.second)


@pytest.mark.parametrize("groups", [["a"] * 4, ["a", "b", "c", "d"], [""] * 4])
def test_logos_that_give_no_pairs(groups):
    with pytest.raises(MarqueryError, match="more labelled logos"):
        draw_pairs(np.eye(4, dtype=np.float32), groups)


def test_stored_and_read_again(logos, tmp_path):
    pairs = draw_pairs(*logos)
    calibration = Calibration.fit(pairs, "abc", "toy val", 80)
    assert Calibration.load(tmp_path) is None
    calibration.save(tmp_path)
    again = Calibration.load(tmp_path)
    assert again == calibration
    x = np.linspace(-1, 1, 50).reshape(5, 10)
    assert np.array_equal(again.probability(x), calibration.probability(x))
    assert (np.diff(again.probability(x).ravel()) >= 0).all()
    assert again.probability(1.0) > 0.5 > again.probability(-1.0)
    assert calibration.tested(pairs, "toy val", 80)[0].error < 0.1


@pytest.mark.parametrize(
    "change",
    [
        {"probabilities": [0.9, 0.1]},
        {"cosines": [0.5, 0.5]},
        {"probabilities": [0.1, 1.2]},
        {"probabilities": [0.1]},
        {"cosines": [], "probabilities": []},
        {"format": 2},
        {"more": 1},
    ],
)
def test_a_damaged_map_is_refused(tmp_path, change):
    good = {"fingerprint": "f", "data": "d", "logos": 4, "pairs": 8}
    good |= {"cosines": [0.1, 0.5], "probabilities": [0.2, 0.8]}
    (tmp_path / "calibration.json").write_text(json.dumps(good))
    assert Calibration.load(tmp_path).probability(0.3) == pytest.approx(0.5)
    (tmp_path / "calibration.json").write_text(json.dumps(good | change))
    with pytest.raises(MarqueryError, match=r"calibration\.json"):
        Calibration.load(tmp_path)


def toy_set(root, make_logo, groups):
    """A benchmark on disk: each group a drawing in three colours, half of the groups in each
    split.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = []
    for group in range(groups):
        picture = make_logo(group)
        for turn in range(3):
            path = f"g{group}-{turn}.png"
            Image.fromarray(np.roll(np.asarray(picture), turn, axis=2)).save(root / path)
            split = "val" if group % 2 else "test"
            row = {"path": path, "brand": f"g{group}", "split": split}
            rows.append(row | {"namespace": "brand", "collection": "toy", "sha256": "0" * 64})
    pq.write_table(pa.Table.from_pylist(rows), root / "manifest.parquet")
    return LogoSet.open(root)


def test_whole_groups_are_drawn(tmp_path, make_logo):
    logos = toy_set(tmp_path, make_logo, 8)
    some = some_groups(logos, 10, seed=0)
    assert len(some) == 12
    assert all((some.groups == g).sum() == 3 for g in set(some.groups))
    assert set(some_groups(logos, 10, seed=1).groups) != set(some.groups)
    assert len(some_groups(logos, 100, seed=0)) == 24


def test_the_command_stores_the_map_and_draws_it(tmp_path, make_logo, capsys):
    torch.manual_seed(0)
    encoder = LogoEncoder.create("test_efficientnet", dim=8, image_size=32, pretrained=False)
    model = encoder.save(tmp_path / "run" / "encoder").parent
    (tmp_path / "data").mkdir()
    toy_set(tmp_path / "data", make_logo, 24)
    picture = tmp_path / "diagram.png"
    command = ["calibrate", str(model), "--data", str(tmp_path / "data")]
    assert run([*command, "--diagram", str(picture)]) == 0
    stored = Calibration.load(model)
    assert stored.fingerprint == encoder.fingerprint()
    assert stored.logos == 36
    assert stored.test.pairs == sum(stored.test.counts)
    assert f"{stored.test.error:.3f}" in capsys.readouterr().err
    assert Image.open(picture).size[0] > 800
    weighed, projection = EvidenceModel.load(model), Projection.load(model)
    assert weighed.fingerprint == projection.fingerprint or projection.dim == encoder.dim == 8
    assert (weighed.fingerprint, weighed.logos) == (encoder.fingerprint(), 36)
    assert weighed.test.logos == 36
    # A search by an index of this encoder tells the model's probability.
    index = LogoIndex.create(tmp_path / "idx", model)
    index.add(tmp_path / "data")
    hits = index.search(next((tmp_path / "data").rglob("*.png")), 5)
    assert all(hit.probability is not None for hit in hits)
    assert hits[0].probability == max(hit.probability for hit in hits)
    record = PrecisionRecord.load(model / "encoder")
    assert (record is not None) == bfloat16_by_hardware()
    assert LogoEncoder.load(model).precision_record == record

    assert run([*command, "--diagram", "diagram.jpg"]) == 2
    assert run(["calibrate", str(tmp_path), "--data", str(tmp_path / "data")]) == 1


def test_precisions_are_compared_by_metrics_that_the_bound_belongs_to():
    with temporary_metrics():
        metric("mrr", label="MRR")(len)
        metric("miss", label="miss", higher_is_better=False)(len)
        names = ["nar", "map", "map@50", "recall@1", "r_precision", "mean_rank", "mrr", "miss"]
        assert [name for name in names if not is_compared(name)] == ["mean_rank", "miss"]
