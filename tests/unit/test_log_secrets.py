"""Secrets in logs are masked, wherever a line comes from."""

import json
import logging

import pytest

from services import log
from services.access import TOKEN_PREFIX, new_secret
from services.log_secrets import mask_secrets

SECRET = "k3" + "Zr-_9" * 8 + "Q"
TOKEN = TOKEN_PREFIX + SECRET


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"GET /s/{SECRET}/api/series?x=1", "GET /s/***/api/series?x=1"),
        (f"GET /charts/s/{SECRET}", "GET /charts/s/***"),
        (f"Bearer {TOKEN} is unknown", "Bearer sct_*** is unknown"),
        (f"POST /write?db=a&u=b&p={SECRET}&precision=s", "POST /write?db=a&u=b&p=***&precision=s"),
        (f'"/write?p={SECRET}"', '"/write?p=***"'),
        ("2 readings/s in /s/a", "2 readings/s in /s/a"),
        ("http://127.0.0.1:5000/static/dist/app.js?v=1", None),
    ],
)
def test_secret_is_masked_and_all_else_stays(text: str, masked: str | None) -> None:
    assert mask_secrets(text) == (text if masked is None else masked)


def test_new_secret_is_masked() -> None:
    assert mask_secrets(f"/s/{new_secret()}/") == "/s/***/"


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_line_of_any_logger_has_no_secrets(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, log_format: str
) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    log.configure("INFO", log_format, "web")
    logger = logging.getLogger("gunicorn.error")
    try:
        raise ValueError(f"no /s/{SECRET}/")  # noqa: TRY301 (the traceback is logged)
    except ValueError:
        logger.exception("Error handling request %s %s", "GET", f"/s/{SECRET}/?p={TOKEN}")
    out = capsys.readouterr().out
    assert "Error handling request GET /s/***/?p=***" in out
    assert "no /s/***/" in out
    assert SECRET not in out
    assert TOKEN not in out
    if log_format == "json":
        assert json.loads(out)
