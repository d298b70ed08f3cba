"""Showing the token once, so that the browser is known from then on."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from marquery.web.context import TheAccess
from marquery.web.pages import render
from marquery.web.security import COOKIE

router = APIRouter()


@router.get("/login")
def login_page(request: Request) -> Response:
    """Ask for the token."""
    return render(request, "login.html", failed=False)


@router.post("/login")
def login(request: Request, access: TheAccess, token: Annotated[str, Form()] = "") -> Response:
    """Check the token and remember the browser."""
    if access.token is not None and not access.is_token(token.strip()):
        return render(request, "login.html", 403, failed=True)
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        COOKIE,
        access.session,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


@router.post("/logout")
def logout() -> Response:
    """Forget the browser."""
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE)
    return answer
