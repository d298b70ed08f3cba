"""Thresholds that go by how a picture came about."""

from marquery.segments.formation import Formation
from marquery.segments.settings import SegmenterSettings


def tolerance_in(formation: Formation, settings: SegmenterSettings) -> int:
    """Levels by which neighbouring pixels of one paint may differ in the restored picture."""
    if formation.kind in ("crisp", "blurred"):
        return settings.clean_tolerance
    if formation.kind == "sharpened":
        return settings.restoring.fine_tolerance
    fine = formation.kind == "compressed" and formation.grain < settings.restoring.fine_grain
    return settings.restoring.fine_tolerance if fine else settings.noisy_tolerance


def least_step_in(formation: Formation, settings: SegmenterSettings) -> float:
    """Levels from which on a step inside a region is an edge between two gradients, in the
    restored picture.
    """
    if formation.kind == "crisp":
        return settings.edges.clean_step
    edges = settings.edges
    widest = edges.max_ringed_width if formation.ringed else edges.max_blurred_width
    narrow = formation.kind == "blurred" and formation.edge_width < widest
    return edges.blurred_step if narrow else edges.noisy_step


def faint_step_in(formation: Formation, settings: SegmenterSettings) -> float | None:
    """The same in the picture as it arrived, where a region has no ripples; None: only the restored
    picture tells.
    """
    edges = settings.edges
    if formation.kind == "compressed":
        return edges.ringed_step
    if formation.kind == "sharpened":
        return edges.sharpened_step
    narrow = formation.kind == "blurred" and formation.edge_width < edges.max_faint_width
    return edges.blurred_step if narrow else None
