"""Bad input of the commands that keep and search an index."""

import sys

import typst

from .cases import Case

INDEX = "search query.png --index idx"
FOLDER = "search query.png --in logos --model model"
META = "index add idx logos --meta meta.csv --types"
DATES = "search query.png --index marked --where"
WATCH = "watch idx --new logos --out w"
PNG = "use .png"
CSV = "a name that ends in .pdf, .html, .json or .csv"


def no_typst(patch):
    patch.setattr("marquery.searchreport.pdf.find_spec", lambda name: None)


def no_jinja(patch):
    patch.setitem(sys.modules, "jinja2", None)


def small_pictures(patch):
    patch.setattr("marquery.rasters.WORKING_PIXELS", 1000)


class _Broken:
    """Typst, which cannot set this report."""

    def __init__(self, **_):
        pass

    def compile(self, source, *out, **_):
        if out:
            error = typst.TypstError("page 1")
            error.message = "page 1"
            raise error


def no_pages(patch):
    patch.setattr("typst.Compiler", _Broken)


SEARCH_CASES = [
    Case("search query.png", None, "it is not said where to search", "give either --in FOLDER"),
    Case(f"{FOLDER} --words a", "--words", "needs --index", "marquery index build"),
    Case(f"{FOLDER} query.png", "IMAGES", "takes one image, and 2 are given", "give one"),
    Case(f"{FOLDER} --sheet x.txt", "--sheet", "x.txt: '.txt' is no picture format", PNG),
    Case(f"{INDEX} --explain x.txt", "--explain", "x.txt: '.txt' is no picture format", PNG),
    Case(f"{INDEX} --sheet x.txt", "--sheet", "x.txt: '.txt' is no picture format", PNG),
    Case(f"{INDEX} query.png --explain x.png", "--explain", "one image is compared", "give one"),
    Case(
        "search --index idx --words a --sheet x.png",
        "--sheet",
        "shows the image that is looked for",
        "give one",
    ),
    Case(f"{INDEX} --reference 7", "--reference", "stands in the report", "--report"),
    Case(f"{INDEX} --examiner me", "--examiner", "stands in the report", "--report"),
    Case(f"{INDEX} --report r.doc", "--report", "r.doc has no ending of a report", CSV),
    Case(
        f"{INDEX} --report r.pdf",
        "--report",
        "a PDF needs Typst",
        "pip install 'marquery[report]'",
        given=no_typst,
    ),
    Case(
        f"{INDEX} --report r.html",
        None,
        "Jinja is not installed",
        "pip install 'marquery[report]'",
        given=no_jinja,
    ),
    Case(
        f"{INDEX} --report page.pdf",
        None,
        "the report cannot be set as PDF (page 1)",
        "write it as HTML",
        code=1,
        given=no_pages,
    ),
    Case(f"{INDEX} --part 1,2,3", "--part", "'1,2,3' is not a rectangle", "four whole numbers"),
    Case(f"{INDEX} --part 0,0,0,5", "--part", "0,0,0,5 is no rectangle", "w and h from 1"),
    Case(f"{INDEX} --part 1,2,3,900", "--part", "beyond the image of 64 x 48", "within it"),
    Case(
        f"{INDEX} --part 1,2,8,8",
        "--part",
        "query.png is so large that it is read at 1/2 of its size",
        "make a smaller copy",
        given=small_pictures,
    ),
    Case(f"{INDEX} query.png --part 1,2,8,8", "--part", "and 2 are given", "give one image"),
    Case(
        f"{INDEX} --part 1,2,8,8 --strategy color", "--part", "needs the strategy", "to --strategy"
    ),
    Case(f"{INDEX} --words a --strategy color", "--words", "needs the strategy", "to --strategy"),
    Case(f"{INDEX} --strategy guess", "--strategy", "'guess' is none of", "choose from auto"),
    Case(f"{INDEX} --strategy overall=-1", "--strategy", "the weight of overall is -1", "from 0"),
    Case(f"{INDEX} --strategy overall=0", "--strategy", "no weight is above 0", "a weight above"),
    Case(f"{INDEX} --strategy overall=much", "--strategy", "'much' in", "give numbers from 0"),
    Case(
        "search query.png --index older --strategy color",
        "--strategy",
        "older holds nothing that color could compare",
        "choose another strategy",
    ),
    Case(f"{INDEX} --where color=red", "--where", "there is no column 'color'", "there are path"),
    Case(f"{INDEX} --where path", "--where", "'path': ends where", "like this: nice"),
    Case(f"{INDEX} --like none.png", "--like", "none.png is not in idx", "a logo of the index"),
    Case(f"{INDEX} --unlike none.png", "--unlike", "none.png is not in idx", "a logo of the index"),
    Case(
        f"{INDEX} --like logos/000.png --strategy color",
        "--like",
        "does not go with the strategy color",
        "use overall alone",
    ),
    Case(
        f"{INDEX} --unlike logos/000.png --strategy color",
        "--unlike",
        "does not go with the strategy color",
        "use overall alone",
    ),
    Case(f"{INDEX} --at 99", "--at", "idx has no version 99", "it is at"),
    Case("search query.png --index idx0 --at 2", "--at", "it has no version 2", "leave it out"),
    Case(f"{INDEX} --model model2", "--model", "model2 is not the encoder", "use that one"),
    Case(
        "search --index idx", "IMAGES", "nothing to search for", "stored logos (--like), or --words"
    ),
    Case(
        "search query.png --index none",
        None,
        "none: no index there",
        "name its folder, or build one: marquery index build FOLDER --out none",
        code=1,
    ),
    Case("index status none", None, "none: no index there", "marquery index build", code=1),
    Case(
        "index build logos --out idx --model model2", "--model", "is not the encoder", "new index"
    ),
    Case(
        "index add idx logos --types nice=text",
        "--types",
        "there is no metadata that they are of",
        "give the file, too",
    ),
    Case(
        "search query.png --index marked --words-from zebra",
        "--words-from",
        "there is no column 'zebra'",
        "there are nice, filed",
    ),
    Case(
        "index build logos --out named --words-from nice",
        "--words-from",
        "there is no metadata that it is of",
        "give the file, too, with --meta",
    ),
    Case(
        "index build logos --out idx --words-from nice",
        "--words-from",
        "idx was made without",
        "give it to the search",
    ),
    Case(f"{META} nice", "--types", "'nice' names no type", "write COLUMN=TYPE"),
    Case(f"{META} nice=day", "--types", "'day' is no type", "choose from text, integer"),
    Case(f"{INDEX} --turned --part 1,2,8,8", "--turned", "a part is given", "an image alone"),
    Case(f"{META} paint=text", "--types", "meta.csv has no column paint", "it has nice"),
    Case(f"{DATES} 'filed = soon'", "--where", "'soon' is no date, and filed holds dates", "2024-"),
    Case(f"{DATES} 'filed > 01/02/2020'", "--where", "can be 2020-02-01 or 2020-01-02", "the one"),
    Case(f"{DATES} 'filed ~ 2020'", "--where", "filed is a date", "use = < > or between"),
    Case(
        "index add marked logos --meta meta.csv --types nice=text",
        "--types",
        "nice cannot be text, since it is integer in the index",
        "leave its type out",
    ),
    Case("rerun none.json --report x.doc", "--report", "x.doc has no ending of a report", CSV),
    Case(f"{WATCH} --queue ''", "--queue", "is empty", "give the queue a name"),
    Case(f"{WATCH} --threshold much", "--threshold", "'much' is no threshold", "from 0 to 1"),
    Case(f"{WATCH} --threshold score=2", "--threshold", "'score=2' is no threshold", "score=S"),
    Case(f"{WATCH} --threshold probability=.5", "--threshold", "is not calibrated", "score=S"),
    Case(f"{WATCH} --strategy color", "--threshold", "belongs to the strategy auto or", "score=S"),
    Case(
        f"{WATCH} --strategy guess --threshold score=.5",
        "--strategy",
        "'guess' is none of the strategies",
        "choose from auto",
    ),
    Case(
        "watch idx --new logos --out reported --threshold score=.5",
        "--out",
        "reported holds a report already",
        "name another folder",
    ),
    Case(
        "watch idx --new logos --out full --threshold score=.5",
        "--out",
        "full holds other files",
        "name a new folder",
    ),
    Case(
        "watch idx --new logos --out query.png --threshold score=.5",
        "--out",
        "query.png is a file",
        "name a folder",
    ),
    Case(
        f"{WATCH} --against none --threshold score=.5",
        "--against",
        "none is no folder, and as a filter on idx cannot be read",
        "name a folder of the index, or write a filter such as",
    ),
    Case(
        f'{WATCH} --against "a\'b\\"c" --threshold score=.5',
        "--against",
        "has both kinds of quotes in its name",
        "rename the folder",
    ),
    Case("serve --index idx --token short", "--token", "has 5 characters", "at least 12"),
    Case("serve --index idx --host 0.0.0.0", "--host", "other machines can ask", "--token is"),
    Case(
        "serve --index idx --host 192.0.2.1 --token 0123456789ab",
        "--port",
        "cannot listen at port 8000 of 192.0.2.1",
        "choose another, or another --host",
    ),
    Case("serve --index none", None, "none: no index there", "marquery index build", code=1),
    Case("index status idx --store s3://b/p", "--store", "at idx already", "give one of both"),
    Case("index status --store none", "--store", "none is no address of a store", "s3://BUCKET"),
    Case("index status", "INDEX", "is missing", "give it, or --store"),
    Case("index add idx", "FOLDER", "is missing", "give it"),
    Case("index remove idx", "PATHS", "is missing", "give it"),
    Case("index add idx logos --on dask", "--on", "dask is no cluster", "give ray, ray:auto"),
    Case("index status --store s3://b", "--store", "is no address in object storage", "s3://B"),
    Case("index status --store milvus://b", "--store", "is no address of Milvus", "milvus-lite:"),
]
