"""Raster files that announce much, or keep their tones where nobody looks."""

import io
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from marquery import rasters
from marquery.decoding import check_whole_size
from marquery.errors import ImageError, UsageError
from marquery.images import decode_image, load_image, to_array
from marquery.memory import MemoryBudget
from marquery.rasters import Limits
from marquery.visibility import DARK

from . import rasters as hostile

#: Python that reads all files at once or one after the other, and prints the most memory that took.
READ_ALL = """
import sys, threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from marquery.images import load_image

def told(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) // 1024

def read(path):
    try:
        return load_image(path).size
    except Exception as error:
        return f"{type(error).__name__}: {error}"

files = sorted(Path(sys.argv[1]).iterdir())
read(files[0].with_name("none.png"))
Path("/proc/self/clear_refs").write_text("5")
before = told("VmRSS")
with ThreadPoolExecutor(int(sys.argv[2])) as pool:
    for path, found in zip(files, pool.map(read, files)):
        print(path.name, found)
print(told("VmHWM") - before)
"""


def read_all(folder: Path, threads: int = 1) -> tuple[dict[str, str], int]:
    done = subprocess.run(
        [sys.executable, "-c", READ_ALL, str(folder), str(threads)],
        capture_output=True,
        text=True,
        check=True,
    )
    *lines, most = done.stdout.splitlines()
    return dict(line.split(" ", 1) for line in lines), int(most)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is told by /proc")
def test_no_file_takes_more_than_400_mb_whatever_it_announces(tmp_path):
    for name, content in hostile.large_files(7000):
        (tmp_path / name).write_bytes(content)
    found, most = read_all(tmp_path)
    assert most <= 400
    for name in ("header.webp", "tile.tif"):
        assert "to decode, over the limit of 400 MB" in found[name]
    for name in ("header.ico", "bitmap.ico"):
        assert "over the limit of 4,194,304 pixels" in found[name]
    read = [name for name, size in found.items() if size == "(3500, 3500)"]
    assert len(read) == len(found) - 4


@pytest.mark.skipif(sys.platform != "linux", reason="memory is told by /proc")
def test_many_files_at_once_share_the_memory(tmp_path):
    content = hostile.saved(hostile.flat(4000, "RGBA"), "PNG", compress_level=1)
    for number in range(6):
        (tmp_path / f"{number}.png").write_bytes(content)
    _, alone = read_all(tmp_path)
    _, together = read_all(tmp_path, threads=6)
    assert together < alone + 300  # without a bound it is alone * 6


