"""``marquery serve``: the examiner's page and its JSON API."""

import socket
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from marquery.cli.options import say
from marquery.errors import MarqueryError, UsageError

if TYPE_CHECKING:
    from marquery.web.security import Access

_SHORTEST_TOKEN = 12


def serve(
    index: Annotated[
        Path, typer.Option("--index", help="Index to search, made by: marquery index build.")
    ],
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
) -> None:
    """Serve a page to search, compare, decide and report on, and the same as a JSON API."""
    from marquery.web.addresses import is_loopback

    if token is not None and len(token) < _SHORTEST_TOKEN:
        raise UsageError(f"--token: give at least {_SHORTEST_TOKEN} characters")
    if not is_loopback(host) and token is None:
        raise UsageError(
            f"--host {host}: other machines can ask there, so --token is needed "
            "(or leave --host out to serve this machine alone)"
        )
    if not (index / "index.json").is_file():
        raise MarqueryError(
            f"{index}: no index there; build one: marquery index build FOLDER --out {index} --model M"
        )
    for name in ("fastapi", "uvicorn", "jinja2", "python_multipart"):
        if find_spec(name) is None:
            raise MarqueryError("serve needs the extra: pip install 'marquery[serve]'")
    with _listen(host, port) as listener:
        from marquery.web.security import Access

        _run(index, Access(host, token), listener)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise UsageError(
            f"--host {host} --port {port}: cannot listen there ({error.strerror or error}); "
            "choose another"
        ) from error


def _run(index: Path, access: "Access", listener: socket.socket) -> None:
    import threading

    import uvicorn

    from marquery.index import LogoIndex
    from marquery.web.app import create_app

    app = create_app(LogoIndex.open(index), access)
    # The first search would wait for engines to be built; whoever comes first waits no longer so.
    warming = threading.Thread(target=app.state.service.warm_up)
    warming.start()
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    say(f"marquery serves {index} at http://{shown}:{port}/ (Ctrl+C ends it)")
    config = uvicorn.Config(app, log_level="warning", server_header=False, timeout_keep_alive=30)
    with suppress(KeyboardInterrupt):  # how it is meant to end, once open requests are answered
        uvicorn.Server(config).run(sockets=[listener])
    warming.join()  # its pools of threads must not find the program at its end
