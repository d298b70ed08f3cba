"""Learning rate as a pure function of the step, so that resuming needs no state of it."""

import math

from marquery.training.recipe_parts import OptimizerPart


def rate_factor(step: int, steps: int, plan: OptimizerPart) -> float:
    """Factor on the learning rate at a step (0-based) of ``steps``: warm-up, then the plan's
    schedule.

    Args:
        step: from 0.
        steps: of the whole training.
        plan: warm-up and schedule.
    """
    if step < plan.warmup:
        return (step + 1) / (plan.warmup + 1)
    if plan.schedule == "step":
        return float(plan.gamma ** sum(step >= m for m in plan.milestones))
    if plan.schedule == "cosine":
        done = (step - plan.warmup) / max(1, steps - plan.warmup)
        return 0.5 * (1 + math.cos(math.pi * done))
    return 1.0
