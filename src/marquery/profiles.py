"""Colour profiles (ICC): a picture whose numbers mean other colours than those of a screen (sRGB)
is brought to these, as browsers do.
"""

import io

from PIL import Image, ImageCms

from marquery.png_colors import png_profile

#: Key of Pillow for the profile of a picture.
KEY = "icc_profile"
# Those of printing presses have about two million bytes.
_MOST_BYTES = 4 * 2**20
# Bytes of a profile that say which numbers it is for, and what they may say.
_SPACE = slice(16, 20)
_MODES = {b"RGB ": "RGB", b"CMYK": "CMYK"}


def in_screen_colors(image: Image.Image) -> Image.Image:
    """A picture in the colours of sRGB; itself if its profile says nothing else, is broken or too
    large.

    Args:
        image: of 8 bits a channel; a PNG may say its colours by numbers in place of a profile.
    """
    profile = image.info.get(KEY)
    by_numbers = profile is None and "gamma" in image.info
    if by_numbers:
        profile = png_profile(image.info)
    if not isinstance(profile, bytes) or not 128 < len(profile) <= _MOST_BYTES:
        return image
    mode = _MODES.get(profile[_SPACE])
    is_transparent = mode == "RGB" and image.has_transparency_data
    if (
        mode is None
        or (image.mode.startswith(("L", "1")) and not by_numbers)
        or (mode == "CMYK") != (image.mode == "CMYK")
    ):
        return image
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in (ImageCms.getProfileDescription(given) or "").lower():
            return image
        plain = image.convert("RGBA" if is_transparent else mode)
        wanted = ImageCms.createProfile("sRGB")
        found = ImageCms.profileToProfile(
            plain, given, wanted, outputMode="RGBA" if is_transparent else "RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    if found is None:
        return image
    left = (KEY, "transparency", "gamma")
    found.info = {key: value for key, value in image.info.items() if key not in left}
    return found
