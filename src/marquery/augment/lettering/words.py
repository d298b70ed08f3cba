"""Made-up words, names, slogans and legal forms in several scripts."""

from collections.abc import Sequence
from typing import TypeVar

from marquery.augment._random import uniform
from marquery.augment.lettering.letters import ARABIC_WORDS, LETTERS, PARTIAL, Script

Value = TypeVar("Value")

_STARTS = (*"bcdfghjklmnprstvwxyz", "ch", "st", "br", "tr", "pl", "sh", "qu", "")
_VOWELS = (*"aeiou", *"aeiou", "y", "ee", "oo", "ia", "ou")
_ENDS = ("", "", "", "n", "r", "x", "s", "t", "l", "m", "ng", "ck")
# Words that marks of all trades share.
_LATIN_WORDS_TEXT = (
    "royal green star golden blue sun best fresh pure prime nova vita eco bio care home house "
    "garden farm mill lake river mountain valley ocean north south east west new old grand "
    "king queen lion eagle wolf bear fox horse bull tiger dragon phoenix crown shield tower "
    "bridge castle gate rock stone iron steel gold silver diamond crystal pearl rose lily oak "
    "pine cedar maple cherry apple lemon orange olive grape coffee tea cafe bakery bread milk "
    "honey salt spice kitchen grill pizza wine beer brew water juice sport club team gym fit "
    "run ride bike motors auto car truck air jet sky space moon light fire flame spark energy "
    "power solar wind tech soft data net web cloud link code media press print photo film "
    "music radio sound studio design art craft works build wood tools parts paint color glass "
    "clean wash med pharma dental optic skin beauty hair spa baby kids toys play game book "
    "school academy travel tours hotel bank trust capital invest group union first one plus "
    "max ultra super smart easy fast go my la el le der das santa casa bella dolce monte mar "
    "sol luz vida sur norte soleil maison belle fleur haus berg wald stadt kraft"
)
_LATIN_WORDS = tuple(_LATIN_WORDS_TEXT.split())
_CYRILLIC_STARTS = (*"бвгджзклмнпрстфхцчш", "ст", "пр", "тр", "бр", "")
_CYRILLIC_VOWELS = (*"аеиоу", *"аеиоя", "ы", "ю", "ё")
_CYRILLIC_ENDS = ("", "", "н", "р", "с", "к", "л", "ст", "й", "в")
_GREEK_STARTS = (*"βγδζθκλμνπρστφχψ", "στ", "πρ", "")
_GREEK_VOWELS = (*"αεηιοω", "ου", "ει", "αι")
_GREEK_ENDS = ("", "ς", "ς", "ν", "ξ")
_FORMS: dict[Script, tuple[str, ...]] = {
    "latin": (
        "Ltd.",
        "GmbH",
        "Inc.",
        "LLC",
        "Co.",
        "S.A.",
        "S.r.l.",
        "B.V.",
        "AG",
        "A/S",
        "Oy",
        "AB",
        "Pty Ltd",
        "LTD. STI.",
        "A.S.",
        "Corp.",
        "& Co. KG",
        "& Sons",
        "Group",
        "Holding",
        "International",
        "Company",
        "S.L.",
        "d.o.o.",
        "Sp. z o.o.",
    ),
    "cyrillic": ("ООО", "ЗАО", "ОАО", "ТД", "Завод", "Группа", "Компания", "ЕООД"),
    "greek": ("Α.Ε.", "Ε.Π.Ε.", "Ο.Ε.", "ΑΦΟΙ"),
    "arabic": ("شركة", "مؤسسة", "مجموعة"),
    "chinese": ("公司", "集团", "工厂"),
    "japanese": ("株式会社", "商店", "本店"),
    "korean": ("주식회사", "상사", "그룹"),
}
_SMALL_TEXT = "the of for and with your in since by to from & every more all"
_SMALL = tuple(_SMALL_TEXT.split())


