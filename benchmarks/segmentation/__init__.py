"""Parts of the segmentation benchmark; ``benchmarks/segmentation.py`` is the entry."""
