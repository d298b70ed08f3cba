"""The flags of the paper's command, with the public code's defaults; importing this costs
nothing.
"""

import argparse
from typing import NoReturn

PROGRAM = "Standard_Training.py"

_ABOUT = """\
Train an encoder as the ICPR 2022 paper does and evaluate it: batches of four logos of one known
group, with segment colour change, and unlabelled logos as negatives; Smooth-AP or triplet loss.
Flags and defaults are those of the paper's public code; where one was a slip there, the help says
so. Results are written to SAVE_PATH/DATASET/SAVENAME: encoder/ (the weights that did best on
validation), checkpoint.pt, log.jsonl, log_train_Base.csv, log_val_Base.csv, tensorboard/,
recipe.yaml, results.json, sample_recoveries.png. The same command again goes on where it was
stopped."""

_AFTER = """\
Every epoch is validated on training groups that are set aside; the test queries are ranked once, at
the end, by the weights that were kept. (The public code ranks them after every epoch and keeps the
last weights.) The same run from a recipe: marquery train SAVE_PATH/DATASET/SAVENAME/recipe.yaml
--data DIR."""


class _Parser(argparse.ArgumentParser):
    """Refuses in one line, as the rest of the command does."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{PROGRAM}: {message.removeprefix('argument ')}; see {PROGRAM} --help\n")


def make_parser() -> argparse.ArgumentParser:
    """Argparse, not Typer: ``--k_vals 1 2 4 8`` takes as many values as come, which Typer
    cannot.
    """
    parser = _Parser(
        prog=PROGRAM,
        description=_ABOUT,
        epilog=_AFTER,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        allow_abbrev=False,
    )
    _data(parser.add_argument_group("data and results"))
    _training(parser.add_argument_group("training"))
    _loss(parser.add_argument_group("loss"))
    _network(parser.add_argument_group("network"))
    _own(parser.add_argument_group("not in the public code"))
    return parser


def _data(add: argparse._ArgumentGroup) -> None:
    add.add_argument("--dataset", default="METU-Trademark", help="folder below SOURCE_PATH")
    add.add_argument(
        "--source_path",
        default="./Datasets",
        help="holds DATASET: METU in either layout, openlogos, or a folder with one sub-folder a "
        "group",
    )
    add.add_argument("--save_path", default="./Training_Results", help="where results go")
    add.add_argument(
        "--savename",
        default="",
        help="folder of this run; empty: made from loss, network, bs, lr, seed",
    )
    add.add_argument(
        "--k_vals", nargs="+", type=int, default=[1, 2, 4, 8], metavar="K", help="K of Recall@K"
    )
    add.add_argument(
        "--eval_only",
        action="store_true",
        help="evaluate the run's encoder, or that of --init_pth, without training (the public code "
        "takes this flag and trains all the same)",
    )


def _training(add: argparse._ArgumentGroup) -> None:
    add.add_argument(
        "--lr",
        type=float,
        default=1e-7,
        help="learning rate; the default is a slip of the public code, at which next to nothing is "
        "learnt: the paper's command passes 0.001",
    )
    add.add_argument(
        "--fc_lr_mul",
        type=float,
        default=5,
        help="factor on the learning rate of the embedding layer; 0: none",
    )
    add.add_argument("--n_epochs", type=int, default=50, help="epochs")
    add.add_argument(
        "--bs", type=int, default=256, help="logos a batch; the paper's command passes 512"
    )
    add.add_argument(
        "--samples_per_class",
        type=int,
        default=4,
        help="logos of the known group in a batch (the public code takes 4 whatever is given)",
    )
    add.add_argument("--seed", type=int, default=1, help="seed of all that is drawn")
    add.add_argument(
        "--scheduler",
        choices=["step", "exp", "none"],
        default="step",
        help="step: times GAMMA at the epochs TAU; exp: times GAMMA after every epoch",
    )
    add.add_argument("--gamma", type=float, default=0.3, help="factor of the scheduler")
    add.add_argument(
        "--tau",
        nargs="+",
        type=int,
        default=[200, 300, 300, 120, 220, 250, 280],
        metavar="EPOCH",
        help="epochs of the steps; the defaults are never reached in 50 epochs, so that the rate "
        "stays",
    )
    add.add_argument("--decay", type=float, default=4e-4, help="weight decay")
    add.add_argument(
        "--opt",
        default="adam",
        help="adam or adamw (the public code says adam or sgd, and takes Adam for both)",
    )
    add.add_argument(
        "--gpu", type=int, default=0, help="number of the GPU; without one the CPU is used"
    )


def _loss(add: argparse._ArgumentGroup) -> None:
    add.add_argument(
        "--loss", choices=["smoothap", "tripletloss"], default="smoothap", help="what is minimised"
    )
    add.add_argument(
        "--sampling",
        choices=["distance", "random", "semihard"],
        default="distance",
        help="mining of triplets",
    )
    add.add_argument(
        "--sigmoid_temperature", type=float, default=0.01, help="temperature of Smooth-AP"
    )
    add.add_argument("--margin", type=float, default=0.2, help="margin of the triplet loss")


def _network(add: argparse._ArgumentGroup) -> None:
    add.add_argument(
        "--arch",
        default="resnet50",
        help="resnet50, resnext50, convnext (ConvNeXt-Tiny), swinTransformer (Swin-Tiny), or any "
        "timm name",
    )
    add.add_argument("--embed_dim", type=int, default=512, help="length of an embedding")
    add.add_argument("--embed_init", default="default", help="only: default")
    add.add_argument(
        "--not_pretrained",
        action="store_true",
        help="start from random weights instead of ImageNet's (which need a model hub, but for "
        "--arch tf_efficientnet_lite0)",
    )
    add.add_argument(
        "--ft_batchnorm", action="store_true", help="train BatchNorm too, instead of freezing it"
    )
    add.add_argument(
        "--resize256",
        action="store_true",
        help="changes nothing: the negatives are always brought to 256 before they are cropped to "
        "224",
    )
    add.add_argument(
        "--init_pth", default=None, help="with --eval_only: an encoder's folder, or a run's"
    )
    add.add_argument("--grad_measure", action="store_true", help="refused, see the message")
    add.add_argument("--dist_measure", action="store_true", help="refused, see the message")


def _own(add: argparse._ArgumentGroup) -> None:
    add.add_argument("--workers", type=int, default=4, help="processes that read and augment")
    add.add_argument("--image_size", type=int, default=224, help="side of the network's input")
    add.add_argument(
        "--steps_per_epoch",
        type=int,
        default=None,
        help="batches an epoch; default: training logos / bs (the public code stops at 181)",
    )
