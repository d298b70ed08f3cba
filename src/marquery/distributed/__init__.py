"""Work on many machines: a Ray cluster whose actors read and embed logos."""

from marquery.distributed.cluster import RayCluster

__all__ = ["RayCluster"]
