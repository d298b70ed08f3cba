"""Thresholds for pictures that are not crisp, each with its unit.

They are part of :class:`marquery.segments.settings.SegmenterSettings`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class FormationSettings:
    """How a picture is told to be crisp, compressed, resampled, sharpened, blurred or dithered.

    Attributes:
        lines: about so many rows, and as many columns, are looked at.
        edge_levels: levels; lower steps are no edges.
        max_edges: profiles kept.
        min_edges: fewer profiles tell nothing, and the picture counts as crisp.
        max_reversal: share of an edge's height; where the level returns by more within four pixels,
            a thin stroke is crossed, which tells nothing.
        wide_edge: pixels; the picture is wide-edged if fewer than ``narrow_share`` of its edges are
            narrower. Of crisp renderings 99 % stay below, of pictures blurred with a standard
            deviation of 0.6 px three in four are above.
        narrow_share: share of the edges.
        ripple_levels, max_ripple_levels, max_ripple: levels, and share of the edge's height,
            between which the greatest second difference beside an edge is a ripple: of a ring, or
            of noise. Above it is another edge.
        ripple_share: share of the sides of edges with ripples from which on the picture is not
            crisp: 0.14 is the 95th percentile of crisp renderings, 0.22 the lower quartile of WebP
            files of quality 80.
        sharpened_levels: levels; the median ripple from which on it is a sharpening filter's.
        sharp_edge, sharp_share: pixels; at least this share of sharpened edges are narrower.
        min_return, max_return: shares of an edge's height, at least ``ripple_levels``, between
            which the level returns within four pixels if the edge has a ring.
        ring_share: share of the edges from which on the picture has rings. The median is 0.25 of
            pictures enlarged four times by a Lanczos filter, and 0.07 of those blurred with a
            standard deviation of 1.5 pixels.
        dot_levels, dot_share: a pixel that stands out from the four beside it by so many levels is
            a dot; share of the pixels from which on the picture is dithered,
        dots_per_level: if so many dots have the same level: dots of thin strokes have any level.
        dot_step: pixels from one row that is looked at for dots to the next.
    """

    lines: int = 40
    edge_levels: int = 24
    max_edges: int = 4096
    min_edges: int = 8
    max_reversal: float = 0.6
    wide_edge: float = 1.6
    narrow_share: float = 0.3
    ripple_levels: int = 3
    max_ripple_levels: float = 60.0
    max_ripple: float = 0.35
    ripple_share: float = 0.2
    sharpened_levels: float = 18.0
    sharp_edge: float = 1.3
    sharp_share: float = 0.1
    min_return: float = 0.02
    max_return: float = 0.2
    ring_share: float = 0.25
    dot_levels: int = 14
    dot_share: float = 0.01
    dots_per_level: float = 4.0
    dot_step: int = 5


@dataclass(frozen=True)
class RestoringSettings:
    """How pictures that are not crisp are prepared for the labelling.

    Attributes:
        sharpened_blur, ramp_blur, dither_blur: standard deviations in pixels of the blur that takes
            overshoot, the stairs of enlarged pictures, and dots away.
        turns: turns of steepening.
        min_ramp: levels by which 3x3 pixels differ at least to be a ramp, in pictures without
            noise,
        min_noisy_ramp: and in those with.
        slope_factor: multiple of an edge's height; what rises farther is a gradient, and no ramp.
        fine_grain: levels; below, compressed pictures get ``fine_tolerance``.
        fine_tolerance: levels by which neighbouring pixels of one paint may differ in pictures with
            little noise, after smoothing.
        paper_tolerance: levels by which regions of the background may differ in a scan, whose light
            is uneven.
        overshoot, sharpened_overshoot: share of an edge's height by which a ring may be beyond the
            paint beside it.
        soft_reach: pixels on either side of an edge that may show both segments, more than its
            width.
        min_off: levels; a pixel that differs by no more from its paint shows that paint alone.
    """

    sharpened_blur: float = 1.0
    ramp_blur: float = 0.5
    dither_blur: float = 1.2
    turns: int = 3
    min_ramp: int = 10
    min_noisy_ramp: int = 24
    slope_factor: float = 1.6
    fine_grain: float = 13.0
    fine_tolerance: int = 8
    paper_tolerance: int = 40
    overshoot: float = 0.3
    sharpened_overshoot: float = 0.8
    soft_reach: int = 1
    min_off: float = 2.0


@dataclass(frozen=True)
class BandSettings:
    """Which thin regions are parts of an edge, in pictures that are not crisp.

    Attributes:
        tolerance: levels by which a band may differ from a paint, or from a mix of two.
        same_paint: levels (Euclidean); touching regions that differ by no more are one.
        max_mix_error: the same as a share of the distance between the two paints; the larger
            counts.
        min_contact: pixel sides that a band shares with the region it joins.
        min_side_contact: share of its outline that a band shares with the other paint of the mix.
        min_share: share of the paint it joins that a band shows at least.
        max_rounds: rounds of joining; bands that lie side by side join each other first.
    """

    tolerance: float = 14.0
    same_paint: float = 8.0
    max_mix_error: float = 0.15
    min_contact: int = 3
    min_side_contact: float = 0.15
    min_share: float = 0.35
    max_rounds: int = 3


@dataclass(frozen=True)
class PhotoSettings:
    """When a picture is segmented in a smaller copy.

    Attributes:
        large_side: pixels; larger pictures that are not crisp are reduced to this longest side.
        min_cores: a picture of more flat areas than this,
        min_loose_share: and of more than this share of pixels outside flat areas, is a photo or
            noise.
        side: pixels of the longest side that it is reduced to.
    """

    large_side: int = 2048
    min_cores: int = 4000
    min_loose_share: float = 0.3
    side: int = 512


@dataclass(frozen=True)
class SmallSettings:
    """When a picture is segmented in a larger copy.

    Attributes:
        max_side: pixels; blurred, compressed and scanned pictures whose longest side is no longer
            are enlarged to twice their size. 0: none are.
        smoothing_diameter, smoothing_color, smoothing_space: of the bilateral filter there, in
            place of those of ``noise``; ripples are twice as wide.
        fine_smoothing_color, fine_min_ramp: in place of ``smoothing_color`` and ``min_noisy_ramp``
            where the grain is below ``fine_grain``: so shades of one colour stay apart, between
            which ramps are half as steep as in the picture.
    """

    max_side: int = 80
    smoothing_diameter: int = 9
    smoothing_color: float = 45.0
    fine_smoothing_color: float = 30.0
    fine_min_ramp: int = 12
    smoothing_space: float = 4.0
