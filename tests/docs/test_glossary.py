"""The glossary is in order, says each word once, and each entry leads to a page that exists."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "glossary.md").read_text()
ENTRIES = [e for e in TEXT.split("\n\n") if re.search(r"^\*\*", e, flags=re.M)]


def anchors(page: Path) -> set[str]:
    text = page.read_text()
    heads = re.findall(r"^#+ (.*)", text, flags=re.M)
    slugs = {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in heads}
    return slugs | set(re.findall(r'<a id="([\w-]+)">', text))


def test_words_are_in_order_and_once():
    heads = [re.search(r"\*\*(.+?)\*\*:", entry)[1].lower() for entry in ENTRIES]
    assert len(heads) > 40
    assert heads == sorted(set(heads))


def test_every_entry_leads_to_a_page():
    for entry in ENTRIES:
        links = re.findall(r"\]\(([\w-]+\.md)?(?:#([\w-]+))?\)", entry)
        assert links or "see *" in entry, entry
        for name, anchor in links:
            page = DOCS / (name or "glossary.md")
            assert page.exists(), name
            assert not anchor or anchor in anchors(page), f"{name}#{anchor}"


def test_the_readme_leads_to_it():
    assert "docs/glossary.md" in (DOCS.parent / "README.md").read_text()
