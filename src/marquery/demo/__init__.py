"""The demo: the whole story on real logos, from an empty folder to a report."""

from marquery.demo.run import run_demo

__all__ = ["run_demo"]
