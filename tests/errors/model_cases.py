"""Bad input of the commands that evaluate, write and show."""

from .cases import Case


def no_bfloat16(patch):
    patch.setattr("marquery.encoder.engines.bfloat16_by_hardware", lambda: False)


BENCH = "evaluate model --data bench"
MODEL_CASES = [
    Case("compare model model --data logos", "TWO", "model is named twice", "name two models"),
    Case("compare model results.json", "TWO", "the other a model", "give two files or two models"),
    Case("compare model model2", "--data", "nothing to rank", "name the folder"),
    Case("compare model model2 --picture p.png", "--picture", "of a data set", "with --data"),
    Case(
        "compare model model2 --data logos --picture p.txt", "--picture", "p.txt: '.txt' is", ".png"
    ),
    Case(
        "compare model model2 --method-a x --data logos", "--method-a", "file of results", "leave"
    ),
    Case(
        "compare model model2 --method-b x --data logos", "--method-b", "file of results", "leave"
    ),
    Case(
        "compare results.json results.json --method-a his",
        "--method-a",
        "results.json has no method 'his'",
        "it has: mine",
    ),
    Case(
        "compare results.json results.json --method-b his",
        "--method-b",
        "results.json has no method 'his'",
        "it has: mine",
    ),
    Case("compare results.json metu.json", "TWO", "differ in protocol", "evaluate both alike"),
    Case(
        "compare results.json others.json",
        "TWO",
        "are not of the same queries",
        "evaluate both on the same data",
    ),
    Case(
        "compare results.json results.json --out d.txt",
        "--out",
        "d.txt does not end in .json",
        "name a file that ends in .json",
    ),
    Case("compare run1 run3 --data grouped", "--data", "was learned from", "neither has seen"),
    Case("evaluate model", "--data", "there is nothing to rank", "name the folder"),
    Case(
        "evaluate model --gallery v.parquet --data logos",
        "--gallery",
        "goes with a file of embeddings, and model is a model",
        "leave it out",
    ),
    Case(
        "evaluate v.parquet --data logos --gallery v.parquet",
        "--gallery",
        "the data set says what is ranked",
        "leave out --data or --gallery",
    ),
    Case("evaluate v.parquet --edits", "--edits", "embedded by a model", "name one"),
    Case("evaluate v.parquet --clusters", "--data", "clusters are of a data set", "its folder"),
    Case("evaluate v.parquet --out r.txt", "--out", "r.txt does not end in", "ends in .json"),
    Case("evaluate v.parquet --curve c.txt", "--curve", "c.txt: '.txt' is no picture", "use .png"),
    Case("evaluate nan.parquet", "MODEL", "row 0 holds NaN", "embed it again"),
    Case("evaluate words.npy", "MODEL", "the shape is (2, 1) and the type", "give numbers of"),
    Case("evaluate bare.npy", "MODEL", "the shape (2, 0) has no columns", "give numbers of"),
    Case(
        "evaluate v.parquet --gallery nan.parquet", "--gallery", "row 0 holds NaN", "embed it again"
    ),
    Case(
        "evaluate v.parquet --gallery short.parquet",
        "--gallery",
        "have 8 dimensions, the query embeddings 16",
        "embed both with the same model",
    ),
    Case(f"{BENCH} --protocol upstream --ties best", "--ties", "ranks ties as sorted", "leave it"),
    Case(f"{BENCH} --protocol upstream --strata", "--strata", "not defined by strata", "leave it"),
    Case(f"{BENCH} --protocol upstream --alike", "--alike", "not defined by pairs", "leave it out"),
    Case(f"{BENCH} --edits --protocol metu", "--protocol", "metu: edits are ranked by", "leave it"),
    Case(
        f"{BENCH} --edits --queries-from c0",
        "--edits",
        "does not go with queries from",
        "leave --queries-from out",
    ),
    Case(
        f"{BENCH} --edits --split val",
        None,
        "edits.parquet: does not fit the split 'val' of bench",
        "build the edited queries anew: marquery data openlogos bench --edits",
        code=1,
    ),
    Case(
        "evaluate model --data unedited --edits",
        None,
        "unedited/edits.parquet: not there",
        "build the benchmark's edited queries: marquery data openlogos unedited --edits",
        code=1,
    ),
    Case(f"{BENCH} --alike", "--alike", "bench lacks logos", "the split test of the built"),
    Case(f"{BENCH} --ideas", "--ideas", "bench lacks logos", "split test of openlogos' edition 1"),
    Case(
        f"{BENCH} --ideas --protocol metu", "--protocol", "metu: ideas are ranked", "leave it out"
    ),
    Case(f"{BENCH} --distractors 900", "--distractors", "900: bench has 30 logos", "0 to 30"),
    Case(f"{BENCH} --queries-from x", "--queries-from", "no collection 'x'", "it has: c0, c1"),
    Case("evaluate model --data none", None, "none: no such folder", "did you mean one?", code=1),
    Case("evaluate model --data empty", None, "empty holds no images", "name a folder", code=1),
    Case(
        "evaluate model --data unfinished",
        None,
        "the build in unfinished was not finished",
        "continue it: marquery data openlogos unfinished",
        code=1,
    ),
    Case(
        "evaluate model --data bench --edition 2",
        "--edition",
        "bench has edition 1 alone",
        "build the later edition",
    ),
    Case("evaluate model --data narrow", None, "lacks columns", "data openlogos narrow", code=1),
    Case("evaluate model --data torn", None, "cannot be read", "openlogos torn", code=1),
    Case("average model model2 --out w", "MODELS", "have no mean", "name encoders of one backbone"),
    Case("average model --out query.png", "--out", "query.png is a file", "name a folder"),
    Case("average model --out full", "--out", "full holds other files", "name a new folder"),
    Case("whiten model --data logos --out query.png", "--out", "is a file", "name a folder"),
    Case("whiten model --data logos --out full", "--out", "holds other files", "a new folder"),
    Case(
        "whiten model --data one --out w",
        "--data",
        "of fewer than two images",
        "two images or more",
    ),
    Case(
        "whiten model --data same --out w", "--data", "the images do not vary", "images that differ"
    ),
    Case("whiten headless --data logos --out w", "MODEL", "a linear head", "with a length (dim)"),
    Case("export model --out logos", "--out", "logos is a folder", "name a file"),
    Case("export model --out m.txt", "--out", "m.txt does not end in", "ends in .onnx"),
    Case("embed logos --out logos", "--out", "logos is a folder", "name a file"),
    Case("embed logos --out o.txt", "--out", "o.txt does not end in", "ends in .parquet"),
    Case(
        "embed logos --model model --out o.parquet --engine onnxruntime --precision bfloat16",
        "--precision",
        "'bfloat16' is not supported by onnxruntime",
        "take openvino, or float32",
    ),
    Case(
        "embed logos --model model --out o.parquet --engine openvino --precision bfloat16",
        "--precision",
        "'bfloat16' is not supported by this CPU",
        "take float32",
        given=no_bfloat16,
    ),
    Case("calibrate model --data bench --diagram d.doc", "--diagram", "d.doc is no PNG", ".png"),
    Case(
        "segment query.png --out x.txt", "--out", "x.txt: '.txt' is no picture format", "use .png"
    ),
    Case("augment query.png --op badge --out x.txt", "--out", "x.txt: '.txt' is no", "use .png"),
    Case("augment query.png --op guess", "--op", "'guess' is no operation", "name one of color"),
    Case("augment query.png --op swap", "--op", "parts from other logos", "or --donor"),
]
