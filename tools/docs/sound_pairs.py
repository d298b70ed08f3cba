"""Pairs of names that sound alike, made by the rules that conflicts are argued by, and how many of
them a search by sound finds among 20,000 names: docs/data/sound-pairs.tsv.
"""

import re
import sys
from pathlib import Path

import numpy as np

from marquery.datasets import LogoSet
from marquery.index.likeness.sound import Sounds

OUT = Path("docs/data/sound-pairs.tsv")
NAMES, EACH = 20_000, 28
VOWEL = "aeiou"
#: Rule -> (pattern, replacements): one place of a name is written otherwise.
RULES = {
    "c for k": (r"k", "c"),
    "k for c": (r"c(?=[aourl])", "k"),
    "ph for f": (r"f", "ph"),
    "y for i": (r"i(?=[^aeiou])", "y"),
    "z for s": (r"s(?=[aeiou])", "z"),
    "t for d": (r"d", "t"),
    "p for b": (r"b", "p"),
    "k for g": (r"g(?=[aoulr])", "k"),
    "x for ks": (r"cs|ks|cks", "x"),
    "doubled letter": (r"([lmnrst])(?=[aeiou])", r"\1\1"),
    "silent e": (r"([^aeiou])$", r"\1e"),
    "silent h": (r"([aeiou])([lmnr])", r"\1h\2"),
    "other vowel": (r"(?<=[^aeiou])[aeou](?=[^aeiou])", "i"),
}
#: Written out: the same names in another script.
SCRIPTS = """
кодак kodak|пепси pepsi|тойота toyota|самсунг samsung|адидас adidas|пума puma|лада lada
сони sony|хонда honda|ниссан nissan|панасоник panasonic|нокиа nokia|икеа ikea|лего lego
вольво volvo|порше porsche|κοντακ kontak|πεψι pepsi|σονυ sony|τογιοτα toyota|νοκια nokia
σαμσουνγκ samsung|αλφα alfa|トヨタ toyota|ソニー sony|ホンダ honda|スズキ suzuki
カシオ casio|キヤノン canon|ニコン nikon|ミノルタ minolta|삼성 samsung|기아 kia
현대 hyundai|엘지 elji|코닥 kodak|소니 sony|롯데 lotte|나이키 naiki|华为 huawei
海尔 haier|联想 lianxiang|小米 xiaomi|百度 baidu|丰田 fengtian|美的 meidi|格力 geli
سوني sony|كوداك kodak|نوكيا nokia|سامسونج samsung|تويوتا toyota|هواوي huawei|بيبسي pepsi
كانون canon
"""


def pairs_of(names: list[str], seed: int = 0) -> list[tuple[str, str, str]]:
    """(rule, name, name that sounds like it)."""
    rng = np.random.default_rng(seed)
    out = []
    for rule, (pattern, put) in RULES.items():
        fitting = [n for n in names if re.search(pattern, n)]
        for name in rng.permutation(fitting)[:EACH]:
            out.append((rule, str(name), re.sub(pattern, put, str(name), count=1)))
    for pair in SCRIPTS.replace("\n", "|").strip("|").split("|"):
        other, name = pair.split()
        out.append(("script", name, other))
    return out


def generated(count: int, seed: int = 1) -> list[str]:
    """Names that can be spoken, of two or three syllables."""
    rng = np.random.default_rng(seed)
    starts, ends = (*"bcdfghjklmnprstvwz", "br", "st", "tr", "cl", "ch"), ("", *"nrlxks")
    made: set[str] = set()
    while len(made) < count:
        parts = rng.integers(2, 4)
        made.add(
            "".join(rng.choice(starts) + rng.choice(list(VOWEL)) for _ in range(parts))
            + str(rng.choice(ends))
        )
    return sorted(made)


def main(data: Path) -> None:
    brands = {re.sub(r"[^a-z]", "", str(b).lower()) for b in LogoSet.open(data).groups}
    real = sorted(b for b in brands if 4 <= len(b) <= 12)
    pairs = pairs_of(real)
    OUT.write_text("".join("\t".join(pair) + "\n" for pair in pairs), encoding="utf-8")
    wanted = {name for _, name, _ in pairs}
    names = sorted(wanted | set(real))[:NAMES]
    names += [n for n in generated(NAMES) if n not in set(names)][: NAMES - len(names)]
    sounds = Sounds(names)
    place = {name: i for i, name in enumerate(names)}
    found: dict[str, list[bool]] = {}
    for rule, name, other in pairs:
        scores = sounds.similarity_to(other)
        rank = int((scores > scores[place[name]]).sum())
        found.setdefault(rule, []).append(rank < 10)
        if rank >= 10:
            print("missed", rule, name, other, rank, round(float(scores[place[name]]), 2))
    for rule, hits in found.items():
        print(f"{rule:16} {len(hits):4} pairs  recall@10 {np.mean(hits):.3f}")
    every = [hit for hits in found.values() for hit in hits]
    print(f"{'all':16} {len(every):4} pairs  recall@10 {np.mean(every):.3f}, {len(names):,} names")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
