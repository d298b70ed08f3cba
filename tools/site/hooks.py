"""What MkDocs builds beside the pages of docs/: the README as the first page, the files of the
repository's root that are pages too, and the reference, written from the code.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

sys.path.insert(0, str(Path(__file__).parent))
from links import lost_links
from recipe_reference import recipes
from reference import command_line, json_api, python_names

ROOT = Path(__file__).parents[2]
#: Files of the root -> the page that they become.
_PAGES = {
    "README.md": "home.md",
    "MODELCARD.md": "MODELCARD.md",
    "CHANGELOG.md": "CHANGELOG.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "SECURITY.md": "SECURITY.md",
}
_REFERENCE = {
    "reference/python.md": python_names,
    "reference/command-line.md": command_line,
    "reference/recipes.md": recipes,
    "reference/json-api.md": json_api,
}


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that docs/ has not."""
    register = files.get_file_from_path("index.md")
    assert register is not None
    # docs/index.md is of indexes; the site's first page is the README.
    register.dest_uri = "register.html"
    for source, page in _PAGES.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=_from_root(text)))
    home = files.get_file_from_path("home.md")
    assert home is not None
    home.dest_uri = "index.html"
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    files.append(File.generated(config, "CITATION.cff", content=citation))
    for source in sorted((ROOT / "notebooks").glob("*.ipynb")):
        page = f"notebooks/{source.stem}.md"
        files.append(File.generated(config, page, content=_notebook(source)))
    for page, write in _REFERENCE.items():
        files.append(File.generated(config, page, content=write()))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Links out of docs/: to a page of the root as such, to other files as their names."""
    if page.file.src_uri in _REFERENCE:
        return markdown
    markdown = re.sub(r"\]\(\.\./notebooks/([\w-]+)\.ipynb\)", r"](notebooks/\1.md)", markdown)
    named = "|".join(map(re.escape, _PAGES))
    markdown = re.sub(rf"\]\(\.\./({named})(#[\w-]*)?\)", _to_page, markdown)
    return re.sub(r"\[([^]]+)\]\(\.\./[^)]*\)", r"\1", markdown)


def on_page_content(html: str, page: Any, **_: Any) -> str:
    """Roles of Sphinx in docstrings: the name alone."""
    if page.file.src_uri not in _REFERENCE:
        return html
    return re.sub(r":(?:func|class|meth|mod|data|attr|exc):(?:<code>~?)", "<code>", html)


def on_post_page(output: str, page: Any, **_: Any) -> str:
    """What searches without a server is in the site, not elsewhere."""
    up = "../" * page.url.count("/")
    return output.replace("https://unpkg.com/iframe-worker/shim", f"{up}assets/iframe-worker.js")


def on_post_build(config: Any, **_: Any) -> None:
    """A link to a file that is not in the site is an error, as one to a page is."""
    lost = lost_links(Path(config.site_dir))
    if lost:
        raise PluginError("links that lead nowhere:\n  " + "\n  ".join(lost))


def _notebook(source: Path) -> str:
    """A notebook as a page: its texts, and its code in blocks."""
    parts = []
    for cell in json.loads(source.read_text(encoding="utf-8"))["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "code":
            parts.append(f"```python\n{text}\n```\n")
        else:
            parts.append(text.replace("](../docs/", "](../") + "\n")
    parts.append(f"*The notebook itself is `notebooks/{source.name}` of the repository.*\n")
    return "\n".join(parts)


def _to_page(found: re.Match[str]) -> str:
    return f"]({_PAGES[found[1]]}{found[2] or ''})"


def _from_root(text: str) -> str:
    """A file of the root as a page of docs/: its links lose the folder's name."""
    text = re.sub(r"\]\(docs/", "](", text)
    text = text.replace("](README.md", "](home.md")
    return re.sub(r"\[([^]]+)\]\((?:src|tools|tests|benchmarks)/[^)]*\)", r"\1", text)
