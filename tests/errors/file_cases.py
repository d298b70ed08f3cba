"""Pictures, tables of embeddings, encoders and indexes that are damaged or not there."""

from functools import partial

from .cases import Case

failed = partial(Case, code=1)

WHITEN = "--out w --data"
EMBED = "--out o.parquet --model model"
ADD = "index add marked logos --meta"
NAMES = "serve --index idx --port 0 --vienna-names"
SEARCH = "search query.png --index"


def failing(name, error):
    """Something of the library that fails so."""

    def fail(*_, **__):
        raise error

    return lambda patch: patch.setattr(name, fail)


PICTURE_CASES = [
    failed("segment gone.png", None, "gone.png: no such file", "check the name"),
    failed("segment query.png/a.png", None, "query.png/a.png: cannot be read (Not a", "check"),
    failed("segment logos", None, "logos: is not a file but a folder", "name an image"),
    failed("segment pictures/text/a.png", None, "text/a.png: is not a readable", "save it as PNG"),
    failed("segment pictures/hollow/a.png", None, "hollow/a.png: the file is empty", "save"),
    failed("segment pictures/cut/a.png", None, "cut/a.png: is not a readable", "save it again"),
    failed("segment pictures/vast/a.png", None, "9000 x 9000 pixels are over", "make it smaller"),
    failed("segment pictures/large/a.png", None, "large/a.png: 67,108,865 bytes", "make it small"),
    failed("segment pictures/svg/a.svg", None, "svg/a.svg: is not a readable SVG", "save it"),
    failed("segment sheet.png", None, "sheet.png: is a contact sheet", "name the logo itself"),
    failed(
        "segment pictures/endless/a.png", None, "endless/a.png: has too many", "make it smaller"
    ),
    failed(
        "segment logos/000.png",
        None,
        "logos/000.png: takes more memory",
        "try again",
        given=failing("marquery.decoding.decoded", MemoryError()),
    ),
    failed(f"embed blank.png {EMBED}", None, "blank.png: nothing can be seen", "save it again"),
    failed(f"embed none {EMBED}", None, "none: no such file or folder", "name an image"),
    failed(f"embed empty {EMBED}", None, "empty: no images there", "name images, or folders"),
    failed(f"embed pictures/text {EMBED}", None, "o.parquet: not written", "text/a.png: is not"),
    failed(
        "embed logos --out begun.parquet --model model --engine pytorch --precision float32",
        None,
        ".begun.parquet.parts/00000000.parquet: is damaged",
        "delete the folder",
    ),
    failed(
        "embed logos --out held.parquet --model model",
        None,
        "held.parquet: another process is writing it",
        "wait until it is done",
        given=failing("fcntl.flock", BlockingIOError()),
    ),
    failed(
        "embed logos --out query.png/o.parquet --model model",
        None,
        "query.png/.o.parquet.probe: cannot be written (",
        "choose another place",
    ),
    failed("search query.png --in none --model model", None, "none: no such folder", "name an"),
    failed("search query.png --in empty --model model", None, "empty: no images", "name a folder"),
    failed(
        "search query.png --in pictures/text --model model",
        None,
        "pictures/text: none of its 1 images could be read",
        "the first is pictures/text/a.png: is not",
    ),
]

EMBEDDING_CASES = [
    failed("evaluate none.parquet", None, "none.parquet: no such file", "name a file of"),
    failed("evaluate torn.npy", None, "torn.npy: not a readable .npy matrix", "numpy.save"),
    failed("evaluate cube.npy", None, "cube.npy: has shape (2, 2, 2)", "give a matrix"),
    failed("evaluate short.npy", None, "short.csv: 1 rows for the 3 of short.npy", "write one"),
    failed("evaluate nameless.npy", None, "nameless.csv: has neither a column path", "add one"),
    failed("evaluate ragged.npy", None, "ragged.csv: line 3 has another number", "write as many"),
    failed("evaluate encoded.npy", None, "encoded.csv: not a readable table", "save it as UTF-8"),
    failed("evaluate torn.parquet", None, "torn.parquet: not a readable parquet", "embed the"),
    failed("evaluate bodiless.parquet", None, "bodiless.parquet: has no column", "embed the"),
    failed("evaluate rowless.parquet", None, "rowless.parquet: holds no rows", "embed some"),
    failed("evaluate lacking.parquet", None, "lacking.parquet: a row after row 0", "leave it out"),
    failed("evaluate texts.parquet", None, "texts.parquet: the column embedding holds", "embed"),
    failed("evaluate lists-of-texts.parquet", None, "of-texts.parquet: the column", "embed the"),
    failed("evaluate uneven.parquet", None, "uneven.parquet: embeddings of several", "with one"),
    failed("evaluate ungrouped.parquet", None, "ungrouped.parquet: names no groups", "add a colu"),
    failed("evaluate alone.parquet", None, "no query has a relevant item", "give groups that"),
    failed(
        "evaluate v.parquet --gallery query.png",
        None,
        "query.png: embeddings are read from",
        "name one of them",
    ),
    failed("evaluate twice.parquet --data logos", None, "names an image file twice", "keep one"),
    failed("evaluate pathless.parquet --data logos", None, "names no image files", "add a column"),
    failed("evaluate v.parquet --data logos", None, "has no embedding of any", "embed this data"),
    failed("compare none.json results.json", None, "none.json: cannot be read", "name a file of"),
    failed("compare swept/runs/pixels/1/result.json results.json", None, "holds no", "evaluate"),
    failed("compare groupless.json results.json", None, "groupless.json: holds no", "evaluate the"),
    failed(
        "compare named.json named.json --data logos --picture p.png",
        None,
        "no query changed",
        "compare methods that differ",
    ),
    failed(
        "compare results.json results.json --data logos --picture p.png",
        None,
        "mine: its file of results names no logos",
        "evaluate the model again",
    ),
]