def test_a_budget_lets_in_what_fits_and_nothing_waits_for_ever():
    budget = MemoryBudget(10)
    inside, most, order = [0], [0], []
    lock = threading.Lock()

    def work(amount):
        with budget.hold(amount):
            with lock:
                inside[0] += amount
                most[0] = max(most[0], inside[0])
                order.append(amount)
            time.sleep(0.01)
            with lock:
                inside[0] -= amount

    threads = [threading.Thread(target=work, args=(a,)) for a in (3, 9, 4, 4, 25, 1, 10, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(order) == [1, 2, 3, 4, 4, 9, 10, 25]
    assert most[0] == 25  # alone, since it is larger than the budget


def test_a_budget_gives_back_what_failed_work_held():
    budget = MemoryBudget(10)
    for _ in range(3):
        with pytest.raises(ValueError, match="broken"), budget.hold(10):
            raise ValueError("broken")


def test_no_memory_is_not_no_image(monkeypatch):
    content = hostile.saved(hostile.flat(20), "PNG")

    def fails(*_):
        raise MemoryError

    monkeypatch.setattr(Image.Image, "load", fails)
    for kind in (Image.Image, type(Image.open(io.BytesIO(content)))):
        monkeypatch.setattr(kind, "load", fails)
    with pytest.raises(ImageError, match="takes more memory to read than there is") as caught:
        decode_image(content)
    assert caught.value.passing


def test_a_decoder_that_says_so_in_its_own_way_had_no_memory(monkeypatch):
    content = hostile.saved(hostile.flat(20), "PNG")
    kind = type(Image.open(io.BytesIO(content)))

    def fails(*_):
        raise OSError("out of memory error when reading image file")

    monkeypatch.setattr(kind, "load", fails)
    with pytest.raises(ImageError, match="takes more memory to read than there is"):
        decode_image(content)


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_AS")
def test_a_process_that_may_have_little_memory_refuses_and_goes_on(tmp_path):
    (tmp_path / "large.png").write_bytes(hostile.saved(hostile.flat(7000, "RGBA"), "PNG"))
    (tmp_path / "small.png").write_bytes(hostile.saved(hostile.flat(70), "PNG"))
    code = (
        "import resource, sys; from marquery.images import load_image\n"
        "from marquery.errors import ImageError\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + 2**26, resource.RLIM_INFINITY))\n"
        "try: load_image(sys.argv[1] + '/large.png')\n"
        "except ImageError as error: print(error.passing, error)\n"
        "print(load_image(sys.argv[1] + '/small.png').size)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    refused, size = done.stdout.splitlines()
    assert refused.startswith("True ")
    assert "takes more memory to read than there is just now" in refused
    assert size == "(70, 70)"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "TIFF", "WEBP", "JPEG2000", "BMP", "PPM"])
def test_large_pictures_are_reduced_and_look_the_same(monkeypatch, kind):
    monkeypatch.setattr(rasters, "WORKING_PIXELS", 100 * 100)
    picture = hostile.flat(190)
    image = decode_image(hostile.saved(picture, kind))
    assert image.size == (95, 95)
    small = np.asarray(picture.resize((95, 95), Image.Resampling.BOX)).astype(int)
    assert np.abs(np.asarray(image).astype(int) - small).mean() < 3


def test_reduced_pictures_keep_transparency_tones_and_rotation(monkeypatch):
    monkeypatch.setattr(rasters, "WORKING_PIXELS", 40 * 40)
    rgba = np.zeros((100, 50, 4), np.uint8)
    rgba[:20, :, 0], rgba[:20, :, 3] = 200, 255
    exif = Image.Exif()
    exif[0x0112] = 6  # its first row is the right side
    image = decode_image(hostile.saved(Image.fromarray(rgba), "PNG", exif=exif))
    pixels = to_array(image)
    assert pixels.shape == (25, 50, 3)
    assert tuple(pixels[10, 48]) == (200, 0, 0)
    assert tuple(pixels[10, 2]) == (255, 255, 255)
    deep = np.tile(np.linspace(0, 4095, 100).astype(np.uint16), (100, 1))
    row = to_array(decode_image(hostile.tiff(deep)))[10, :, 0].astype(int)
    assert np.abs(row - np.linspace(0, 255, len(row))).max() <= 4


def ramp(top, kind):
    return np.tile(np.linspace(0, top, 64).astype(kind), (8, 1))


GREY = np.linspace(0, 255, 64)
WHOLE_RANGE = {
    "10 bits in 16": hostile.tiff(ramp(1023, np.uint16)),
    "12 bits in 16": hostile.tiff(ramp(4095, np.uint16)),
    "16 bits": hostile.tiff(ramp(65535, np.uint16)),
    "8 bits in 16": hostile.tiff(ramp(255, np.uint16)),
    "10 bits packed": hostile.tiff(ramp(1023, np.uint16), bits=10),
    "12 bits packed": hostile.tiff(ramp(4095, np.uint16), bits=12),
    "14 bits packed": hostile.tiff(ramp(16383, np.uint16), bits=14),
    "14 bits declared": hostile.tiff(ramp(16383, np.uint16), tags=[(281, 3, 16383)]),
    "32 bits": hostile.tiff(ramp(2**32 - 1, np.uint32)),
    "signed": hostile.tiff((ramp(4000, np.int16) - 2000).astype(np.int16)),
    "float 0 to 1": hostile.tiff(ramp(1, np.float32)),
    "float 0 to 255": hostile.tiff(ramp(255, np.float32)),
    "float 0 to 65535": hostile.tiff(ramp(65535, np.float32)),
    "float -1 to 1": hostile.tiff(ramp(2, np.float32) - np.float32(1)),
    "double 0 to 1": hostile.tiff(ramp(1, np.float64)),
    "PNG of 16": hostile.png(64, 1, 16, 0, b"\0" + ramp(65535, ">u2")[0].tobytes()),
    "PGM of 10": b"P5 64 1 1023\n" + ramp(1023, ">u2")[0].tobytes(),
    "PFM": b"Pf\n64 1\n-1.0\n" + ramp(1, "<f4")[0].tobytes(),
    "JPEG2000 of 16": hostile.saved(Image.fromarray(ramp(65535, np.uint16)), "JPEG2000"),
}


@pytest.mark.parametrize("name", WHOLE_RANGE)
def test_black_to_white_stays_black_to_white(name):
    row = to_array(decode_image(WHOLE_RANGE[name]))[0].astype(float)
    assert np.abs(row - GREY[:, None]).max() <= 2.5, row[::9, 0]


@pytest.mark.parametrize(
    "content",
    [
        hostile.tiff(ramp(65535, np.uint16), photometric=0),
        hostile.tiff(ramp(1, np.float32), photometric=0),
        hostile.tiff(ramp(1023, np.uint16), bits=10, photometric=0),
        hostile.tiff(ramp(255, np.uint8), photometric=0),
    ],
)
def test_where_zero_is_white_it_is_white(content):
    row = to_array(decode_image(content))[0].astype(float)
    assert np.abs(row - GREY[::-1, None]).max() <= 2.5


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.uint32, np.float32, np.float64])
@pytest.mark.parametrize("channels", [(), (3,)])
def test_black_is_black(kind, channels):
    if channels and kind in (np.uint32, np.float64):
        pytest.skip("no kind of TIFF that is read")
    content = hostile.tiff(np.zeros((6, 6, *channels), kind), photometric=2 if channels else 1)
    assert to_array(decode_image(content)).max() == 0


