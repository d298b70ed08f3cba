"""Bad input of each kind at the command lines: the option in their words, one line, code 2."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from marquery.cli.app import run
from marquery.index import LogoIndex
from marquery.paper.standard_training.command import main

from ..drawings import draw, fill
from ..encoders import tiny_encoder


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A folder to work in: logos, an encoder, an index, two files of vectors, a query."""
    root = tmp_path_factory.mktemp("desk")
    fill(root / "logos", range(6))
    encoder = tiny_encoder()
    encoder.save(root / "model")
    LogoIndex.create(root / "idx", encoder=encoder).add(root / "logos")
    draw(2).save(root / "query.png")
    vectors = pa.array(np.eye(3, 16, dtype=np.float32).tolist(), pa.list_(pa.float32(), 16))
    table = pa.table({"path": ["a", "b", "c"], "group": ["x", "x", "y"], "embedding": vectors})
    pq.write_table(table, root / "v.parquet")
    (root / "reported").mkdir()
    (root / "reported" / "conflicts.csv").write_text("mine")
    (root / "wrong.yaml").write_text("steps: many")
    (root / "list.yaml").write_text("[1, 2]")
    (root / "broken.yaml").write_text("a: [")
    return root


INDEX = "search query.png --index idx"
FOLDER = "search query.png --in logos --model model"
# What is typed, how the line begins after "marquery: ", and what else it says.
WRONG = [
    ("search query.png", "", "it is not said where to search"),
    (f"{FOLDER} --words a", "--words: ", "needs --index"),
    (f"{FOLDER} query.png", "IMAGES: ", "takes one image"),
    (f"{INDEX} --explain x.txt", "--explain: ", "x.txt"),
    (f"{INDEX} query.png --explain x.png", "--explain: ", "one image is compared"),
    (f"{INDEX} --sheet x.txt", "--sheet: ", "x.txt"),
    (f"{FOLDER} --sheet x.txt", "--sheet: ", "x.txt"),
    ("search --index idx --words a --sheet x.png", "--sheet: ", "the image that is looked for"),
    (f"{INDEX} --reference 7", "--reference: ", "--report"),
    (f"{INDEX} --report r.doc", "--report: ", "ending"),
    (f"{INDEX} --part 1,2,3", "--part: ", "four whole numbers"),
    (f"{INDEX} --part 0,0,0,5", "--part: ", ""),
    (f"{INDEX} --part 1,2,3,900", "--part: ", "beyond the image"),
    (f"{INDEX} --part 1,2,8,8 --strategy color", "--part: ", "add it to --strategy"),
    (f"{INDEX} --words a --strategy color", "--words: ", "add it to --strategy"),
    (f"{INDEX} --strategy guess", "--strategy: ", "overall"),
    (f"{INDEX} --strategy overall=-1", "--strategy: ", "weight"),
    (f"{INDEX} --strategy overall=0", "--strategy: ", "no weight is above 0"),
    (f"{INDEX} --strategy overall=much", "--strategy: ", "is no weight"),
    (f"{INDEX} --where color=red", "--where: ", "no column 'color'"),
    (f"{INDEX} --where path", "--where: ", ""),
    (f"{INDEX} --like none.png", "--like: ", "none.png is not in idx"),
    (f"{INDEX} --unlike none.png", "--unlike: ", "none.png is not in idx"),
    (f"{INDEX} --like logos/000.png --strategy color", "--like: ", "use overall alone"),
    (f"{INDEX} --unlike logos/000.png --strategy color", "--unlike: ", "use overall alone"),
    (f"{INDEX} --at 99", "--at: ", "has no version 99"),
    ("search --index idx", "IMAGES: ", "nothing to search for"),
    ("watch idx --new logos --out w --threshold much", "--threshold: ", "much"),
    ("watch idx --new logos --out w --threshold score=2", "--threshold: ", ""),
    ("watch idx --new logos --out reported --threshold score=.5", "--out: ", "holds a report"),
    ("watch idx --new logos --out w --threshold probability=.5", "--threshold: ", "score=S"),
    ("watch idx --new logos --out w --against none --threshold score=.5", "--against: ", "none"),
    ("compare model model --data logos", "TWO: ", "named twice"),
    ("compare model results.json", "TWO: ", "two files or two models"),
    ("compare model other --data logos --picture p.txt", "--picture: ", "p.txt"),
    ("compare model other", "--data: ", "nothing to rank"),
    ("compare model other --picture p.png", "--picture: ", "--data"),
    ("compare model other --method-a x --data logos", "--method-a: ", "file of results"),
    ("evaluate model", "--data: ", "nothing to rank"),
    ("evaluate model --gallery v.parquet --data logos", "--gallery: ", "file of embeddings"),
    ("evaluate v.parquet --data logos --gallery v.parquet", "--gallery: ", "--data"),
    ("evaluate v.parquet --data logos --edits", "--edits: ", "edited logos"),
    ("evaluate v.parquet --clusters", "--data: ", ""),
    ("evaluate model --data logos --protocol upstream --ties best", "--ties: ", ""),
    ("evaluate model --data logos --queries-from none", "--queries-from: ", "none"),
    ("augment query.png --op guess", "--op: ", "guess"),
    ("train no-such-recipe", "RECIPE: ", "no-such-recipe"),
    ("train wrong.yaml", "RECIPE: ", "wrong.yaml: steps: "),
    ("train list.yaml", "RECIPE: ", "list.yaml"),
    ("train broken.yaml", "RECIPE: ", "broken.yaml"),
    ("train demo --set steps", "--set: ", "steps"),
    ("train demo --set steps=[", "--set: ", "steps"),
    ("train demo --set optimiser.lr=1", "--set: ", "did you mean 'optimizer'"),
    ("train demo --set steps=many", "--set: ", "steps: "),
    ("train wrong.yaml --set seed=1", "RECIPE: ", "wrong.yaml: steps: "),
    ("train demo --data logos --out t", "--data: ", "too few groups"),
    ("reproduce --rows ,", "--rows: ", "names no row"),
    ("reproduce --rows none", "--rows: ", "none"),
    ("reproduce --scale none", "--scale: ", "none"),
    ("calibrate model --data logos --diagram d.doc", "--diagram: ", "d.doc"),
    ("serve --index idx --token short", "--token: ", ""),
    ("serve --index idx --host 0.0.0.0", "--host: ", "--token"),
]


