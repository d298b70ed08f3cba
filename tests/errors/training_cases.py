"""Bad input of the commands that train."""

from ..paper.benchmark import TINY as SETTINGS
from .cases import Case

TRAIN = "train demo --data bench --out t"
TINY = " ".join([TRAIN, *(f"--set {setting}" for setting in SETTINGS)])
PAPER = f"{TRAIN} --set batch.kind=paper"
STEP = f"{TRAIN} --set 'augment.positive=[{{op: "


def two_processes(patch):
    patch.setenv("TORCHELASTIC_RUN_ID", "1")
    patch.setenv("LOCAL_WORLD_SIZE", "2")
    patch.setenv("WORLD_SIZE", "2")


def two_processes_and_one_gpu(patch):
    two_processes(patch)
    patch.setattr("torch.cuda.is_available", lambda: True)
    patch.setattr("torch.cuda.device_count", lambda: 1)


TRAINING_CASES = [
    Case("train no-such-recipe", "RECIPE", "no-such-recipe: no such recipe", "name a YAML file"),
    Case("train wrong.yaml", "RECIPE", "wrong.yaml: steps: 'many' cannot be", "a valid integer"),
    Case("train list.yaml", "RECIPE", "list.yaml: is no mapping", "write KEY: VALUE"),
    Case("train broken.yaml", "RECIPE", "broken.yaml: not YAML", "mend it"),
    Case("train circle.yaml", "RECIPE", "circle.yaml: base: its bases lead back", "leave one of"),
    Case("train two-bases.yaml", "RECIPE", "base is ['demo', 'default']", "name one recipe"),
    Case("train bytes.yaml", "RECIPE", "bytes.yaml: is not text", "name a YAML file"),
    Case("train wrong.yaml --set seed=1", "RECIPE", "wrong.yaml: steps: ", "a valid integer"),
    Case("train demo --set steps", "--set", "'steps' sets nothing", "write key=value"),
    Case("train demo --set steps=[", "--set", "'steps=[': the value is not YAML", "close brackets"),
    Case(f"train demo --set steps={'[' * 900}", "--set", "the value is not YAML", "close brackets"),
    Case("train demo --set steps.a=1", "--set", "steps has no keys below it", "set steps itself"),
    Case("train demo --set optimiser.lr=1", "--set", "unknown key", "did you mean 'optimizer'"),
    Case("train demo --set steps=many", "--set", "steps: 'many' cannot be used", "a valid integer"),
    Case("train demo --set loss.kind=x", "--set", "'x' is no loss", "choose one of smoothap"),
    Case("train demo --set loss.margin=1", "--set", "kind smoothap has no such", "it has unlabel"),
    Case(f"{STEP}swirl}}]'", "--set", "op is 'swirl', which is no step", "use segment, image_"),
    Case(f"{STEP}badge, p: 2}}]'", "--set", "0.p: 2.0 is not a number between", "give a share"),
    Case(f"{STEP}badge, contrast: 300}}]'", "--set", "300.0 is out of range", "give 0 to"),
    Case(
        f"{STEP}lettering, fonts: empty}}]'", None, "is no table of type", "fetch them into", code=1
    ),
    Case(
        f"{STEP}lettering, scripts: [korean]}}]'", "--set", "no typeface is at hand", "or name la"
    ),
    Case(f"{STEP}badge, shapes: []}}]'", "--set", "shapes: () is unknown", "one or more of disc"),
    Case(
        f"{STEP}image_level, scale: [2, 1]}}]'",
        "--set",
        "0.scale: (2.0, 1.0) is out of range",
        "give two shares above 0",
    ),
    Case(
        f"{STEP}segment, color: {{contrast: 300}}}}]'",
        "--set",
        "0.color.contrast: 300 is out of range",
        "give 0 to 127 levels",
    ),
    Case(
        f"{STEP}segment, remove: {{share: [0.5, 3]}}}}]'",
        "--set",
        "0.remove.share: (0.5, 3.0) is out of range",
        "give two numbers between 0 and 1",
    ),
    Case("train demo --data bench --without x", "--without", "no collection 'x'", "it has: c0, c1"),
    Case("train demo --data logos --out t", "--data", "too few groups", "at least some twenty"),
    Case(
        "train demo --data one --out t --set validation.views=2",
        "--data",
        "one: 1 logos are too few",
        "have some thirty",
    ),
    Case("train demo --data bench --out trained", "--out", "already holds", "set --resume to"),
    Case(
        "train demo --data bench --out trained --resume",
        "--out",
        "trained holds a run whose recipe is not the one given now",
        "resume it with the same recipe",
    ),
    Case(f"{TRAIN} --set batch.size=9", "batch.size", "9 is not a multiple", "change one of"),
    Case(
        f"{TRAIN} --set batch.kind=groups --set batch.size=80",
        "batch.size",
        "20 groups a batch, but the training set has 5 groups",
        "use a smaller batch",
    ),
    Case(
        f"{TRAIN} --set batch.kind=views --set batch.size=800",
        "batch.size",
        "200 logos a batch, but the training set has 15",
        "use a smaller batch",
    ),
    Case(
        f"{TRAIN} --set batch.size=8 --set 'batch.neighbours={{cluster: 40, pool: 64}}'",
        "batch.neighbours.cluster",
        "40 classes together in a batch of 2",
        "use 2 up to the latter",
    ),
    Case(
        f"{PAPER} --set batch.size=8 --set batch.per_class=8",
        "batch.per_class",
        "8 positives in a batch of 8",
        "use 2 to size - 1",
    ),
    Case(
        f"{PAPER} --set batch.per_class=90", "batch.per_class", "no group of the training", "fewer"
    ),
    Case(
        f"{PAPER} --set batch.size=90 --set batch.per_class=2",
        "batch.size",
        "90 needs 88 negatives",
        "use a smaller batch",
    ),
    Case(
        f"{TRAIN} --set batch.size=8 --set model.freeze_batchnorm=false",
        "model.freeze_batchnorm",
        "false cannot be shared by 2 processes",
        "freeze it or train in one process",
        given=two_processes,
    ),
    Case(
        f"{TRAIN} --set batch.size=8",
        None,
        "2 processes were started here, and this machine has 1 GPUs",
        "start as many processes",
        given=two_processes_and_one_gpu,
    ),
    Case(
        f"{TINY} --set workers=0 --set optimizer.lr=1e38",
        None,
        "demo: the loss is not finite at step",
        "train anew with a lower optimizer.lr",
        code=1,
    ),
    Case("reproduce --rows ,", "--rows", "names no row", "leave it out for all"),
    Case("reproduce --rows none", "--rows", "none: no such row", "use pixels"),
    Case("reproduce --scale none", "--scale", "none: no such scale", "use full or small"),
    Case("reproduce --rows pixels --data grouped", "--data", "grouped: has no splits", "METU's"),
    Case(
        "reproduce --rows smoothap-none --data bench --set optimizer.lr=-1",
        "--set",
        "optimizer.lr: -1 cannot be used",
        "greater than 0",
    ),
    Case("reproduce --data bench --set batch", "--set", "'batch' sets nothing", "write key=value"),
    Case(
        "reproduce --rows pixels --data bench --table --out sweep",
        "--out",
        "was run with other settings",
        "name another folder",
    ),
    Case(
        "reproduce --rows pixels --data bench --table --out swept",
        "--out",
        "was run on other data",
        "name another folder",
    ),
    Case("demo --set steps=many", "--set", "steps: 'many' cannot be used", "a valid integer"),
]