def test_a_dark_picture_of_16_bits_by_definition_stays_dark():
    row = ramp(3000, ">u2")[0]
    pixels = to_array(decode_image(hostile.png(64, 1, 16, 0, b"\0" + row.tobytes())))
    assert pixels.max() <= 12


@pytest.mark.parametrize("top", [1023, 4095, 65535])
def test_colour_of_10_and_12_bits_in_16_keeps_its_tones(top):
    red = ramp(top, np.uint16)
    pixels = np.stack([red, np.zeros_like(red), red[:, ::-1]], axis=2)
    row = to_array(decode_image(hostile.tiff(pixels, photometric=2)))[0].astype(float)
    assert np.abs(row[:, 0] - GREY).max() <= 2.5
    assert np.abs(row[:, 2] - GREY[::-1]).max() <= 2.5
    assert row[:, 1].max() == 0


def test_what_is_no_number_is_transparent():
    values = np.full((20, 20), 0.5, np.float32)
    values[5:15, 5:15] = [[np.nan, np.inf, -np.inf, 0.0, 1.0] * 2] * 10
    pixels = to_array(decode_image(hostile.tiff(values)))
    assert pixels[0, 0].tolist() == [128, 128, 128]
    assert pixels[10, 5:10, 0].tolist() == [255, 255, 255, 0, 255]
    nothing = np.full((4, 4), np.nan, np.float32)
    assert to_array(decode_image(hostile.tiff(nothing))).min() == 255


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_the_transparent_grey_of_any_depth_is_transparent(depth):
    top = 2**depth - 1
    values = [top, 0] * 8  # white is transparent, black is ink
    if depth == 16:
        row = np.array(values, ">u2").tobytes()
    else:
        bits = "".join(format(value, f"0{depth}b") for value in values)
        row = int(bits, 2).to_bytes(len(bits) // 8, "big")
    content = hostile.png(16, 4, depth, 0, (b"\0" + row) * 4, top.to_bytes(2, "big"))
    pixels = to_array(decode_image(content))
    assert pixels[0, :2].tolist() == [[255] * 3, [0] * 3]
    # The other way round it is white ink, which is seen on a dark ground.
    content = hostile.png(16, 4, depth, 0, (b"\0" + row) * 4, b"\0\0")
    assert to_array(decode_image(content))[0, :2].tolist() == [[255] * 3, list(DARK)]


def test_the_transparent_colour_of_16_bits_is_transparent():
    ink, ground = (60000, 300, 300), (1000, 2000, 3000)
    row = b"\0" + np.array([ink, ground] * 4, ">u2").tobytes()
    content = hostile.png(8, 4, 16, 2, row * 4, np.array(ground, ">u2").tobytes())
    pixels = to_array(decode_image(content))[0]
    assert pixels[:2].tolist() == [[234, 1, 1], [255, 255, 255]]


def test_grey_of_16_bits_with_alpha():
    row = b"\0" + np.array([20000, 65535, 20000, 0] * 4, ">u2").tobytes()
    pixels = to_array(decode_image(hostile.png(8, 4, 16, 4, row * 4)))[0]
    assert pixels[:2, 0].tolist() == [78, 255]


def test_limits_are_the_callers(tmp_path):
    (tmp_path / "a.webp").write_bytes(hostile.saved(hostile.flat(500), "WEBP"))
    with pytest.raises(ImageError, match="over the limit of 1 MB"):
        load_image(tmp_path / "a.webp", Limits(max_memory=2**20))
    assert load_image(tmp_path / "a.webp").size == (500, 500)


def test_a_rectangle_of_a_file_that_was_reduced_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(rasters, "WORKING_PIXELS", 100 * 100)
    (tmp_path / "a.png").write_bytes(hostile.saved(hostile.flat(190), "PNG"))
    (tmp_path / "b.png").write_bytes(hostile.saved(hostile.flat(90), "PNG"))
    with pytest.raises(UsageError, match=r"part: .*a\.png is so large that it is read at 1/2 of"):
        check_whole_size(load_image(tmp_path / "a.png"), tmp_path / "a.png", "part")
    check_whole_size(load_image(tmp_path / "b.png"), tmp_path / "b.png", "part")
