"""The one way that templates become HTML: everything is escaped, and a name that is not there is an
error.
"""

from typing import TYPE_CHECKING

from marquery.errors import UsageError

if TYPE_CHECKING:
    from jinja2 import Environment


def make_environment(package: str, extra: str, *, trim: bool = True) -> "Environment":
    """Templates of a package, from its folder ``templates``.

    Args:
        package: dotted name.
        extra: the extra of marquery that brings Jinja, to be named where it is missing.
        trim: leave out the line ends after blocks and the blanks before them.

    Raises:
        UsageError: Jinja is not installed.
    """
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError as error:
        raise UsageError(
            None, "Jinja is not installed", f"run: pip install 'marquery[{extra}]'"
        ) from error
    return Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=trim,
        lstrip_blocks=trim,
    )
