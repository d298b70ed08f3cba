"""Fixtures that many tests share, and the order in which files of tests are begun."""

import random
from pathlib import Path

import pytest
from PIL import Image

from .drawings import draw_logo
from .shared import run_folder


@pytest.fixture
def make_logo():
    """:func:`draw_logo`, for tests in sub-folders."""
    return draw_logo


@pytest.fixture
def logo_folder(tmp_path: Path) -> Path:
    """Twelve groups of three logos, in sub-folders: the same drawing, recoloured and shrunk."""
    root = tmp_path / "logos"
    for group in range(12):
        folder = root / f"g{group:02d}"
        folder.mkdir(parents=True)
        logo = draw_logo(group)
        logo.save(folder / "a.png")
        Image.merge("RGB", logo.split()[::-1]).save(folder / "b.png")
        logo.resize((64, 64)).save(folder / "c.png")
    return root


@pytest.fixture
def own_cache(tmp_path_factory, monkeypatch) -> Path:
    """A cache of the user's that is empty, but for graphs of networks: each takes seconds to trace,
    and all tests of a run share them.
    """
    graphs = run_folder(tmp_path_factory) / "graphs"
    graphs.mkdir(exist_ok=True)
    cache = tmp_path_factory.mktemp("cache")
    (cache / "marquery").mkdir()
    (cache / "marquery" / "graphs").symlink_to(graphs)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    return cache


#: Folders whose tests load native engines (LanceDB, OpenVINO, ONNX Runtime). Their threads do not
#: live with processes forked later, so they come after the tests that start some; `-m native` runs
#: them alone.
_NATIVE = (
    "calibration",
    "embedding",
    "encoder",
    "errors",
    "explanation",
    "index",
    "searchreport",
    "watch",
    "web",
)


def _is_native(item):
    return item.path.parent.name in _NATIVE and item.path.name != "test_table.py"


#: Files that take long come first, so that no process waits for another at the end. It is for speed
#: alone: no test needs another before it. The first compiles the segmenter, which takes half a
#: minute in a fresh checkout; those after it that do not need the segmenter run meanwhile, so that
#: it is not compiled twice.
_BEGIN_WITH = (
    "augment/test_commands.py",
    "hostile/test_forbidding_drawings.py",
    "augment/test_functional.py",
    "hostile/test_drawing_processes.py",
    "hostile/test_rasters.py",
    "training/test_loop.py",
    "cli/test_commands.py",
    "paper/test_standard_training.py",
    "datasets/test_metu.py",
    "paper/test_sweep.py",
    "training/test_devices.py",
    "reporting/test_compare_command.py",
    "hostile/test_names.py",
    "test_forks.py",
    "encoder/test_engines.py",
    "index/test_distant_stores.py",
    "errors/test_command_lines.py",
    "web/test_browser.py",
    "web/test_browser_codes.py",
    "web/test_words_from.py",
    "web/test_api.py",
    "web/test_hostile.py",
    "web/test_decided.py",
    "datasets/test_conditions.py",
    "explanation/test_faithful.py",
    "index/test_damage.py",
)
_PLACES = {name: place for place, name in enumerate(_BEGIN_WITH)}
_HERE = Path(__file__).parent


def _place(item):
    name = item.path.relative_to(_HERE).as_posix()
    return _is_native(item), _PLACES.get(name, len(_PLACES))


#: Folders and files that share what one process makes: cases of bad input are run once for all of
#: `errors`, and the servers of other stores are started once.
_TOGETHER = {
    "tests/errors/": "errors",
    "tests/index/test_distant_stores.py": "stores",
    "tests/index/test_table_contract.py": "stores",
}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Hand out the tests of a file together, and those of `_TOGETHER`."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file = super()._split_scope(nodeid)
            shared = (unit for start, unit in _TOGETHER.items() if file.startswith(start))
            return next(shared, file)

    return ByFile(config, log)


def pytest_addoption(parser):
    parser.addoption(
        "--shuffle", type=int, metavar="SEED", help="begin the files of tests in a random order"
    )


def pytest_collection_modifyitems(config, items):
    for item in filter(_is_native, items):
        item.add_marker("native")
    seed = config.getoption("--shuffle")
    if seed is None:
        items.sort(key=_place)
        return
    files = sorted({item.path for item in items})
    random.Random(seed).shuffle(files)
    places = {file: place for place, file in enumerate(files)}
    items.sort(key=lambda item: places[item.path])
