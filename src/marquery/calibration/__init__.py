"""What a similarity means: from cosine to the probability that two logos are of the same mark."""

from marquery.calibration.calibration import Calibration
from marquery.calibration.isotonic import fit_isotonic
from marquery.calibration.pairs import draw_pairs
from marquery.calibration.reliability import Reliability, reliability

__all__ = ["Calibration", "Reliability", "draw_pairs", "fit_isotonic", "reliability"]
