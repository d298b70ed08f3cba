"""The command's frame: sub-commands, exit codes, and errors as one sentence.

Heavy imports stand inside the commands, so that ``--help`` and wrong options answer at once.
"""

import sys
import traceback
import warnings
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from marquery._version import __version__
from marquery.allocator import keep_freed_memory
from marquery.cli import (
    augment,
    average,
    calibrate,
    compare,
    data,
    demo,
    embed,
    evaluate,
    export,
    index,
    reproduce,
    rerun,
    search,
    segment,
    serve,
    train,
    watch,
    whiten,
)
from marquery.cli.leaving import run_and_leave
from marquery.cli.naming import option_naming
from marquery.cli.refusals import TyperRefusal, as_usage_error, is_help
from marquery.console import complain, complain_at_length, tell
from marquery.errors import Buildable, MarqueryError, NotBuiltError, UsageError
from marquery.extras import WITHOUT, extra_of, install_command
from marquery.optional import leave_out_optional

#: The commands that build what is missing.
_BUILT_BY: dict[Buildable, str] = {
    "openlogos": "marquery data openlogos {}",
    "edits": "marquery data openlogos {} --edits",
    "conditions": "marquery data openlogos {} --conditions",
    "index": "marquery index build FOLDER --out {}",
}
app = typer.Typer(
    name="marquery",
    help="Find logos that look alike: build data, train, evaluate, search.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        tell(f"marquery {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    # run() takes it out of the arguments; here it is for the help.
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Find logos that look alike: build data, train, evaluate, search."""


app.command("demo", short_help="Build data, train, measure, search; ends in a report.")(demo.demo)
app.add_typer(data.app, name="data")
app.command("segment", short_help="Draw the segments of logos.")(segment.segment)
app.command("augment", short_help="Draw what operations make of logos.")(augment.augment)
app.command("train", short_help="Train an encoder by a recipe.")(train.train)
app.command("average", short_help="Average the weights of encoders.")(average.average)
app.command("whiten", short_help="Whiten the head of an encoder.")(whiten.whiten)
app.command("evaluate", short_help="Print NAR, mAP and recall of an encoder.")(evaluate.evaluate)
app.command("compare", short_help="Print whether one model is better than another.")(
    compare.compare
)
app.command("reproduce", short_help="Train and measure the rows of the paper's table.")(
    reproduce.reproduce
)
app.command("embed", short_help="Write the embeddings of images to a table.")(embed.embed)
app.command("export", short_help="Write an encoder as ONNX.")(export.export)
app.command("calibrate", short_help="Fit what a similarity means as a probability.")(
    calibrate.calibrate
)
app.add_typer(index.app, name="index")
app.command("search", short_help="Print the logos that look most like one.")(search.search)
app.command("watch", short_help="Report new logos that come too close to marks.")(watch.watch)
app.command("rerun", short_help="Repeat a search from its record.")(rerun.rerun)
app.command("serve", short_help="Serve the page in a browser, and its JSON API.")(serve.serve)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command and leave with 0 (done), 1 (the job failed) or 2 (wrong use)."""
    leave_out_optional()
    run_and_leave(lambda: run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    # Accepted anywhere, since it is added at the end of a line that has just failed.
    debug = "--debug" in arguments
    arguments = [a for a in arguments if a != "--debug"]
    keep_freed_memory()
    warnings.showwarning = _warn
    try:
        # Not standalone: what Typer refuses is told as everything else is.
        code = app(args=arguments, prog_name="marquery", standalone_mode=False)
    except TyperRefusal as refusal:
        if is_help(refusal):
            complain_at_length(refusal)
            return 2
        sentence = as_usage_error(refusal).sentence(option_naming(app, arguments))
        return _fail(sentence, 2, debug)
    except typer.Abort:  # at a prompt, of which there are none, or by the end of the input
        return _fail("given up", 1, debug)
    except SystemExit as end:  # a closed pipe
        return end.code if isinstance(end.code, int) else 1
    except UsageError as error:
        return _fail(error.sentence(option_naming(app, arguments)), 2, debug)
    except NotBuiltError as error:
        return _fail(f"{error}: {_BUILT_BY[error.thing].format(error.place)}", 1, debug)
    except MarqueryError as error:
        return _fail(str(error), 1, debug)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("marquery"):
            raise
        works = WITHOUT.get(extra_of(error.name))
        also = f" ({works} without it)" if works else ""
        wanted = install_command(error.name)
        return _fail(f"{error.name} is not installed; run: {wanted}{also}", 1, debug)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _fail(f"{where}{error.strerror or error}", 1, debug)
    return code if isinstance(code, int) else 0


def _fail(message: str, code: int, debug: bool) -> int:
    if debug:
        complain_at_length(traceback.format_exc().rstrip())
    complain(f"marquery: {message}")
    return code


def _warn(
    message: Warning | str, category: object = None, filename: str = "", *_: object, **__: object
) -> None:
    # What Pillow notes of a file says neither which one it is nor what to do.
    if Path(filename).parent.name != "PIL":
        complain(f"marquery: warning: {message}")
