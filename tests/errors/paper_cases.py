"""Bad input of the paper's own command."""

from .cases import Case


def offline(patch):
    patch.setattr("marquery.encoder.weights._hub_reachable", lambda: False)
    patch.setattr("marquery.encoder.weights._cached_file", lambda name: None)


METU = "--source_path metu --dataset paper --not_pretrained"

PAPER_CASES = [
    Case("--opt sgd", "--opt", "'sgd' is not offered", "use adam"),
    Case("--embed_init kaiming_normal", "--embed_init", "has no effect", "leave the flag out"),
    Case("--grad_measure", "--grad_measure", "are not stored", "leave the flag out"),
    Case("--dist_measure", "--dist_measure", "are not stored", "leave the flag out"),
    Case("--init_pth x", "--init_pth", "training starts from ImageNet's", "add --eval_only"),
    Case("--init_pth x --eval_only", "--init_pth", "x is not a folder", "name an encoder"),
    Case("--n_epochs 0", "--n_epochs", "0 is less than 1", "use 1 or more"),
    Case("--steps_per_epoch 0", "--steps_per_epoch", "0 is less than 1", "use 1 or more"),
    Case("--k_vals 0", "--k_vals", "0 is less than 1", "use 1 or more"),
    Case("--tau 0", "--tau", "0 is less than 1", "use 1 or more"),
    Case("--lr -1", "--lr", "-1.0 cannot be used", "greater than 0"),
    Case("--bs 1", "--bs", "1 cannot be used", "greater than or equal to 4"),
    Case("--embed_dim 0", "--embed_dim", "0 cannot be used", "greater than or equal to 2"),
    Case("--image_size 5", "--image_size", "5 cannot be used", "greater than or equal to 32"),
    Case("--gamma 0", "--gamma", "0.0 cannot be used", "greater than 0"),
    Case("--sigmoid_temperature 0", "--sigmoid_temperature", "0.0 cannot be used", "greater"),
    Case("--loss tripletloss --margin=-1", "--margin", "-1.0 cannot be used", "greater than or"),
    Case(f"{METU} --gpu -1", "--gpu", "-1 is less than 0", "give a number from 0"),
    Case(f"{METU} --gpu 7", "--gpu", "there is no GPU of number 7", "leave the flag out"),
    Case(f"{METU} --bs 500", "--bs", "500 needs 496 negatives", "use a smaller batch"),
    Case(f"{METU} --samples_per_class 40", "--samples_per_class", "no group of the", "use fewer"),
    Case(
        "--source_path . --dataset grouped1",
        None,
        "grouped1: no such folder",
        "openlogos",
        1,
    ),
    Case(
        "--source_path . --dataset empty --not_pretrained",
        None,
        "empty holds no images",
        "name a folder of logos, METU's, or one that",
        code=1,
    ),
    Case("--source_path none", None, "no such folder", "without it train on the open benchmark", 1),
    Case(
        "--source_path . --dataset bench",
        None,
        "--arch resnet50: ImageNet weights of",
        "or add --not_pretrained",
        code=1,
        given=offline,
    ),
    Case("--loss x", "--loss", "invalid choice: 'x' (choose from 'smoothap'", "--help"),
    Case("--k_vals x", "--k_vals", "invalid int value: 'x'", "see Standard_Training.py --help"),
    Case("--lr", "--lr", "expected one argument", "see Standard_Training.py --help"),
    Case("--nothing", None, "unrecognized arguments: --nothing", "see Standard_Training.py --help"),
]
