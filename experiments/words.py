"""Are the words in logos read, how long does it take, and do they find the brand?

Wordmarks are the logos of the split that their collection says to hold the name: devicon's
``NAME-wordmark``, and ``NAME`` of SVG Logos where there is a ``NAME-icon`` as well. One thread; CPU
time.

    python experiments/words.py --data data/openlogos --split val --out runs/words
"""

import argparse
import json
import os
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from marquery.datasets import LogoSet
from marquery.errors import MarqueryError
from marquery.images import load_image
from marquery.index.strategies.analysis import LogoAnalysis
from marquery.index.strategies.ocr import word_reader
from marquery.index.strategies.reading import may_hold_words, read_words
from marquery.index.strategies.wording import Texts, plain


def main() -> None:
    arguments = parse()
    logos = LogoSet.open(arguments.data).split(arguments.split)
    logos = logos.subset(logos.namespaces == "brand")
    files = [Path(file) for file in logos.files()]
    brands = [str(group) for group in logos.groups]
    wordmark = np.array([is_wordmark(file) for file in files])
    reader = word_reader()
    if isinstance(reader, str):
        raise MarqueryError(reader)
    words, looked, spent = [], [], []
    for file in files:
        logo = LogoAnalysis(load_image(file))
        pixels, found = logo.pixels, logo.segmentation
        start = time.thread_time()
        words.append(read_words(pixels, found) or "")
        spent.append(time.thread_time() - start)
        looked.append(may_hold_words(found))
    texts = [plain(text) for text in words]
    result = {
        "logos": len(files),
        "wordmarks": int(wordmark.sum()),
        "recall": recall(brands, texts, wordmark),
        "looked_at": {
            "wordmarks": float(np.mean(np.array(looked)[wordmark])),
            "others": float(np.mean(np.array(looked)[~wordmark])),
        },
        "cpu_ms": {
            "median_of_those_looked_at": 1e3 * float(np.median(np.array(spent)[looked])),
            "mean_of_all": 1e3 * float(np.mean(spent)),
        },
        "search": search(brands, texts),
    }
    out = Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    (out / "words.json").write_text(json.dumps(result, indent=2) + "\n")
    rows = zip(files, brands, words, strict=True)
    missed = [
        f"{f.parent.name}/{f.name}\t{b}\t{w}"
        for (f, b, w), is_one in zip(rows, wordmark, strict=True)
        if is_one and joined(b) not in joined(w)
    ]
    (out / "missed.tsv").write_text("\n".join(missed) + "\n")
    print(json.dumps(result, indent=2))


def is_wordmark(file: Path) -> bool:
    if file.parent.name == "devicon":
        return file.stem.endswith("-wordmark")
    return file.parent.name == "logos" and file.with_name(f"{file.stem}-icon.png").is_file()


def joined(text: str) -> str:
    return plain(text).replace(" ", "")


def recall(brands: list[str], texts: list[str], chosen: np.ndarray) -> dict[str, float]:
    """Share of wordmarks whose brand key is within what was read, in all its letters, or with four
    in five.
    """
    pairs = [(joined(b), joined(t)) for b, t, c in zip(brands, texts, chosen, strict=True) if c]
    from rapidfuzz import fuzz

    exact = [brand in text for brand, text in pairs]
    near = [bool(text) and fuzz.partial_ratio(brand, text) >= 80 for brand, text in pairs]
    return {"whole": float(np.mean(exact)), "four_in_five_letters": float(np.mean(near))}


def search(brands: list[str], texts: list[str]) -> dict[str, float]:
    """Recall@10 by words: each logo with words looks for others of its brand that have some; then
    each brand's key.
    """
    names, has = np.array(brands), np.array([bool(text) for text in texts])
    gallery = Texts(texts)

    def finds(query: str, relevant: np.ndarray, itself: int | None) -> bool:
        scores = gallery.similarity_to(query)
        if itself is not None:
            scores[itself] = -1
        return bool(relevant[np.argsort(-scores, kind="stable")[:10]].any())

    by_logo = []
    for row in np.flatnonzero(has):
        relevant = has & (names == names[row])
        relevant[row] = False
        if relevant.any():
            by_logo.append(finds(texts[row], relevant, int(row)))
    keys = sorted(set(names[has]))
    by_key = [finds(plain(key), has & (names == key), None) for key in keys]
    return {
        "logos": len(by_logo),
        "recall_at_10_by_logo": float(np.mean(by_logo)),
        "keys": len(keys),
        "recall_at_10_by_key": float(np.mean(by_key)),
    }


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="data/openlogos")
    parser.add_argument("--split", default="val")
    parser.add_argument("--out", default="runs/words")
    return parser.parse_args()


if __name__ == "__main__":
    main()
