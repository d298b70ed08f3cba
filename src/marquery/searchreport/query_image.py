"""A query image as it was given: its bytes are part of the record, so that the search can be
repeated anywhere.
"""

import base64
import binascii
import hashlib
import io
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from PIL import Image
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    field_validator,
)

from marquery.errors import ImageError
from marquery.files import open_regular
from marquery.images import ImageSource, load_image
from marquery.names import existing_path, path_to_text


def _from_base64(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError("is not base64") from error


#: Bytes that stand in JSON as base64.
Base64 = Annotated[
    bytes,
    BeforeValidator(_from_base64),
    PlainSerializer(lambda data: base64.b64encode(data).decode(), when_used="json"),
]


class QueryImage(BaseModel):
    """An image that was searched for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str
    """As it was given; the extension says whether it is SVG."""
    width: int = Field(ge=1)
    """Pixels, as the search saw it."""
    height: int = Field(ge=1)
    data: Base64
    """The file."""
    sha256: str
    """Of ``data``, hex; checked when a record is read."""

    @field_validator("sha256")
    @classmethod
    def _fits(cls, value: str, info: ValidationInfo) -> str:
        if "data" in info.data and hashlib.sha256(info.data["data"]).hexdigest() != value:
            raise ValueError("is not that of the image beside it; the record was changed")
        return value

    @classmethod
    def of(cls, source: "ImageSource | QueryImage", name: str) -> "QueryImage":
        """Keep an image.

        Args:
            source: a file, whose bytes are kept as they are; or pixels, which are kept as PNG.
            name: of pixels.

        Raises:
            ImageError: the image cannot be read.
        """
        if isinstance(source, QueryImage):
            return source
        image = load_image(source)
        if isinstance(source, (str, os.PathLike)):
            file = existing_path(source)
            path = path_to_text(file)
            with open_regular(file) as opened:
                data = opened.read()
        else:
            path, data = name, png(image)
        return cls(
            path=path,
            width=image.width,
            height=image.height,
            data=data,
            sha256=hashlib.sha256(data).hexdigest(),
        )

    def load(self) -> Image.Image:
        """The image as the search saw it, RGB.

        Raises:
            ImageError: the bytes are no image.
        """
        suffix = ".svg" if self.path.lower().endswith(".svg") else ".image"
        with TemporaryDirectory(prefix="marquery-") as folder:
            file = Path(folder, f"query{suffix}")
            file.write_bytes(self.data)
            try:
                return load_image(file)
            except ImageError as error:
                raise ImageError(f"{self.path} in the record", error.reason) from error


def png(image: Image.Image) -> bytes:
    """A picture as the bytes of a PNG file."""
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
