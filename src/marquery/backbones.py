"""The paper's networks, by the names that its public code gives them."""

#: The public code's names -> timm names with the weights that torchvision or the authors gave.
BACKBONES = {
    "resnet50": "resnet50.tv_in1k",
    "resnext50": "resnext50_32x4d.tv_in1k",
    "convnext": "convnext_tiny.fb_in1k",
    "swinTransformer": "swin_tiny_patch4_window7_224.ms_in1k",
}


def timm_name(name: str) -> str:
    """The timm name of one of :data:`BACKBONES`; any other name is returned as it is."""
    return BACKBONES.get(name, name)
