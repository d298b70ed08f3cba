"""The paper's own command, ``python Standard_Training.py``: its flags, mapped on a recipe and
run.
"""

from marquery.paper.standard_training.command import main

__all__ = ["main"]
