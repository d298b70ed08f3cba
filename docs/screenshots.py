"""Take the README's pictures of `marquery serve` from the running program: an index -> docs/images/serve-*.png.

    python docs/screenshots.py IDX QUERY.png

Needs Debian's chromium and the dev extra. Reviews go to a scratch folder.
"""

import shutil
import socket
import sys
import tempfile
import threading
from pathlib import Path

import uvicorn
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from marquery.index import LogoIndex
from marquery.web.app import create_app
from marquery.web.security import Access

TARGET = Path("docs/images")
WIDE = {"width": 1280, "height": 860}
NARROW = {"width": 390, "height": 844}


def main(place: str, query: str) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("chromium is missing; run: apt-get install chromium")
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, socket.create_server(("127.0.0.1", 0)) as port:
        app = create_app(LogoIndex.open(place), Access("127.0.0.1"), Path(scratch))
        app.state.service.warm_up()
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [port]})
        thread.start()
        address = f"http://127.0.0.1:{port.getsockname()[1]}"
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=chromium, args=["--no-sandbox"]
                )
                for name, size, scheme in (
                    ("light", WIDE, "light"),
                    ("dark", WIDE, "dark"),
                    ("phone", NARROW, "light"),
                ):
                    page = browser.new_page(
                        viewport=size, color_scheme=scheme, device_scale_factor=1
                    )
                    page.set_default_timeout(60_000)
                    take(page, address, query, name)
                    page.close()
                browser.close()
        finally:
            server.should_exit = True
            thread.join()


def take(page: Page, address: str, query: str, name: str) -> None:
    """One search, some decisions, one logo side by side."""
    page.goto(address)
    page.set_input_files("#picture", query)
    page.wait_for_selector(".crop-area.ready")
    for kind, place in (("keep", 1), ("keep", 2), ("dismiss", 6)):
        button = page.locator(f".card .{kind}").nth(place)
        if button.get_attribute("aria-pressed") == "false":
            button.click()
            page.wait_for_selector(f".card:nth-child({place + 1}).{kind}")
    page.evaluate("document.activeElement.blur()")
    page.wait_for_load_state("networkidle")
    save(page, f"serve-{name}")
    page.locator(".look").nth(2).click()
    page.wait_for_selector(".explained img")
    page.wait_for_load_state("networkidle")
    page.evaluate("document.getElementById('compare').scrollIntoView()")
    save(page, f"serve-{name}-compare")


def save(page: Page, name: str) -> None:
    """A palette makes the files small; the repository keeps them for ever."""
    file = TARGET / f"{name}.png"
    page.screenshot(path=file)
    with Image.open(file) as picture:
        small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(file, optimize=True)
    print(file)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