@pytest.mark.parametrize(("typed", "begins", "says"), WRONG, ids=[w[0] for w in WRONG])
def test_the_command_line_names_its_option(capsys, monkeypatch, desk, typed, begins, says):
    monkeypatch.chdir(desk)
    code = run(typed.split())
    printed = capsys.readouterr()
    lines = [line for line in printed.err.splitlines() if line.startswith("marquery: ")]
    assert code == 2, printed.err
    assert len(lines) == 1, printed.err
    assert "Traceback" not in printed.err
    assert lines[0].startswith(f"marquery: {begins}"), lines[0]
    assert says in lines[0]


PAPER = [
    ("--opt sgd", "--opt: ", "use adam"),
    ("--embed_init kaiming_normal", "--embed_init: ", "has no effect"),
    ("--grad_measure", "--grad_measure: ", "leave the flag out"),
    ("--dist_measure", "--dist_measure: ", "leave the flag out"),
    ("--init_pth x", "--init_pth: ", "add --eval_only"),
    ("--init_pth x --eval_only", "--init_pth: ", "x is not a folder"),
    ("--n_epochs 0", "--n_epochs: ", "0 is less than 1"),
    ("--steps_per_epoch 0", "--steps_per_epoch: ", "0 is less than 1"),
    ("--k_vals 0", "--k_vals: ", "0 is less than 1"),
    ("--tau 0", "--tau: ", "0 is less than 1"),
    ("--lr -1", "--lr: ", "-1"),
    ("--sigmoid_temperature 0", "--sigmoid_temperature: ", "0"),
    ("--loss tripletloss --margin=-1", "--margin: ", "-1"),
]


@pytest.mark.parametrize(("typed", "begins", "says"), PAPER, ids=[w[0] for w in PAPER])
def test_the_papers_command_names_its_flag(capsys, monkeypatch, desk, typed, begins, says):
    monkeypatch.chdir(desk)
    assert main(typed.split()) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    assert begins in lines[0], lines[0]
    assert says in lines[0]
