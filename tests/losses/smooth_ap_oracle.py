"""Smooth AP as a double loop over the definition, for comparison."""

import torch


def sigma(x):
    return 1 / (1 + torch.exp(-x))


def smooth_ap_by_loops(
    embeddings,
    labels,
    refs=None,
    ref_labels=None,
    *,
    includes=False,
    tau=0.01,
    unlabelled=None,
    own=False,
):
    """1 − AP of every query (float64), in a dict by query."""
    if refs is None:
        refs, ref_labels, includes = embeddings, labels, True
    values = {}
    for q in range(len(embeddings)):
        s = refs @ embeddings[q]
        ranked = [j for j in range(len(refs)) if not (includes and j == q) or own]
        positives = [j for j in ranked if ref_labels[j] == labels[q]]
        if labels[q] == unlabelled or not positives:
            continue
        ap = 0
        for i in positives:
            rank = 1 + sum(sigma((s[j] - s[i]) / tau) for j in ranked if j != i)
            among = 1 + sum(sigma((s[j] - s[i]) / tau) for j in positives if j != i)
            ap = ap + among / rank / len(positives)
        values[q] = 1 - ap
    return values
