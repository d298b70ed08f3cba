"""It is told whether the segmenter will be compiled by its first use."""

from types import SimpleNamespace

import pytest

from marquery.segments import compiled


@pytest.mark.parametrize(
    ("kept", "expected"),
    [((), False), (("cores._find_blocks-57.py311.nbi",), True), (("regions.x-1.nbi",), False)],
)
def test_numba_s_cache_tells(kept, expected, tmp_path, monkeypatch):
    for name in kept:
        (tmp_path / name).touch()
    kernel = SimpleNamespace(stats=SimpleNamespace(cache_path=str(tmp_path)))
    monkeypatch.setattr(compiled, "_find_blocks", kernel)
    assert compiled.was_compiled() is expected


def test_where_nothing_is_kept_it_is_compiled_each_time(monkeypatch):
    kernel = SimpleNamespace(stats=SimpleNamespace(cache_path=None))
    monkeypatch.setattr(compiled, "_find_blocks", kernel)
    assert compiled.was_compiled() is False


def test_the_kernel_that_is_asked_for_is_kept_under_that_name():
    from marquery.segments.cores import _find_blocks

    assert _find_blocks.py_func.__name__ == "_find_blocks"
    assert _find_blocks.stats.cache_path