ARCHIVE_CASES = [
    failed("evaluate torn.npz", None, "torn.npz: not a readable .npz", "save it again"),
    failed("evaluate flat.npz", None, "flat.npz: it is not clear which", "call a matrix"),
    failed("evaluate objects.npz", None, "objects.npz: holds Python objects", "save the groups"),
    failed("evaluate fewer.npz", None, "fewer.npz: 2 groups for the 3", "write one for each"),
]

INDEX_CASES = [
    failed("index build none --out x", None, "none: no such folder", "name an existing folder"),
    failed("index build logos --out full --model model", None, "full: something is", "choose a"),
    failed(
        f"{SEARCH} calibrated --strategy overall",
        None,
        "calibration.json: not a readable",
        "delete it",
    ),
    failed(f"{SEARCH} calibrated", None, "evidence.json: not a readable", "delete it"),
    failed("index remove idx none", None, "none: is not in idx", "nothing was removed"),
    failed(
        "index add idx logos",
        None,
        "idx: another process is writing",
        "wait until it is done",
        given=failing("fcntl.flock", BlockingIOError()),
    ),
    failed(f"{NAMES} codeless.csv", None, "codeless.csv: has no column 'code'", "header line"),
    failed(f"{NAMES} lion.csv", None, "lion.csv: row 3 has 'lion' for a code", "write it as 1"),
    failed(f"{NAMES} twice.csv", None, "row 3 names 01 a second time (Sky, Heaven)", "keep one"),
    failed(f"{ADD} none.csv", None, "none.csv: there is no such file", "name a table that is"),
    failed(f"{ADD} bytes.csv", None, "bytes.csv: cannot be read as UTF-8 CSV (", "save it as"),
    failed(f"{ADD} pathless.csv", None, "pathless.csv: has no column 'path'", "add one"),
    failed(f"{ADD} worded.csv", None, "worded.csv: 'and' cannot name a column", "use one-time"),
    failed(f"{ADD} reserved.csv", None, "reserved.csv: sha256 is a column", "rename the file's"),
    failed(f"{ADD} pathless-row.csv", None, "row.csv: row 3 names no logo", "fill in its path"),
    failed(f"{ADD} long.csv", None, "long.csv: row 2 has 3 cells for 2", "in quotes"),
    failed(f"{ADD} lists.csv", None, "column nice of the metadata holds lists", "another name"),
    failed(f"{ADD} dateless.csv", None, "'soon', but the index holds dates", "as 2024-05-31"),
    failed(f"{ADD} strokes.csv", None, "can be 2020-02-01 or 2020-01-02", "as 2024-05-31"),
    failed(f"{ADD} letters.csv", None, "nice is 'class 25', but the index", "correct the cell"),
    failed(f"{ADD} great.csv --types nice=integer", None, "whole numbers are from -92", "keep"),
    failed(f"{ADD} differing.csv --types nice=integer", None, "differ in nice (25, 26)", "keep"),
    failed("index add torn-ids one", None, "torn-ids/ids.json: is damaged", "put it back"),
    failed(f"{SEARCH} lost-table", None, "lost-table/logos.lance: the index is damaged", "a copy"),
    failed(f"{SEARCH} torn-index", None, "torn-index/index.json: cannot be read", "build the"),
    failed(f"{SEARCH} newer-index", None, "index.json: format 99 is not", "build the index again"),
    failed(f"{SEARCH} strange-index", None, "index.json: dim: Input should be", "build the index"),
    failed(f"{SEARCH} foreign-index", None, "knows no store 'cards'", "update marquery"),
    failed(f"{SEARCH} swapped", None, "swapped/encoder: not the encoder that", "put that one back"),
    failed(
        f"{SEARCH} unprojected --strategy part", None, "projection.npz: cannot be read", "build"
    ),
    failed(f"{SEARCH} idx --words a", None, "idx: was built without words", "build an index with"),
    failed(f"{SEARCH} torn-checksums", None, "checksums.json: the index is damaged", "delete this"),
    failed(
        f"{SEARCH} altered-projection",
        None,
        "projection.npz: the index is damaged there (the file is not as it was written)",
        "put it back from a copy",
    ),
    failed(f"{SEARCH} worded-index --words a", None, "holds no words", "rescan its folder"),
    failed("rerun none.json", None, "none.json: cannot be read (No such file", "name the JSON"),
    failed("rerun large.json", None, "large.json: is too large", "name the JSON report"),
    failed("rerun results.json", None, "results.json: is not the record", "name the JSON report"),
    failed("rerun newer-record.json", None, "has schema version 99", "update marquery"),
    failed("rerun strange-record.json", None, "is a damaged record (hits: ", "take the file as"),
    failed("rerun no-image.json", None, "query.png in the record: is not", "save it as PNG"),
    failed("rerun liked-lost.json", None, "gone.png: the search was led by this", "add it"),
    failed("rerun old-version.json", None, "idx: the version that was searched, 99", "the latest"),
    failed(
        "rerun record.json --index none", None, "none: no index there", "say where the index is"
    ),
    failed(
        "watch idx --new logos --out u --against same --threshold score=.5",
        None,
        "same: 2 of its logos are not in idx",
        "add the folder to the index first",
    ),
    failed(
        "watch idx0 --new logos --out u --threshold score=.5",
        None,
        "no logo of idx0 is there",
        "there is nothing to compare with",
    ),
    failed(
        "watch used-memory --new logos --out u --threshold score=.1",
        None,
        "cannot be used (file is not a database)",
        "move it away",
    ),
    failed("rerun record.json --index idx0 --latest", None, "the search was led by", "add it"),
    failed("index build logos --out \udcff --model model", None, "is not UTF-8", "another place"),
    failed("serve --index reviewed --port 0", None, "reviews cannot be opened", "check the folder"),
    failed("serve --index newer-reviews --port 0", None, "by a newer version", "install that one"),
    failed(
        "serve --index torn-table --port 0", None, "logos.lance: the index is damaged (", "put it"
    ),
]

