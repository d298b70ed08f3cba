"""What `marquery evaluate` does, in one line of Python."""

import json

import numpy as np
import pytest

import marquery as mq
from marquery.comparison.methods import HASH, PIXELS
from marquery.encoder import LogoEncoder


@pytest.fixture(scope="module")
def encoder():
    return LogoEncoder.create("mobilenetv3_small_050", 8, image_size=32, pretrained=False)


def test_the_figures_are_those_of_evaluate(encoder, logo_folder):
    (logo_folder / "g00" / "bad.png").write_bytes(b"no picture")
    found = mq.evaluate_model(encoder, logo_folder, baselines=False)
    logos = mq.LogoSet.open(logo_folder)
    kept = [i for i, path in enumerate(logos.paths) if not path.endswith("bad.png")]
    vectors = encoder.embed([logos.files()[i] for i in kept])
    expected = mq.evaluate(vectors, logos.groups[kept])
    assert (found.result.map, found.result.nar) == (expected.map, expected.nar)
    assert found.result.intervals == expected.intervals
    assert [error.path.rsplit("/", 1)[-1] for error in found.skipped] == ["bad.png"]
    assert len(found.logos) == 36


def test_rivals_stand_beside_and_all_is_written(encoder, logo_folder, tmp_path, capsys):
    encoder.save(tmp_path / "m")
    found = mq.evaluate_model(str(tmp_path / "m"), mq.LogoSet.open(logo_folder), clusters=True)
    names = [method.name for method in found.methods]
    assert {PIXELS, HASH} < set(names)
    assert names[-1] == str(tmp_path / "m")
    assert found[PIXELS] is found.methods[names.index(PIXELS)].result
    assert found.methods[-1].clusters.keys() == {"distance_ratio", "nmi"}
    found.to_json(tmp_path / "r.json")
    body = json.loads((tmp_path / "r.json").read_text())
    assert body == found.to_dict()
    assert body["methods"].keys() == set(names)
    assert body["methods"][names[-1]]["model"] == encoder.fingerprint()
    assert capsys.readouterr().out == ""  # printing is the command's affair


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"edits": True, "strata": True}, "edits"),
        ({"edits": True, "protocol": "metu"}, "protocol"),
        ({"protocol": "upstream", "strata": True}, "strata"),
        ({"protocol": "upstream", "alike": True}, "alike"),
        ({"protocol": "upstream", "ties": "mean"}, "ties"),
        ({"protocol": "metu", "ideas": True}, "protocol"),
        ({"edits": True, "ideas": True}, "edits"),
        ({"ideas": True}, "ideas"),
        ({"distractors": 5}, "distractors"),
        ({"queries_from": "nowhere"}, None),
    ],
)
def test_options_that_do_not_go_together_are_refused(encoder, logo_folder, options, option):
    with pytest.raises(mq.UsageError) as error:
        mq.evaluate_model(encoder, logo_folder, baselines=False, **options)
    assert option is None or error.value.option == option


def test_the_nearest_and_groups_of_segments_are_at_hand(make_logo):
    vectors = np.eye(3, dtype=np.float32)
    indices, scores = mq.top_k(vectors, vectors, 1)
    assert (indices[:, 0].tolist(), scores[:, 0].tolist()) == ([0, 1, 2], [1, 1, 1])
    found = mq.segment(make_logo(1))
    assert mq.group_segments(found, "proximity").count <= found.count
