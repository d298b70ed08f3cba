"""``python -m marquery`` is the ``marquery`` command."""

from marquery.cli import main

main()
