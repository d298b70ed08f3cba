"""Draw the pictures of gallery.md and augmentation.md anew: data/openlogos -> docs/images."""

import sys
from pathlib import Path

from PIL import Image

from marquery.augment import (
    SegmentColor,
    SegmentDuplicate,
    SegmentExchange,
    SegmentMirror,
    SegmentRemove,
    SegmentRotate,
    SegmentScale,
    SegmentSwap,
    SegmentTranslate,
)
from marquery.cli.app import run
from marquery.visualization.augmentations import draw_gallery
from marquery.visualization.canvas import save_small

SOURCE = Path("data/openlogos/logos")
TARGET = Path("docs/images")
LOGOS = {
    "multi-colour": (
        "logos/slack-icon",
        "logos/google-drive",
        "logos/python",
        "devicon/opencv",
        "logos/chrome",
    ),
    "one-colour": (
        "simple-icons/ethereum",
        "fa6-brands/steam",
        "simple-icons/burgerking",
        "token/dot",
        "fa6-brands/usps",
    ),
    "badges": (
        "logos/khan-academy-icon",
        "logos/whatsapp-icon",
        "cryptocurrency-color/xmr",
        "logos/kubernetes",
        "skill-icons/html",
    ),
    "wordmarks": (
        "logos/gitlab",
        "logos/mastercard",
        "logos/netflix",
        "logos/nodejs",
        "devicon/apachespark-wordmark",
    ),
    "gradients": (
        "logos/messenger",
        "skill-icons/instagram",
        "logos/opera",
        "logos/kotlin-icon",
        "logos/google-bard-icon",
    ),
    "thin-lines": (
        "logos/react",
        "devicon/threejs",
        "token/aipad",
        "logos/dribbble-icon",
        "vscode-icons/file-type-babel",
    ),
    "full-bleed": (
        "logos/javascript",
        "logos/jetbrains-icon",
        "logos/aws-codepipeline",
        "token-branded/om-background",
        "token-branded/eth-background",
    ),
    "dark-ground": (
        "devicon/nim-wordmark",
        "token-branded/scb",
        "token-branded/insur",
        "token-branded/juris",
        "logos/mesos",
    ),
}
# A palette would draw bands into their gradients.
MANY_COLOURS = ("multi-colour", "badges", "gradients", "full-bleed")
SEED = 4
# docs/augmentation.md names these commands.
COMMANDS = {
    "augmentations-operations": (
        "logos/mastercard --donor logos/slack-icon --donor logos/chrome --donor logos/opera --seed "
        "2"
    ),
    "augmentations-words": (
        "devicon/apachespark-wordmark --group glyphs --op color --op rotate --op translate --op "
        "mirror --seed 1"
    ),
}


def main() -> None:
    files = {kind: [SOURCE / f"{name}.png" for name in names] for kind, names in LOGOS.items()}
    missing = [str(file) for several in files.values() for file in several if not file.is_file()]
    if missing:
        sys.exit(
            f"{missing[0]} missing; build the data first: marquery data openlogos data/openlogos"
        )
    TARGET.mkdir(parents=True, exist_ok=True)
    kinds = list(files)
    for kind, following in zip(kinds, kinds[1:] + kinds[:1], strict=True):
        ops = [
            SegmentColor(),
            SegmentColor(style="shade"),
            SegmentRemove(),
            SegmentRotate(),
            SegmentScale(),
            SegmentTranslate(),
            SegmentMirror(),
            SegmentDuplicate(),
            SegmentExchange(),
            SegmentSwap(files[following]),
        ]
        sheet = draw_gallery([Image.open(file) for file in files[kind]], ops, seed=SEED)
        out = TARGET / f"gallery-{kind}.png"
        if kind in MANY_COLOURS:
            sheet.save(out, optimize=True)
        else:
            save_small(sheet, out)
        print(out)
    for name, command in COMMANDS.items():
        words = [f"{SOURCE / word}.png" if "/" in word else word for word in command.split()]
        out = TARGET / f"{name}.png"
        if run(["augment", *words, "--out", str(out)]):
            sys.exit(1)
        with Image.open(out) as sheet:
            opened = sheet.convert("RGB")
        save_small(opened, out)


if __name__ == "__main__":
    main()
