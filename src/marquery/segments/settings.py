"""Every threshold of :func:`marquery.segment`, with its unit.

The defaults are what ``docs/segmentation.md`` measures. *Levels* are steps of 0 to 255 in one
channel, and the *size* of a region is the square root of its area in pixels.
"""

from dataclasses import dataclass, field

from marquery.segments.arrival_settings import (
    BandSettings,
    FormationSettings,
    PhotoSettings,
    RestoringSettings,
    SmallSettings,
)


@dataclass(frozen=True)
class GlyphSettings:
    """Which segments are letters of one word (``group="glyphs"``).

    Lengths are ratios to the height of the letters, so that a logo gives the same words at any
    size.

    Attributes:
        min_letter_height: pixels; what is lower has no shape that could be a letter.
        max_letter_width: width of a letter as a multiple of its height; joined letters are wide.
        max_height_ratio: height of the taller of two neighbours as a multiple of the lower's:
            enough for "d" beside "o", too little for a figure beside a letter.
        max_stroke_ratio: stroke width of the bolder of two neighbours as a multiple of the other's.
        min_overlap: share of the lower letter's height that both neighbours have in common.
        level_tolerance: share of the taller letter's height by which feet, heads or middles may be
            off level; one pixel is added for rounding.
        max_gap: space between letters of one paint, as a share of the taller's height.
        max_gap_other_paint: the same where the paints differ, which less often happens within a
            word.
        max_gap_unlevel: the same where neither feet, heads nor middles are level, as in "pl".
        max_kerning: overlap of neighbours such as "AV", as a share of the narrower's width.
        same_paint: levels; colours that differ by no more in any channel are one paint.
        word_gap_factor, word_gap_height: a space ends a word if it is longer than
            ``word_gap_factor`` times the usual space of the line plus ``word_gap_height`` times the
            height of its letters.
        min_word_gap: share of the letters' height; no shorter space ends a word.
        figure_height_ratio: a figure at an end of a line is so many times as high as the letters,
        figure_gap_factor: and so many usual spaces away from them.
        max_median_overlap: share of the letters' height; letters that usually overlap by more are
            no word.
        max_pair_gap: two letters are a word of their own if the space is at most this share of the
            lower one's height,
        max_pair_height_ratio: and the taller is at most so many times as high.
        min_column_letters: fewer letters below each other are no vertical word.
        grid_gap_factor: letters with a neighbour above or below within so many usual spaces are
            stacked.
        grid_overlap: share of a letter's width and height that such a neighbour must cover.
        grid_share: share of the letters stacked from which on a line is a pattern, not a word.
        max_mark_height: height of a dot, accent or punctuation mark as a share of the letters'.
        max_mark_distance: its distance from the nearest letter, as a share of the letters' height.
        piece_margin: share of the letters' height by which a loose piece of a letter may stand out
            of the line.
    """

    min_letter_height: int = 3
    max_letter_width: float = 4.0
    max_height_ratio: float = 2.1
    max_stroke_ratio: float = 2.5
    min_overlap: float = 0.55
    level_tolerance: float = 0.16
    max_gap: float = 1.0
    max_gap_other_paint: float = 0.45
    max_gap_unlevel: float = 0.3
    max_kerning: float = 0.5
    same_paint: int = 48
    word_gap_factor: float = 1.5
    word_gap_height: float = 0.14
    min_word_gap: float = 0.3
    figure_height_ratio: float = 1.6
    figure_gap_factor: float = 1.6
    max_median_overlap: float = 0.25
    max_pair_gap: float = 0.4
    max_pair_height_ratio: float = 1.6
    min_column_letters: int = 4
    grid_gap_factor: float = 1.5
    grid_overlap: float = 0.5
    grid_share: float = 0.5
    max_mark_height: float = 0.6
    max_mark_distance: float = 0.4
    piece_margin: float = 0.12


@dataclass(frozen=True)
class GroupingSettings:
    """How segments are grouped (``group="glyphs"`` and ``group="proximity"``).

    Attributes:
        glyphs: which segments are letters of one word.
        max_segments: an image of more segments is a photo or noise; nothing in it is grouped.
        distance_map_side: pixels; gaps are measured on a map whose longest side is at most this. In
            larger images a long gap is up to 6 % off.
        reach: a segment is joined with what is nearer than this share of its size, the square root
            of its box's area; a group of n segments with what is nearer than the n-th part of that.
        gap_growth: or with what is nearer than this many times the longest gap already in the
            group.
    """

    glyphs: GlyphSettings = field(default_factory=GlyphSettings)
    max_segments: int = 3000
    distance_map_side: int = 128
    reach: float = 0.5
    gap_growth: float = 1.5


