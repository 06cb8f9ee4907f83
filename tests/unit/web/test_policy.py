"""The policy: which role each endpoint needs."""

from flask import Flask

from services.web.access.policy import OPEN_ENDPOINTS, ROLES_BY_ENDPOINT, needed_role


def test_policy_names_each_endpoint_once(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    named = OPEN_ENDPOINTS | set(ROLES_BY_ENDPOINT)
    assert endpoints == named
    assert not OPEN_ENDPOINTS & set(ROLES_BY_ENDPOINT)


def test_unknown_endpoint_needs_a_login() -> None:
    assert needed_role("nothing") == "admin"
    assert needed_role(None) == "view"
