"""How the server holds out: 32 clients at once, waits of searches and explanations, memory over
time.

    python benchmarks/serve.py [--clients 32] [--minutes 10] [--logos 300] [--index IDX] [--pause 0]

``marquery serve`` runs as a process of its own. Each client asks for one thing after the other,
without a pause, or with pauses of `--pause` seconds on average: of ten requests seven are searches
with a picture never sent before, two are explanations of a hit, and one is a small picture; one
search in twenty is reported, too (as HTML).
A refusal with 503 is waited for as its Retry-After says, and counted. A wait is from the request to
its whole answer, of those that were answered. Memory is the resident set of the server and its
children; it is flat when the last minute's median is not above that of the second minute by more
than a tenth. The processor time is that of the server.
"""

import argparse
import asyncio
import io
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import numpy as np
from page import drawn

from marquery.index import LogoIndex

MEDIAN_GOAL, P95_GOAL, GROWTH_GOAL = 1.0, 3.0, 1.1
PAGE = os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--logos", type=int, default=300)
    parser.add_argument("--pause", type=float, default=0)
    parser.add_argument("--index", type=Path, help="an index that is there, in place of a new one")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        place = asked.index or build(Path(scratch), asked.logos)
        command = [sys.executable, "-m", "marquery", "serve", "--index", str(place), "--port", "0"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
            assert server.stderr is not None
            told = server.stderr.readline()
            try:
                if "http://" not in told:  # it ends by itself, with a sentence
                    sys.exit((told + server.stderr.read()).strip())
                address = told[told.index("http://") :].split("/ ")[0]
                found = asyncio.run(
                    measure(address, server.pid, asked.clients, asked.minutes, asked.pause)
                )
            finally:
                server.terminate()
                server.communicate(timeout=60)
    tell(found, asked.clients, asked.minutes)


def build(scratch: Path, count: int) -> Path:
    """An index of drawn logos with the package's encoder."""
    logos = scratch / "logos"
    logos.mkdir()
    for seed in range(count):
        drawn(seed).save(logos / f"{seed}.png")
    index = LogoIndex.create(scratch / "idx")
    index.add(logos)
    return index.path


@dataclass
class Found:
    """What was measured."""

    waits: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    memory: list[tuple[float, float]] = field(default_factory=list)
    """Seconds since the start, MiB."""
    processor: float = 0
    """Seconds of the server."""
    seconds: float = 0


async def measure(address: str, server: int, clients: int, minutes: float, pause: float) -> Found:
    found = Found()
    limits = httpx2.Limits(max_connections=clients)
    async with httpx2.AsyncClient(base_url=address, timeout=600, limits=limits) as client:
        await first_answer(client)
        start, used = time.monotonic(), processor_of(server)
        end = start + 60 * minutes
        watching = asyncio.create_task(watch(server, start, found))
        await asyncio.gather(*(visit(client, n, end, found, pause) for n in range(clients)))
        watching.cancel()
        found.seconds = time.monotonic() - start
        found.processor = processor_of(server) - used
    return found


async def first_answer(client: httpx2.AsyncClient) -> None:
    """The server has done once what only its first search waits for."""
    sent = await client.post("/api/search", files={"picture": ("a.png", picture(-1))})
    if sent.is_error:
        sys.exit(f"the first search was answered with {sent.status_code}: {sent.text}")
    await asyncio.sleep(5)


async def visit(
    client: httpx2.AsyncClient, number: int, end: float, found: Found, pause: float
) -> None:
    """One client, until the end."""
    draw = random.Random(number)
    asked = number * 1_000_000
    query, hit = "", 0
    while time.monotonic() < end:
        await asyncio.sleep(draw.expovariate(1 / pause) if pause else 0)
        what = draw.random()
        if what < 0.7 or not query:
            asked += 1
            files = {"picture": ("new.png", picture(asked))}
            answer = await ask(client, found, "search", "POST", "/api/search", files=files)
            if answer is not None:
                told = answer.json()
                query, hit = told["case"], draw.choice(told["hits"])["id"]
                if asked % 20 == 0:
                    wanted = {"q": query, "form": "html", "k": 10}
                    await ask(client, found, "report", "GET", "/api/report", params=wanted)
        elif what < 0.9:
            wanted = {"q": query}
            await ask(client, found, "explain", "GET", f"/api/explain/{hit}", params=wanted)
        else:
            await ask(client, found, "picture", "GET", f"/logos/{hit}/thumbnail")


def picture(number: int) -> bytes:
    """A drawing that no other number has, as PNG."""
    out = io.BytesIO()
    image = drawn(number % 997)
    shade = np.random.default_rng(abs(number)).integers(0, 256, (3,)).tolist()
    image.paste(tuple(shade), (2, 2, 12, 12))
    image.save(out, "PNG", compress_level=1)
    return out.getvalue() + number.to_bytes(8, "big", signed=True)


async def ask(
    client: httpx2.AsyncClient, found: Found, kind: str, method: str, path: str, **sent: object
) -> httpx2.Response | None:
    """One request; a refused one is waited for and given up."""
    start = time.monotonic()
    answer = await client.request(method, path, **sent)
    found.statuses[kind, answer.status_code] += 1
    if answer.status_code == 503:
        await asyncio.sleep(float(answer.headers["retry-after"]))
        return None
    found.waits.setdefault(kind, []).append(time.monotonic() - start)
    return answer if answer.is_success else None


async def watch(server: int, start: float, found: Found) -> None:
    while True:
        found.memory.append((time.monotonic() - start, memory_of(server)))
        await asyncio.sleep(2)


def children_of(pid: int) -> list[int]:
    """A process and those that it started, and so on."""
    tasks = Path(f"/proc/{pid}/task")
    found = [pid]
    for task in tasks.iterdir() if tasks.is_dir() else ():
        for child in (task / "children").read_text().split():
            found += children_of(int(child))
    return found


def memory_of(pid: int) -> float:
    """Resident MiB of a process and its children."""
    pages = 0
    for one in children_of(pid):
        try:
            pages += int(Path(f"/proc/{one}/statm").read_text().split()[1])
        except (FileNotFoundError, ProcessLookupError):  # it has ended
            continue
    return pages * PAGE / 2**20


def processor_of(pid: int) -> float:
    """Seconds that a process has computed, its children's included once they have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def tell(found: Found, clients: int, minutes: float) -> None:
    print(f"{clients} clients, {found.seconds / 60:.1f} min, load average {os.getloadavg()[1]:.1f}")
    for kind, waits in sorted(found.waits.items()):
        median, late = statistics.median(waits), float(np.percentile(waits, 95))
        print(
            f"{kind:8} p50 {median:6.2f} s   p95 {late:6.2f} s   {len(waits):6,} answered", end=""
        )
        print(f"   {found.statuses[kind, 503]:6,} put off (503)")
    wrong = {k: n for k, n in found.statuses.items() if k[1] >= 400 and k[1] != 503}
    print(f"other refusals and failures: {wrong or 'none'}")
    cores = found.processor / found.seconds
    print(f"processor {found.processor:.0f} s of the server, {cores:.2f} cores")
    first = found.memory[0][1]
    early = [m for t, m in found.memory if 60 <= t < 120] or [first]
    before = statistics.median(early)
    after = statistics.median([m for t, m in found.memory if t >= found.seconds - 60])
    most = max(m for _, m in found.memory)
    print(f"memory {first:.0f} MiB at the start, {before:.0f} in the second minute,", end=" ")
    print(f"{after:.0f} in the last, {most:.0f} at most")
    search = found.waits["search"]
    met = statistics.median(search) <= MEDIAN_GOAL and np.percentile(search, 95) <= P95_GOAL
    print(f"searches within {MEDIAN_GOAL:g} s and {P95_GOAL:g} s: {'yes' if met else 'no'}")
    print(f"growth of memory {after / before:.2f} (goal {GROWTH_GOAL})")


if __name__ == "__main__":
    main()
