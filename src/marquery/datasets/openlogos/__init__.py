"""The open benchmark: one brand drawn by different people, from openly licensed icon collections."""

from marquery.datasets.openlogos.build import BuildReport, build_openlogos

__all__ = ["BuildReport", "build_openlogos"]
