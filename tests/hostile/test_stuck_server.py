"""A server that is drawing what takes long ends when it is told to."""

import re
import signal
import subprocess
import sys
import threading
import time

import httpx2

from marquery.index import LogoIndex

from ..encoders import tiny_encoder
from .drawings import FOREVER, RED, svg


def test_the_end_does_not_wait_for_a_drawing(tmp_path):
    logos = tmp_path / "logos"
    logos.mkdir()
    (logos / "a.svg").write_text(svg(RED.replace("10", "5")))
    index = LogoIndex.create(tmp_path / "idx", tiny_encoder(), words=False)
    index.add(logos)
    answers = []

    def ask(drawing, address):
        files = {"picture": ("a.svg", drawing.encode(), "image/svg+xml")}
        answers.append(httpx2.post(f"{address}api/search", files=files, timeout=60))

    command = [sys.executable, "-m", "marquery", "serve", "--index", str(index.path), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            address = re.search(r"http://127\.0\.0\.1:\d+/", server.stderr.readline())[0]
            ask((logos / "a.svg").read_text(), address)
            assert answers[0].status_code == 200
            stuck = threading.Thread(target=ask, args=(FOREVER, address))
            stuck.start()
            time.sleep(0.5)
            began = time.monotonic()
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=60)
            assert time.monotonic() - began < 10
            stuck.join()
            assert answers[1].status_code == 422
            assert "Traceback" not in server.stderr.read()
        finally:
            server.kill()
