"""How much disk each extra of marquery takes, from what is installed here.

    python tools/docs/extra_sizes.py

For each extra: megabytes (10^6) of the packages that it needs and the base does not, and of base
and extra together, byte-compiled files not counted. Everything has to be installed
(``marquery[all]``).
"""

from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

EXTRAS = ("index", "serve", "report", "fast", "data", "train", "dev", "all")


def main() -> None:
    base = closure("")
    print(f"{'base':8s} {len(base):4d} packages {megabytes(base):7.0f} MB")
    for extra in EXTRAS:
        found = closure(extra)
        more = found - base
        print(
            f"{extra:8s} {len(more):4d} packages {megabytes(more):7.0f} MB more, "
            f"{megabytes(found):7.0f} MB in all"
        )
    use = closure("index") | closure("serve") | closure("report")
    print(f"index, serve and report: {megabytes(use):.0f} MB in all")
    print("the largest of them: " + ", ".join(largest(use)))


def closure(extra: str) -> set[str]:
    """Names of all packages that ``marquery[extra]`` installs."""
    found: set[str] = set()
    visited: set[tuple[str, str]] = set()
    waiting = [("marquery", extra)]
    while waiting:
        name, wanted = waiting.pop()
        if (name, wanted) in visited:
            continue
        visited.add((name, wanted))
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue
        found.add(name)
        for line in package.requires or []:
            needed = Requirement(line)
            if needed.marker is None or any(
                needed.marker.evaluate({"extra": e}) for e in {wanted, ""}
            ):
                inner = canonicalize_name(needed.name)
                waiting += [(inner, e) for e in {*needed.extras, ""}]
    return found


def megabytes(names: set[str]) -> float:
    return sum(size(distribution(name)) for name in names) / 1e6


def size(package: Distribution) -> int:
    """Bytes of a package's files; of one that is linked to its folder, such as this one, none."""
    files = [file for file in package.files or [] if file.suffix != ".pyc"]
    places = [package.locate_file(file) for file in files]
    return sum(p.stat().st_size for p in places if p.is_file())  # type: ignore[attr-defined]


def largest(names: set[str], count: int = 8) -> list[str]:
    sizes = sorted(((size(distribution(n)) / 1e6, n) for n in names), reverse=True)
    return [f"{name} {mb:.0f}" for mb, name in sizes[:count]]


if __name__ == "__main__":
    main()
