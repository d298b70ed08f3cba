"""What the transforms of logos share: kinds of input, random draws, checks of options."""

import inspect
from typing import Any

import numpy as np
import torch
from PIL import Image
from torchvision import tv_tensors
from torchvision.transforms import v2

from marquery.arrays import UInt8Array
from marquery.augment._random import Range, uniform
from marquery.augment.functional._kernels import shows_something
from marquery.augment.subject import Subject
from marquery.errors import UsageError
from marquery.images import to_array
from marquery.segments import Group, Segmentation
from marquery.segments.grouping import check_group


def is_image_array(value: Any) -> bool:
    """Whether a value is a uint8 array of shape (H, W, 3)."""
    return isinstance(value, np.ndarray) and value.dtype == np.uint8 and value.shape[2:] == (3,)


class LogoTransform(v2.Transform):  # type: ignore[misc]
    """Base of the transforms of one logo, with torchvision's two halves.

    :meth:`make_params` draws all randomness (from torch's generator), :meth:`transform` is pure.

    Takes ``PIL.Image`` of any mode, uint8 numpy (H, W, 3), uint8 tensors or ``tv_tensors.Image``
    (..., 3, H, W), alone or inside any structure; other values pass through. The result is the
    same kind of container, and always the upright picture in RGB, whether ``p`` decided for a
    change or not: in both cases EXIF turning is applied and alpha is laid on a backdrop
    (:func:`marquery.images.flatten`). Each image gets its own draws, as does each of a batch.

    A subclass overrides the two halves, both of which are given one logo as a
    :class:`~marquery.augment.Subject`. A result that shows nothing, all of one colour, is not
    given: the picture is left as it was.

    Args:
        p: probability that an image is changed, 0 to 1.

    Raises:
        UsageError: an option is out of range.
    """

    _transformed_types = (torch.Tensor, Image.Image, is_image_array)

    def __init__(self, p: float = 1.0) -> None:
        super().__init__()
        self.p = probability("p", p)

    def make_params(self, flat_inputs: list[Subject]) -> dict[str, Any]:
        """Draw the parameters of one application; the list holds one logo."""
        raise NotImplementedError

    def transform(self, inpt: Subject, params: dict[str, Any]) -> UInt8Array:
        """Apply drawn parameters to the logo they were drawn for; pure. Gives uint8 (H, W, 3)."""
        raise NotImplementedError

    def transform_logo(self, logo: Subject) -> UInt8Array:
        """One random application; ``logo.pixels`` itself where nothing is changed."""
        if self.p < 1 and uniform() >= self.p:
            return logo.pixels
        out = self.transform(logo, self.make_params([logo]))
        return out if shows_something(out) else logo.pixels

    def transform_segmented(self, image: UInt8Array, segmentation: Segmentation) -> UInt8Array:
        """As :meth:`transform_logo`, of a uint8 (H, W, 3) image and its ungrouped segmentation."""
        return self.transform_logo(Subject(image, segmentation))

    def forward(self, *inputs: Any) -> Any:
        """As in torchvision, but every image of a structure gets draws of its own."""
        flat, spec = torch.utils._pytree.tree_flatten(inputs if len(inputs) > 1 else inputs[0])
        self.check_inputs(flat)
        outputs = [
            self._transform_input(value) if wanted else value
            for value, wanted in zip(flat, self._needs_transform_list(flat), strict=True)
        ]
        return torch.utils._pytree.tree_unflatten(outputs, spec)

    def _transform_input(self, image: Any) -> Any:
        """An image, or a batch of them, in the same kind of container."""
        # Also what stays is given in the form of what is changed, or batches would mix modes.
        outputs = [like(one, self.transform_logo(Subject(to_pixels(one)))) for one in split(image)]
        if not isinstance(image, torch.Tensor) or image.ndim == 3:
            return outputs[0]
        stacked = torch.stack([torch.as_tensor(o) for o in outputs]) if outputs else image
        stacked = stacked.reshape(image.shape)
        wrapped = isinstance(image, tv_tensors.Image)
        return tv_tensors.wrap(stacked, like=image) if wrapped else stacked

    def check_inputs(self, flat_inputs: list[Any]) -> None:
        """Refuse image tensors that are not uint8 with three channels.

        Raises:
            UsageError: such a tensor is among the inputs.
        """
        for value, wanted in zip(flat_inputs, self._needs_transform_list(flat_inputs), strict=True):
            if not (wanted and isinstance(value, torch.Tensor)):
                continue
            if value.dtype != torch.uint8 or value.ndim < 3 or value.shape[-3] != 3:
                raise UsageError(
                    None,
                    f"{type(self).__name__} takes uint8 tensors of shape (..., 3, H, W), not "
                    f"{value.dtype} of shape {tuple(value.shape)}",
                    "use it before ToDtype and Normalize",
                )

    def extra_repr(self) -> str:
        """All parameters of the constructor."""
        names = inspect.signature(type(self).__init__).parameters
        return ", ".join(f"{name}={getattr(self, name)}" for name in names if name != "self")

    def _needs_transform_list(self, flat_inputs: list[Any]) -> list[bool]:
        wanted = super()._needs_transform_list(flat_inputs)
        other = (tv_tensors.Mask, tv_tensors.BoundingBoxes, tv_tensors.Video)
        # A plain tensor beside a numpy image is a label, as it is beside a PIL image.
        arrays = any(is_image_array(v) for v in flat_inputs)
        return [
            w
            and not isinstance(v, other)
            and not (arrays and isinstance(v, torch.Tensor) and not isinstance(v, tv_tensors.Image))
            for w, v in zip(wanted, flat_inputs, strict=True)
        ]


