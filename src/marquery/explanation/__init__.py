"""Why two logos match: the score as a sum over their parts, matched, with words."""

from marquery.explanation.explaining import explain
from marquery.explanation.picture_encoder import PictureEncoder
from marquery.explanation.result import ExplainedPart, Explanation, PartMatch

__all__ = ["ExplainedPart", "Explanation", "PartMatch", "PictureEncoder", "explain"]
