"""What a person is told of the words of two logos."""

from marquery.index.likeness.pair import PairFacts
from marquery.index.likeness.texts import WordMatch
from marquery.index.strategies.reading import may_hold_words

# Differing words are told of where each has so many letters: shorter ones are often misread.
_LETTERS = 3


def word_sentences(pair: PairFacts) -> list[str]:
    """Words that both read, words of one only, words that differ in a few letters.

    All words that a search compares are matched. Of those that were not read for sure only what
    agrees is told, and that it is not sure.
    """
    if pair.are_registered:
        return _registered_sentences(pair)
    texts = pair.texts
    if not texts.first or not texts.second:
        return _words_of_one(pair)
    if texts.is_same:
        seem = "" if _are_sure(pair, texts.first, texts.second) else "seem to "
        return [f"Both {seem}read {_quoted(texts.first)}."]
    same = [word for word in texts.words if word.is_same and len(word.first) > 1]
    sure = [word.first for word in same if _are_sure(pair, word.first, word.second)]
    unsure = [word.first for word in same if not _are_sure(pair, word.first, word.second)]
    lines = []
    if sure:
        added = [
            f"{_quoted(' '.join(words))} is read in the {name} only" for name, words in _added(pair)
        ]
        lines.append(
            f"Both read {_quoted(' '.join(sure))}{'; ' if added else ''}{', '.join(added)}."
        )
    if unsure:
        lines.append(f"Both seem to read {_quoted(' '.join(unsure))}.")
    lines += [line for word in texts.words if not word.is_same for line in _nearly(pair, word)]
    own, other = pair.first.sure_text, pair.second.sure_text
    if not texts.words and min(len(own), len(other)) >= _LETTERS:
        lines.append(f"Other words: the query reads {_quoted(own)}, the hit {_quoted(other)}.")
    return lines


def _registered_sentences(pair: PairFacts) -> list[str]:
    """Words of the query that are in the register's name of the hit, which need not be read
    there.
    """
    texts = pair.texts
    name = f"the hit’s name in the register, {_quoted(texts.second)}"
    if texts.is_same:
        seems = "reads" if pair.first.is_sure_of(texts.first) else "seems to read"
        return [f"The query {seems} {_quoted(texts.first)}, the name of the hit in the register."]
    same = " ".join(word.first for word in texts.words if word.is_same)
    lines = [f"{_quoted(same)} is read in the query and in {name}."] if same else []
    for word in texts.words:
        if not word.is_same:
            lines.append(
                f"{_how_alike(word)}: {_quoted(word.first)} is read in the query, and in {name}."
            )
    return lines


def _are_sure(pair: PairFacts, first: str, second: str) -> bool:
    return pair.first.is_sure_of(first) and pair.second.is_sure_of(second)


def _added(pair: PairFacts) -> list[tuple[str, list[str]]]:
    """Words that are sure and in one only, by which."""
    told = []
    for name, facts, words in (
        ("query", pair.first, pair.texts.only_first),
        ("hit", pair.second, pair.texts.only_second),
    ):
        sure = [word for word in words if facts.is_sure_of(word)]
        if len("".join(sure)) >= _LETTERS:
            told.append((name, sure))
    return told


def _nearly(pair: PairFacts, word: WordMatch) -> list[str]:
    """That two words agree in part of their letters, or in their sound."""
    sure = _are_sure(pair, word.first, word.second)
    if not (sure or word.is_near or word.sounds_alike):
        return []
    told = _how_alike(word) + ("" if sure else ", as far as they can be read")
    return [
        f"{told}: {_quoted(word.first)} is read in the query, {_quoted(word.second)} in the hit."
    ]


def _how_alike(word: WordMatch) -> str:
    if word.is_near:
        return "Nearly the same word"
    return "Words that sound alike" if word.sounds_alike else "Words with letters in common"


def _words_of_one(pair: PairFacts) -> list[str]:
    """Said only where the other one surely has no words: lettering may be unreadable."""
    for name, other, text, silent in (
        ("query", "hit", pair.first.sure_text, pair.second),
        ("hit", "query", pair.second.sure_text, pair.first),
    ):
        if len(text.replace(" ", "")) >= _LETTERS and not may_hold_words(silent.found):
            return [f"The {name} reads {_quoted(text)}, the {other} holds no words."]
    return []


def _quoted(text: str) -> str:
    return f"“{text}”"