def pick(values: Sequence[Value]) -> Value:
    """One of several at random, from torch's generator."""
    return values[min(int(uniform(0, len(values))), len(values) - 1)]


def syllables(
    starts: Sequence[str] = _STARTS, vowels: Sequence[str] = _VOWELS, ends: Sequence[str] = _ENDS
) -> str:
    """One to four syllables of a start and a vowel each, with an end; by default of Latin letters.

    Args:
        starts, vowels, ends: what is drawn from.
    """
    count = 1 + int(uniform(0, 4))
    return "".join(pick(starts) + pick(vowels) for _ in range(count)) + pick(ends)


def made_up_word(script: Script = "latin", letters: str = "") -> str:
    """A word in lower case.

    Args:
        script: of the word.
        letters: those that a typeface has, for the scripts of :data:`PARTIAL`; empty: all.
    """
    if script == "cyrillic":
        return syllables(_CYRILLIC_STARTS, _CYRILLIC_VOWELS, _CYRILLIC_ENDS)
    if script == "greek":
        return syllables(_GREEK_STARTS, _GREEK_VOWELS, _GREEK_ENDS)
    if script == "arabic":
        return pick(ARABIC_WORDS)
    if script in PARTIAL:
        known = letters or LETTERS[script]
        rows = [[*known]]
        if script == "japanese":  # a word keeps to one of the three kinds of letters
            rows = [
                [c for c in known if low <= c <= high] for low, high in ("ァー", "ぁん", "一龯")
            ]
        row = rows[int(uniform(0, len(rows)))] or [*known]
        return "".join(pick(row) for _ in range(2 + int(uniform(0, 3))))
    return pick(_LATIN_WORDS) if uniform() < 0.45 else syllables()


def cased(text: str) -> str:
    """A text in lower, upper or title case; scripts without case stay as they are."""
    case = uniform()
    if case < 0.2:
        return text
    return text.upper() if case < 0.6 else text.title()


def name(script: Script, letters: str = "") -> str:
    """The name in a mark: a word, two words, initials, a word with a number.

    Args:
        script: of the name.
        letters: see :func:`made_up_word`.
    """
    kind, word = uniform(), made_up_word(script, letters)
    if kind < 0.55 or script in PARTIAL:
        return cased(word)
    if kind < 0.8 or script == "arabic":
        return cased(f"{word} {made_up_word(script, letters)}")
    if script == "latin" and kind < 0.86:
        return f"{cased(word)} {int(uniform(1, 1000))}"
    if kind < 0.93:
        return "".join(made_up_word(script)[0] for _ in range(2 + int(uniform(0, 2)))).upper()
    joined = ("&", "and", "+", "-") if script == "latin" else ("",)
    return cased(f"{word} {pick(joined)} {made_up_word(script, letters)}".replace("  ", " "))


def slogan(script: Script, letters: str = "") -> str:
    """Three to five words, or one in scripts without spaces.

    Args:
        script: of the slogan.
        letters: see :func:`made_up_word`.
    """
    if script in PARTIAL:
        return made_up_word(script, letters) + made_up_word(script, letters)
    count = 2 + int(uniform(0, 4))
    words = [made_up_word(script, letters) for _ in range(count)]
    if script == "latin":
        if uniform() < 0.15:
            return f"EST. {int(uniform(1850, 2025))}"
        if uniform() < 0.12:
            return f"www.{words[0]}.com"
        words[1::2] = [pick(_SMALL) if uniform() < 0.6 else word for word in words[1::2]]
    text = " ".join(words)
    case = uniform()
    return text.upper() if case < 0.45 else text.capitalize() if case < 0.75 else text


def legal_form(script: Script, letters: str = "") -> str:
    """The form of a company, or a word of that kind.

    Args:
        script: of the form.
        letters: those that a typeface has; a form with others is not given, but a word.
    """
    form = pick(_FORMS[script])
    return made_up_word(script, letters) if letters and set(form) - set(letters) else form