class SegmentTransform(LogoTransform):
    """Base of the transforms that act on the segments of a logo, or on groups of them.

    Both halves see the parts as ``logo.parts(self.group)``. When an image is used several times,
    segment it once and call :meth:`transform_segmented`. Kinds of input and of result: see
    :class:`LogoTransform`.

    Args:
        p: probability that an image is changed, 0 to 1.
        group: ``"glyphs"`` or ``"proximity"``: segments that belong together, such as the letters
            of a word, are one part (:func:`marquery.segments.group_segments`); None: each is a part
            of its own.

    Raises:
        UsageError: an option is out of range.
    """

    def __init__(self, p: float = 1.0, group: Group | None = None) -> None:
        super().__init__(p)
        check_group(group)
        self.group = group


def split(image: Any) -> list[Any]:
    """The single images in an input: those of a batch of tensors, or the image itself."""
    if isinstance(image, torch.Tensor) and image.ndim > 3:
        return list(image.reshape(-1, *image.shape[-3:]).as_subclass(torch.Tensor))
    return [image]


def to_pixels(image: Any) -> UInt8Array:
    """uint8 (H, W, 3) pixels of one image of any accepted kind."""
    if isinstance(image, torch.Tensor):
        chw = image.as_subclass(torch.Tensor).detach().cpu().numpy()
        return np.ascontiguousarray(chw.transpose(1, 2, 0))
    return to_array(image)


def like(image: Any, pixels: UInt8Array) -> Any:
    """Pixels as the same kind of image as ``image``."""
    if isinstance(image, Image.Image):
        return Image.fromarray(pixels)
    if isinstance(image, torch.Tensor):
        chw = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1))).to(image.device)
        return tv_tensors.wrap(chw, like=image) if isinstance(image, tv_tensors.Image) else chw
    return pixels


def probability(name: str, value: float) -> float:
    """Check a probability or share.

    Raises:
        UsageError: it is not between 0 and 1.
    """
    if not (isinstance(value, int | float) and 0 <= value <= 1):
        raise UsageError(
            name, f"{value!r} is not a number between 0 and 1", "give a share or probability"
        )
    return float(value)


def interval(name: str, value: Range, low: float, high: float) -> Range:
    """Check a pair (least, most).

    Args:
        name: of the option.
        value: the pair.
        low, high: bounds of both numbers.

    Raises:
        UsageError: it is no pair, out of bounds, or descends.
    """
    if (
        not isinstance(value, tuple | list)
        or len(value) != 2
        or not all(isinstance(v, int | float) for v in value)
        or not low <= value[0] <= value[1] <= high
    ):
        raise UsageError(
            name,
            f"{value!r} is out of range",
            f"give two numbers between {low:g} and {high:g}, least and most",
        )
    return float(value[0]), float(value[1])
