"""Clients whose requests come with a token for some series, or by a share link."""

from flask import Flask
from flask.testing import FlaskClient

from services.access import Role, hash_secret
from services.share_command import AddShare
from services.web.access.control import SHARE_SECRET
from tests.support.access import AccessRecorder, new_token


def token_client(
    app: Flask, access: AccessRecorder, *series: str, role: Role = "view"
) -> FlaskClient:
    """Return a client with a new token. Its secret is made of what it may do."""
    secret = "-".join([role, *series])
    access.carry_out(new_token(role, secret, series or None))
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def share_client(
    app: Flask,
    access: AccessRecorder,
    *series: str,
    window_seconds: float | None = None,
    start: int | None = None,
    end: int | None = None,
) -> FlaskClient:
    """Return a client that uses a new share link."""
    command = AddShare(
        "0a1b2c3d",
        hash_secret("share"),
        "",
        series,
        1,
        window_seconds=window_seconds,
        start=start,
        end=end,
    )
    access.carry_out(command)
    client = app.test_client()
    client.environ_base[SHARE_SECRET] = "share"
    return client
