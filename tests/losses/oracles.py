"""The losses as loops over their definitions, for comparison: 1 − AP and its kin of every query, by
query.
"""

import math

import torch


def sigma(x):
    return 1 / (1 + torch.exp(-x))


def rankings(embeddings, labels, refs, ref_labels, includes, unlabelled, own):
    """Of every query: itself, its scores, what it ranks and which of these are positives."""
    if refs is None:
        refs, ref_labels, includes = embeddings, labels, True
    for q in range(len(embeddings)):
        ranked = [j for j in range(len(refs)) if not (includes and j == q) or own]
        positives = [j for j in ranked if ref_labels[j] == labels[q]]
        if labels[q] != unlabelled and positives:
            yield q, refs @ embeddings[q], ranked, positives


def smooth_ap_by_loops(
    x, labels, refs=None, ref_labels=None, *, includes=False, tau=0.01, unlabelled=None, own=False
):
    values = {}
    for q, s, ranked, positives in rankings(x, labels, refs, ref_labels, includes, unlabelled, own):
        ap = 0
        for i in positives:
            rank = 1 + sum(sigma((s[j] - s[i]) / tau) for j in ranked if j != i)
            among = 1 + sum(sigma((s[j] - s[i]) / tau) for j in positives if j != i)
            ap = ap + among / rank / len(positives)
        values[q] = 1 - ap
    return values


def sup_ap_by_loops(
    x,
    labels,
    refs=None,
    ref_labels=None,
    *,
    includes=False,
    tau=0.01,
    rho=100.0,
    delta=0.05,
    calibration=0.0,
    alpha=0.9,
    beta=0.6,
    unlabelled=None,
    own=False,
):
    def bound(d):
        if d < 0:
            return sigma(d / tau)
        if d <= delta:
            return sigma(d / tau) + 0.5
        return rho * (d - delta) + 1 / (1 + math.exp(-delta / tau)) + 0.5

    values = {}
    for q, s, ranked, positives in rankings(x, labels, refs, ref_labels, includes, unlabelled, own):
        negatives = [j for j in ranked if j not in positives]
        ap = 0
        for i in positives:
            among = 1 + sum(1 for j in positives if s[j] > s[i])
            ap = ap + among / (among + sum(bound(s[j] - s[i]) for j in negatives)) / len(positives)
        near = sum(torch.relu(alpha - s[i]) for i in positives) / len(positives)
        far = sum(torch.relu(s[j] - beta) for j in negatives) / max(1, len(negatives))
        values[q] = (1 - calibration) * (1 - ap) + calibration * (near + far)
    return values


def recall_at_k_by_loops(
    x,
    labels,
    refs=None,
    ref_labels=None,
    *,
    includes=False,
    ks=(1, 2, 4, 8, 16),
    tau=0.01,
    k_tau=1.0,
    unlabelled=None,
):
    values = {}
    for q, s, ranked, positives in rankings(
        x, labels, refs, ref_labels, includes, unlabelled, False
    ):
        recall = 0
        for i in positives:
            rank = 1 + sum(sigma((s[j] - s[i]) / tau) for j in ranked if j != i)
            recall = recall + sum(sigma((k - rank) / k_tau) for k in ks) / len(ks) / len(positives)
        values[q] = 1 - recall
    return values


def exact_ap(scores, relevant):
    """AP of a ranking by the definition: the mean precision at the relevant items; no ties."""
    order = torch.argsort(scores, descending=True)
    hits = [rank for rank, j in enumerate(order, start=1) if relevant[j]]
    return sum(n / rank for n, rank in enumerate(hits, start=1)) / len(hits)
