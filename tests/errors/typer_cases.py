"""What Typer refuses of the command line before a command runs."""

from .cases import Case

TYPER_CASES = [
    Case("evaluate model --ties last", "--ties", "'last' cannot be used", "best, mean, worst"),
    Case("evaluate model --ties best --protocol x", "--protocol", "'x' cannot", "one of standard"),
    Case("evaluate model --distractors none", "--distractors", "'none' cannot", "a valid integer"),
    Case("evaluate model --distractors=-1", "--distractors", "'-1' cannot be used", "equal to 0"),
    Case("embed logos --out o.parquet --precision int8", "--precision", "'int8'", "float32, bfl"),
    Case("embed logos --out o.parquet --engine x", "--engine", "'x' cannot", "openvino, onnx"),
    Case("embed logos --out", "--out", "requires an argument", "see marquery --help"),
    Case("embed logos --outt o.parquet", "--outt", "no such option", "--out"),
    Case("search query.png --index idx --topk 3", "--topk", "no such option", "use -k"),
    Case("search query.png --in logos --limit 3", "--limit", "no such option", "use -k"),
    Case("embed logos --output o.parquet", "--output", "no such option", "use --out"),
    Case("embed logos", "--out", "is missing", "give it"),
    Case("segment query.png --mode blue", "--mode", "'blue' cannot be used", "color, foreground"),
    Case("segment query.png --group all", "--group", "'all' cannot", "none, glyphs, proximity"),
    Case("augment query.png --draws 0", "--draws", "'0' cannot be used", "equal to 1"),
    Case("search query.png --index idx -k 0", "-k", "'0' cannot be used", "equal to 1"),
    Case("search query.png --index idx --at one", "--at", "'one' cannot be used", "integer"),
    Case("whiten model --data one --out w --power 2", "--power", "'2' cannot", "equal to 0.5"),
    Case("data openlogos o --size 20", "--size", "'20' cannot be used", "equal to 32"),
    Case("serve --index idx --port 99999", "--port", "'99999' cannot be used", "equal to 65535"),
    Case("compare a.json", "TWO", "is missing", "give it"),
    Case("index build --out x", "FOLDER", "is missing", "give it"),
    Case("train demo extra", None, "unexpected extra argument", "see marquery train --help"),
    Case("index frob", None, "No such command 'frob'", "see marquery index --help"),
    Case("frobnicate", None, "No such command 'frobnicate'", "see marquery --help"),
]
