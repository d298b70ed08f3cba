"""What an index is made with: ``index.json`` in its folder, whose presence makes it one."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from marquery.errors import MarqueryError, NotBuiltError
from marquery.index.storage.table import is_store
from marquery.json_text import parse_json

FORMAT = 1
CONFIG_FILE = "index.json"


class IndexConfig(BaseModel):
    """What an index is made with; never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = FORMAT
    encoder: str
    """As it was named when the index was made."""
    fingerprint: str
    dim: int = Field(ge=1)
    flat_limit: int = Field(ge=1)
    """Rows up to which search is exact over all; above, an approximate index finds candidates."""
    version: str
    words: bool = True
    """Whether the words of logos are read."""
    words_from: str | None = None
    """Metadata column whose words are searched together with those that are read."""
    store: str = "lance"
    """What keeps the table, see :data:`marquery.index.storage.table.STORES`."""


def read_config(path: Path) -> IndexConfig:
    """What the index in a folder was made with.

    Raises:
        NotBuiltError: there is none.
        MarqueryError: the file is damaged, or of another version of this library.
    """
    place = path / CONFIG_FILE
    try:
        raw = parse_json(place.read_text())
    except (FileNotFoundError, NotADirectoryError) as error:
        # What holds other files is not to be built over.
        taken = path.is_file() or (path.is_dir() and any(path.iterdir()))
        raise NotBuiltError(
            "index",
            "NEW_FOLDER" if taken else path,
            f"{path}: no index there; name its folder, or build one",
        ) from error
    except (OSError, ValueError) as error:
        raise MarqueryError(f"{place}: cannot be read ({error}); build the index again") from error
    if isinstance(raw, dict) and raw.get("format") != FORMAT:
        raise MarqueryError(
            f"{place}: format {raw.get('format')!r} is not the format {FORMAT} that this version "
            "reads; "
            "build the index again"
        )
    try:
        config = IndexConfig.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "it"
        raise MarqueryError(f"{place}: {where}: {first['msg']}; build the index again") from error
    if not is_store(config.store):
        raise MarqueryError(
            f"{place}: this version knows no store {config.store!r}; update marquery"
        )
    return config
