import pytest

from marquery.reproduce.material import open_material

from .benchmark import write_benchmark


@pytest.fixture
def benchmark(tmp_path, make_logo):
    return write_benchmark(tmp_path / "data", make_logo)


@pytest.fixture
def material(benchmark):
    return open_material(benchmark)
