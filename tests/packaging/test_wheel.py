"""The wheel in fresh environments without PyTorch: what people use, they can use there.

Slow (environments are installed): ``make slow``, or ``pytest -m slow tests/packaging``.
"""

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from ..drawings import draw_logo

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
#: Megabytes (10^6) of the packages of an environment, without pip's own. What was measured, and a
#: tenth more; see docs/install.md.
MOST = {"base": 800, "use": 1170}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    place = tmp_path_factory.mktemp("wheel")
    # The source archive first, then the wheel from it: so both are tried.
    subprocess.run([sys.executable, "-m", "build", "--outdir", str(place), str(ROOT)], check=True)
    (source,) = place.glob("*.tar.gz")
    assert source.stat().st_size < 40e6
    (file,) = place.glob("*.whl")
    names = set(zipfile.ZipFile(file).namelist())
    package = ROOT / "src" / "marquery"
    ours = subprocess.run(
        ["git", "ls-files", "."], cwd=package, capture_output=True, text=True, check=True
    )
    assert {f"marquery/{name}" for name in ours.stdout.splitlines()} <= names
    return file


class Environment:
    """A fresh virtual environment with the wheel in it, and commands that run there."""

    def __init__(self, folder, wheel, extras):
        self.folder = folder
        venv.create(folder / "venv", with_pip=True, symlinks=True)
        self.python = folder / "venv" / "bin" / "python"
        self.site = next((folder / "venv" / "lib").glob("python*/site-packages"))
        self.own = {path.name for path in self.site.iterdir()}
        # Not the tree of the tests, nor what it has cached.
        self.variables = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        self.variables |= {"XDG_CACHE_HOME": str(folder / "cache"), "HOME": str(folder)}
        named = f"{wheel}[{extras}]" if extras else str(wheel)
        self.run(str(self.python), "-m", "pip", "install", "--quiet", named)

    def run(self, *command, code=0):
        done = subprocess.run(
            command, cwd=self.folder, env=self.variables, capture_output=True, text=True
        )
        assert done.returncode == code, f"{command}: {done.stdout}{done.stderr}"
        return done

    def marquery(self, line, code=0):
        return self.run(str(self.python.parent / "marquery"), *line.split(), code=code)

    def megabytes(self):
        files = (
            file
            for top in self.site.iterdir()
            if top.name not in self.own
            for file in ([top] if top.is_file() else top.rglob("*"))
        )
        return sum(f.stat().st_size for f in files if f.is_file() and f.suffix != ".pyc") / 1e6

    def has(self, module):
        return (self.site / module).exists()


def prepared(tmp_path_factory, name, wheel, extras):
    folder = tmp_path_factory.mktemp(name)
    made = Environment(folder, wheel, extras)
    (folder / "logos").mkdir()
    for seed in range(30):
        draw_logo(seed, (96, 96)).save(folder / "logos" / f"{seed:02d}.png")
    shutil.copy(folder / "logos" / "07.png", folder / "query.png")
    (folder / "logos" / "bad.png").write_text("no picture")
    return made


@pytest.fixture(scope="session")
def base(tmp_path_factory, wheel):
    return prepared(tmp_path_factory, "base", wheel, "")


@pytest.fixture(scope="session")
def use(tmp_path_factory, wheel):
    return prepared(tmp_path_factory, "use", wheel, "index,serve,report")


@pytest.mark.parametrize("name", ["base", "use"])
def test_no_pytorch_is_installed_and_the_size_is_what_the_docs_say(name, request):
    made = request.getfixturevalue(name)
    for module in (
        "torch",
        "torchvision",
        "timm",
        "nvidia",
        "triton",
        "scipy",
        "matplotlib",
        "cc3d",
    ):
        assert not made.has(module), module
    assert made.megabytes() <= MOST[name]
    assert made.has("lancedb") == (name == "use")


def test_base_embeds_searches_a_folder_segments_and_explains(base):
    said = base.marquery("embed logos --out v.parquet")
    assert "skipped 1" in said.stderr
    table = pq.read_table(base.folder / "v.parquet")
    vectors = np.array(table["embedding"].to_pylist(), np.float32)
    assert vectors.shape == (30, 512)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    hits = json.loads(base.marquery("search query.png --in logos --json --explain why.png").stdout)
    assert Path(hits[0]["path"]).name == "07.png"
    base.marquery("segment query.png --out parts.png")
    for picture in ("why.png", "parts.png"):
        assert Image.open(base.folder / picture).width > 100


def test_base_vectors_are_those_of_pytorch(base):
    from marquery.encoder import LogoEncoder
    from marquery.encoder.trials import TOLERANCE

    base.marquery("embed query.png --out q.parquet")
    given = np.array(pq.read_table(base.folder / "q.parquet")["embedding"].to_pylist())
    expected = LogoEncoder.load("default").embed([base.folder / "query.png"], engine="pytorch")
    assert np.abs(given - expected).max() <= TOLERANCE


@pytest.mark.parametrize(
    ("line", "extra"),
    [
        ("train demo", "train"),
        ("augment query.png", "train"),
        ("average a b --out c", "train"),
        ("export default", "train"),
        ("demo", "train"),
        ("reproduce", "train"),
        ("index build logos --out idx", "index"),
        ("search query.png --index idx", "index"),
        ("serve --index idx", "serve"),
    ],
)
def test_what_base_does_not_do_ends_in_one_sentence(base, line, extra):
    if line.startswith("serve"):  # looks first whether there is an index
        (base.folder / "idx").mkdir()
        (base.folder / "idx" / "index.json").write_text("{}")
    said = base.marquery(line, code=1).stderr
    shutil.rmtree(base.folder / "idx", ignore_errors=True)
    last = said.strip().splitlines()[-1]
    assert last.startswith("marquery: "), said
    assert "Traceback" not in said
    if not line.startswith(("search", "reproduce")):
        assert f"pip install 'marquery[{extra}]'" in last, said


def test_an_index_is_built_searched_reported_rerun_and_served(use):
    built = use.marquery("index build logos --out idx")
    assert "30 added" in built.stdout + built.stderr
    found = use.marquery("search query.png --index idx --json --report r.json --explain w.png")
    assert Path(json.loads(found.stdout)[0]["path"]).name == "07.png"
    use.marquery("search query.png --index idx --report r.pdf")
    assert (use.folder / "r.pdf").read_bytes()[:5] == b"%PDF-"
    again = use.marquery("rerun r.json")
    assert "same" in again.stdout + again.stderr
    use.marquery("watch idx --new logos --out conflicts --threshold score=.9")
    served = use.run(str(use.python), "-c", SERVED)
    assert json.loads(served.stdout)["status"] == [200, 200]


#: The page, asked from outside.
SERVED = """
import json, re, subprocess, sys, time, urllib.request
from pathlib import Path
program = str(Path(sys.executable).with_name("marquery"))
command = [program, "serve", "--index", "idx", "--port", "0"]
server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
for line in server.stdout:
    found = re.search(r"http://[\\w.]+:\\d+", line)
    if found:
        break
address = found.group(0)
status = []
for path in ("/", "/api/status"):
    for _ in range(100):
        try:
            status.append(urllib.request.urlopen(address + path, timeout=20).status)
            break
        except OSError as error:
            time.sleep(0.2)
server.terminate()
server.wait(30)
print(json.dumps({"status": status}))
"""