SET_CASES = [
    failed(f"whiten model {WHITEN} labels-bare", None, "needs the columns path and group", "add"),
    failed(f"whiten model {WHITEN} labels-bytes", None, "labels.csv: cannot be read as", "save it"),
    failed(f"whiten model {WHITEN} labels-twice", None, "names 001.png twice", "keep one line"),
    failed(f"whiten model {WHITEN} labels-lost", None, "no such image in labels-lost", "paths are"),
    failed(f"whiten model {WHITEN} pictures/text", None, "none of its 1 images", "text/a.png: is"),
    failed("calibrate model --data logos", None, "logos has no split named 'val'", "it has: none"),
    failed("calibrate none --data bench", None, "none: no encoder there", "name a folder"),
    failed("calibrate model --data one-brand", None, "calibration needs logos", "give more"),
    failed("evaluate model --data metu-half", None, "for training, and has", "add what is missing"),
    failed("evaluate model --data metu-bytes", None, "cannot be read as text", "save it as UTF-8"),
    failed("evaluate model --data metu-header", None, "the first line has to name", "add them"),
    failed("evaluate model --data metu-ragged", None, "line 2 has 1 columns, the first", "separa"),
    failed("evaluate model --data metu-outside", None, "line 2 names '../x.jpg'", "are relative"),
    failed("evaluate model --data pair --clusters", None, "fewer than two groups", "give more"),
    failed("data fonts o --from none", None, "none: no such folder", "name the folder of fetched"),
    failed("data openlogos o --from none", None, "none: no such folder", "name the folder"),
    failed("data openlogos mine --from tarballs", None, "mine: there is a folder", "name a new"),
    failed("data openlogos query.png --from tarballs", None, "cannot be written", "name another"),
    failed("data openlogos o --from empty", None, "is missing", "npm pack --ignore-scripts"),
    failed("data openlogos o --from tarballs", None, "is not the pinned", "remove it and fetch"),
    failed(
        "reproduce --rows pixels --data bench --table --out torn-sweep",
        None,
        "result.json: cannot be read",
        "delete it to run again",
    ),
    failed(
        "reproduce --rows pixels --data bench --table --out list-sweep",
        None,
        "result.json: is not the result of a run",
        "delete it to run again",
    ),
    failed(
        "reproduce --rows pixels --data bench --table --out bare-sweep",
        None,
        "embeddings.npz: cannot be read",
        "delete the folder to run again",
    ),
    failed(
        "reproduce --rows pixels --data bench --table --out never-swept",
        None,
        "never-swept: no run is finished",
        "run the rows first",
    ),
    failed(
        "train demo --data bench --out torn-run --resume",
        None,
        "checkpoint.pt: damaged checkpoint",
        "remove it to start the run anew",
    ),
]
FILE_CASES = [*PICTURE_CASES, *EMBEDDING_CASES, *ARCHIVE_CASES, *INDEX_CASES, *SET_CASES]
