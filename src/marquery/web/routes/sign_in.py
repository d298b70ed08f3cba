"""Signing in: the token is shown once, and the browser is known from then on."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from marquery.web.dependencies import TheAccess
from marquery.web.rendering import render
from marquery.web.security import COOKIE

page = APIRouter(include_in_schema=False)


@page.get("/login")
def show_sign_in(request: Request) -> Response:
    """Ask for the token."""
    return render(request, "sign_in.html", failed=False)


@page.post("/login")
def sign_in(request: Request, access: TheAccess, token: Annotated[str, Form()] = "") -> Response:
    """Check the token and remember the browser."""
    if access.token is not None and not access.is_token(token.strip()):
        return render(request, "sign_in.html", 403, failed=True)
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        COOKIE,
        access.session,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


@page.post("/logout")
def sign_out() -> Response:
    """Forget the browser."""
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE)
    return answer