@dataclass(frozen=True)
class EdgeSettings:
    """Where a region with gradients is split into several (step 7 of segmenting).

    Attributes:
        gradient_levels: levels; regions whose colour varies by less in every channel are not looked
            at.
        min_run: pixels; shorter runs of a row may be soft edges all through and do not tell the
            colour.
        max_regions: the largest regions with gradients that are looked at. A photo has thousands.
        min_area: pixels; smaller pieces are not split off.
        min_edge_pixels: fewer edge pixels in a region split nothing.
        clean_step: levels by which a step must exceed what the slopes on both sides explain to be
            an edge, in clean drawings, where rounding stays below it.
        blurred_step: the same in blurred and slightly enlarged pictures,
        max_blurred_width: pixels; whose edges are narrower than this: the steps of more enlarged
            pictures are as high as those in pictures with noise.
        max_ringed_width: the same in pictures with rings beside their edges, which enlarging makes
            and blur does not.
        noisy_step: the same in all other pictures.
        max_faint_width: pixels; in blurred pictures whose edges are narrower, regions without
            ripples are split as they arrived, by ``blurred_step``,
        ringed_step: in pictures with ripples beside their edges by this,
        sharpened_step: in sharpened ones by this.
        ring_reach: pixels; so near its outline a region may show the ring of a filter.
        min_ripple_levels, max_ripple_share: levels; a second difference of so much, or of half the
            step, is a ripple; share of such pixels up to which a region has none.
        firm_step: levels; where gradients are laid over each other, rounding reaches
            ``clean_step``, but not this.
        min_edge_share: share of the boundary of two pieces that must be an edge,
        min_firm_share: and that must be an edge of ``firm_step``, for the pieces to be two
            segments.
        same_paint: levels; two pieces whose colours together vary by no more are one paint.
        max_edge_gap: gaps in an edge are closed up to twice this share of the square root of the
            region's area.
    """

    gradient_levels: int = 10
    min_run: int = 5
    max_regions: int = 64
    min_area: int = 16
    min_edge_pixels: int = 8
    clean_step: float = 3.0
    blurred_step: float = 4.0
    max_blurred_width: float = 4.1
    max_ringed_width: float = 3.7
    noisy_step: float = 24.0
    max_faint_width: float = 2.0
    ringed_step: float = 7.0
    sharpened_step: float = 16.0
    ring_reach: int = 3
    min_ripple_levels: int = 3
    max_ripple_share: float = 0.05
    firm_step: float = 6.0
    min_edge_share: float = 0.6
    min_firm_share: float = 0.3
    same_paint: int = 12
    max_edge_gap: float = 0.1


@dataclass(frozen=True)
class NoiseSettings:
    """When a picture counts as noisy, and how it is smoothed.

    Attributes:
        edge_levels: levels; a 2x2 block with more contrast is an edge, not noise.
        ripple_levels: levels; sums of a block's diagonals that differ by less differ by rounding.
        max_ripples_per_edge: runs of ripples for each edge block above which a picture is noisy. At
            224 px, 99 % of the benchmark's PNG files stay below 0.01, and 95 % of JPEG files of
            quality 90 and 50 are above 0.07 (at 67 px: 0.02 and 0.035).
        min_ripple_share: share of the blocks; fewer runs of ripples are chance, whatever the edges.
        row_step: pixels from one pair of rows that is looked at to the next.
        smoothing_passes, smoothing_diameter: passes of a bilateral filter, and its diameter in
            pixels. Two passes of 5 pixels do what one of 7 does (adjusted Rand index of JPEG logos
            within 0.004) in 0.4 of its time.
        smoothing_color, smoothing_space: standard deviations of the filter, in levels and in
            pixels.
    """

    edge_levels: int = 14
    ripple_levels: int = 2
    max_ripples_per_edge: float = 0.04
    min_ripple_share: float = 0.0005
    row_step: int = 3
    smoothing_passes: int = 2
    smoothing_diameter: int = 5
    smoothing_color: float = 40.0
    smoothing_space: float = 3.0


@dataclass(frozen=True)
class SegmenterSettings:
    """Every threshold of :func:`marquery.segment` that is not an argument of its own.

    Attributes:
        clean_tolerance: levels by which neighbouring pixels of one paint may differ, in a channel,
            in clean drawings.
        noisy_tolerance: the same in pictures with noise, after smoothing.
        pure_tolerance: levels by which a pixel at the rim of a core may differ from the inside and
            still show one paint only.
        max_mix_error: a pixel is a mix of two paints if its colour is off the line between them by
            at most this share of their distance.
        min_stroke_cosine: thin strokes belong together if the cosine between their differences from
            the paint beneath is above this.
        min_stroke_contrast: a pixel is on a thin stroke if it differs from the paint beneath by at
            least this share of what the strongest pixel beside it does.
        stroke_tolerance: touching stroke pixels that differ by at most so many tolerances are one
            paint.
        max_border_colors: colours of the border that are candidates for the background. A photo's
            border has thousands.
        white_level: levels; a region of the border is white if all channels are this or above.
        min_white_border: share of the border from which on white is the background, whatever holds
            more.
        min_framed_white: the same where the four corners have another colour, unless white has
            more border for its area than that.
        background_weight: weight of contact with the background, against contact with a segment,
            when a region under ``min_area`` looks for the neighbour to join.
        small_region_weight: the same for contact with another region under ``min_area``; low, so
            that grain does not grow into segments.
        stray_contact: share of its outline that a segment must have on the background to lie on it;
            a few stray pixels do not count.
        noise, formation, restoring, bands, photo, small, edges, grouping: settings of these steps.
    """

    clean_tolerance: int = 7
    noisy_tolerance: int = 16
    pure_tolerance: int = 2
    max_mix_error: float = 0.15
    min_stroke_cosine: float = 0.8
    min_stroke_contrast: float = 0.5
    stroke_tolerance: float = 2.0
    max_border_colors: int = 64
    white_level: int = 240
    min_white_border: float = 0.05
    min_framed_white: float = 0.2
    background_weight: float = 0.2
    small_region_weight: float = 0.1
    stray_contact: float = 0.05
    noise: NoiseSettings = field(default_factory=NoiseSettings)
    formation: FormationSettings = field(default_factory=FormationSettings)
    restoring: RestoringSettings = field(default_factory=RestoringSettings)
    bands: BandSettings = field(default_factory=BandSettings)
    photo: PhotoSettings = field(default_factory=PhotoSettings)
    small: SmallSettings = field(default_factory=SmallSettings)
    edges: EdgeSettings = field(default_factory=EdgeSettings)
    grouping: GroupingSettings = field(default_factory=GroupingSettings)


#: What :func:`marquery.segment` uses unless told otherwise.
DEFAULT_SETTINGS = SegmenterSettings()
