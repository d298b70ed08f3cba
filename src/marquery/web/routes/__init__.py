"""The server's routes, one file for each area of the page and of the API; none imports another.

A file here is found by itself: each :class:`fastapi.APIRouter` in it is part of the application.
One for people is made with ``include_in_schema=False``: the API's description is for programs.
"""

from importlib import import_module
from pkgutil import iter_modules

from fastapi import APIRouter


def all_routers() -> list[APIRouter]:
    """The routers of all files here, ordered by the files' names."""
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    return [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, APIRouter)
    ]
