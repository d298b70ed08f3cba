"""The losses over ranks, each with its definition."""

from marquery.losses import RecallAtKLoss, SmoothAPLoss, SupAPLoss

from .oracles import recall_at_k_by_loops, smooth_ap_by_loops, sup_ap_by_loops

# Name: our loss, its loops, and both sides' options; the second of each kind has no default value
# left.
FAMILY = {
    "Smooth-AP": (SmoothAPLoss, smooth_ap_by_loops, {}, {}),
    "SupAP": (SupAPLoss, sup_ap_by_loops, {}, {}),
    "SupAP, wide": (
        SupAPLoss,
        sup_ap_by_loops,
        {"temperature": 0.1, "slope": 3.0, "linear_from": 0.2},
        {"tau": 0.1, "rho": 3.0, "delta": 0.2},
    ),
    "ROADMAP": (SupAPLoss, sup_ap_by_loops, {"calibration": 0.5}, {"calibration": 0.5}),
    "ROADMAP, other": (
        SupAPLoss,
        sup_ap_by_loops,
        {"calibration": 0.3, "positive_margin": 0.4, "negative_margin": -0.2},
        {"calibration": 0.3, "alpha": 0.4, "beta": -0.2},
    ),
    "Recall@k": (RecallAtKLoss, recall_at_k_by_loops, {}, {}),
    "Recall@k, other": (
        RecallAtKLoss,
        recall_at_k_by_loops,
        {"k": [1, 3], "temperature": 0.1, "k_temperature": 0.4},
        {"ks": (1, 3), "tau": 0.1, "k_tau": 0.4},
    ),
}
PLAIN = ["Smooth-AP", "SupAP", "ROADMAP", "Recall@k"]
