"""The paper's names of networks."""

import timm

from marquery.backbones import BACKBONES, timm_name
from marquery.cli.reproduce import BACKBONES as OFFERED


def test_every_name_of_the_paper_is_a_network_of_timm_with_weights():
    assert set(BACKBONES) == {"resnet50", "resnext50", "convnext", "swinTransformer"}
    for name in BACKBONES:
        config = timm.get_pretrained_cfg(timm_name(name))
        assert config is not None
        assert config.hf_hub_id or config.url


def test_other_names_stay():
    assert timm_name("convnext") == "convnext_tiny.fb_in1k"
    assert timm_name("tf_efficientnet_lite0") == "tf_efficientnet_lite0"


def test_the_command_offers_the_same_names():
    assert OFFERED is BACKBONES
