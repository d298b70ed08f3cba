"""``marquery serve``: the examiner's page and its JSON API."""

import socket
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from marquery.allocator import keep_little_memory
from marquery.cli.search_options import WordsFrom
from marquery.cli.store import Store, index_place
from marquery.console import say
from marquery.errors import MarqueryError, NotBuiltError, UsageError
from marquery.extras import need

if TYPE_CHECKING:
    from types import FrameType

    from marquery.index import LogoIndex
    from marquery.index.browsing.code_names import CodeNames
    from marquery.web.examiner.upload_cleaner import Retention
    from marquery.web.security import Access

_SHORTEST_TOKEN = 12
_LONGEST_REASON = 200


def serve(
    index: Annotated[
        str | None,
        typer.Option(
            "--index",
            metavar="PATH",
            help="Index to search, made by: marquery index build.",
            show_default=False,
        ),
    ] = None,
    store: Store = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one.")
    ] = 8000,
    token: Annotated[
        str | None,
        typer.Option(
            "--token",
            envvar="MARQUERY_TOKEN",
            help="What everyone has to show; needed where other machines can ask.",
            show_default=False,
        ),
    ] = None,
    words_from: WordsFrom = None,
    vienna_names: Annotated[
        Path | None,
        typer.Option(
            "--vienna-names",
            metavar="FILE.csv",
            help="Names of the Vienna codes in the metadata: a CSV file with the columns code and "
            "name.",
            show_default=False,
        ),
    ] = None,
    uploads_days: Annotated[
        int,
        typer.Option(
            "--uploads-days",
            min=1,
            help="Days that uploads stay which no decision and no saved search refers to.",
        ),
    ] = 30,
    uploads_mib: Annotated[
        int,
        typer.Option(
            "--uploads-mib",
            min=1,
            help="MiB of uploads beyond which the oldest of them go earlier.",
        ),
    ] = 1024,
) -> None:
    """Serve a page to search, compare, decide and report on, and the same as a JSON API."""
    from marquery.web.addresses import is_loopback

    if token is not None and len(token) < _SHORTEST_TOKEN:
        raise UsageError(
            "token", f"has {len(token)} characters", f"give at least {_SHORTEST_TOKEN}"
        )
    if not is_loopback(host) and token is None:
        raise UsageError(
            "host",
            f"other machines can ask at {host}",
            lambda name: (
                f"{name('token')} is needed, or leave {name('host')} out "
                "to serve this machine alone"
            ),
        )
    place = index_place(index, store)
    if isinstance(place, Path) and not (place / "index.json").is_file():
        raise NotBuiltError("index", place, f"{place}: no index there; build one")
    need("the page", "fastapi", "uvicorn", "jinja2", "python_multipart")
    figures = None
    if vienna_names is not None:
        from marquery.index.browsing.code_names import read_code_names

        figures = read_code_names(vienna_names)
    with _listen(host, port) as listener:
        from marquery.web.examiner.upload_cleaner import Retention
        from marquery.web.security import Access

        retention = Retention(uploads_days, uploads_mib)
        _run(place, Access(host, token), retention, listener, figures, words_from)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise UsageError(
            "port",
            f"cannot listen at port {port} of {host} ({error.strerror or error})",
            lambda name: f"choose another, or another {name('host')}",
        ) from error


def _run(
    index: Path | str,
    access: "Access",
    retention: "Retention",
    listener: socket.socket,
    figures: "CodeNames | None",
    words_from: str | None,
) -> None:
    import threading

    import uvicorn

    from marquery.index import LogoIndex
    from marquery.index.browsing.code_kinds import holds_figures
    from marquery.index.browsing.listing import column_types
    from marquery.svg import stop_drawing
    from marquery.web import limits
    from marquery.web.app import create_app
    from marquery.web.connections import PatientProtocol
    from marquery.web.logs import LOG_CONFIG

    keep_little_memory()
    opened = LogoIndex.open(index, words_from=words_from)
    count = _readable(opened)
    if figures is not None and not any(map(holds_figures, column_types(opened))):
        say("no column of the index is called vienna: the names are of no use there")
    app = create_app(opened, access, retention=retention, figures=figures)
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        log_config=LOG_CONFIG,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=limits.STOP_SECONDS,
        limit_concurrency=limits.CONNECTIONS,
    )

    class Server(uvicorn.Server):
        """A server whose end does not wait for drawings that take long."""

        def handle_exit(self, sig: int, frame: "FrameType | None") -> None:
            super().handle_exit(sig, frame)
            timer = threading.Timer(limits.STOP_DRAWING_SECONDS, stop_drawing)
            timer.daemon = True
            timer.start()

    server = Server(config)
    failed: list[Exception] = []

    # The first search would wait for engines to be built; whoever comes first waits no longer so.
    def warm_up() -> None:
        try:
            app.state.service.warm_up()
        except Exception as error:  # whatever a damaged index does, it ends in a sentence
            failed.append(error)
            server.should_exit = True

    warming = threading.Thread(target=warm_up)
    warming.start()
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    say(f"marquery serves {index} ({count:,} logos) at http://{shown}:{port}/ (Ctrl+C ends it)")
    with suppress(KeyboardInterrupt):  # how it is meant to end, once open requests are answered
        server.run(sockets=[listener])
    warming.join()  # its pools of threads must not find the program at its end
    if failed:
        raise _unusable(index, failed[0]) from failed[0]


def _readable(index: "LogoIndex") -> int:
    """Load what every search needs, before anybody is told an address; gives the number of logos.

    Raises:
        MarqueryError: the encoder is missing or another one, or the table is damaged.
    """
    try:
        _ = index.encoder
        return len(index)
    except (OSError, RuntimeError, ValueError) as error:
        raise _unusable(index.path, error) from error


def _unusable(index: Path | str, error: Exception) -> MarqueryError:
    if isinstance(error, MarqueryError):
        return error
    said = " ".join(str(error).split())[:_LONGEST_REASON]
    return MarqueryError(
        f"{index}: the index is damaged ({type(error).__name__}: {said}); "
        "build it again in a new folder"
    )
