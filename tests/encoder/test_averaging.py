"""The mean of encoders: by hand, of itself, and of what does not fit together."""

import pytest
import torch

from marquery.encoder import LogoEncoder
from marquery.encoder.averaging import averaged
from marquery.errors import UsageError


def _encoder(seed, dim=8, backbone="mobilenetv3_small_050"):
    torch.manual_seed(seed)
    return LogoEncoder.create(backbone, dim, image_size=32, pretrained=False)


def test_weights_are_the_mean_by_hand():
    one, two, three = (_encoder(seed) for seed in range(3))
    before = one.network.head.weight.clone()
    mean = averaged([one, two, three])
    expected = (one.network.head.weight + two.network.head.weight + three.network.head.weight) / 3
    assert torch.allclose(mean.network.head.weight, expected, atol=1e-7)
    assert torch.equal(one.network.head.weight, before)
    counts = [n for n, t in mean.network.state_dict().items() if not t.is_floating_point()]
    assert counts, "the network has whole numbers among its weights"


def test_the_mean_of_one_is_itself():
    one = _encoder(0)
    assert averaged([one]).fingerprint() == one.fingerprint()
    assert averaged([one, one]).fingerprint() == one.fingerprint()


@pytest.mark.parametrize("other", [{"dim": 4}, {"backbone": "mobilenetv3_small_075"}])
def test_other_networks_are_refused(other):
    with pytest.raises(UsageError, match="no mean"):
        averaged([_encoder(0), _encoder(1, **other)])
    with pytest.raises(UsageError, match="at least one"):
        averaged([])
