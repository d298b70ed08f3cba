import pytest

from marquery.paper.reproduce.material import open_material

from .benchmark import write_benchmark


@pytest.fixture
def benchmark(tmp_path, make_logo):
    return write_benchmark(tmp_path / "data", make_logo)


@pytest.fixture
def material(benchmark):
    return open_material(benchmark)


@pytest.fixture(autouse=True)
def _own_cache(own_cache):
    """Strata of pairs are kept in the user's cache."""
