"""Share links over HTTP: their makers list them, make them and revoke them."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

import segno
from flask import Blueprint, Response

from services.access import share_id_fault
from services.formats.shares import ShareRequest
from services.share_command import RevokeShare
from services.store import StoredShare
from services.web.access.changes import change_access
from services.web.access.control import current_principal
from services.web.access.principal import Principal
from services.web.access.share_links import share_link
from services.web.access.share_schemas import (
    QrCode,
    ShareItem,
    ShareList,
    ShareMade,
    ShareRevoked,
)
from services.web.http.contract import Content, Contract, with_contract
from services.web.http.documents import read_document
from services.web.http.responses import error_response, json_response
from services.web.http.schemas import error_contents
from services.web.services import web_services

_ROUTE: Final = "/api/shares"
_UNKNOWN: Final = "there is no share {!r}"
_EXAMPLE: Final = {"title": "Greenhouse", "series": ["greenhouse.*"], "expires": "7d"}

blueprint = Blueprint("shares", __name__)


@blueprint.get(_ROUTE)
@with_contract(Contract({200: Content((ShareList,)), **error_contents(401, 403, 503)}))
def list_shares() -> Response:
    """Return the share links that have not ended: own ones, or all for an admin."""
    now = web_services().directory.now()
    shares = [
        ShareItem.of_stored(share)
        for share in _read_shares(current_principal())
        if share.expires_at is None or share.expires_at > now
    ]
    return json_response(ShareList(shares))


@blueprint.post(_ROUTE)
@with_contract(
    Contract(
        {201: Content((ShareMade,)), **error_contents(400, 401, 403, 408, 409, 413, 503)},
        bodies=(Content((ShareRequest,), example=_EXAMPLE),),
    )
)
def add_share() -> Response:
    """Make a share link, with which everybody can look at some series without a login.

    The response has the link, which can't be read again. A token for some series may not share.
    """
    wanted = read_document(ShareRequest)
    creator = _creator(current_principal())
    secret, command = wanted.make(web_services().directory.now(), creator)
    refusal = change_access(command)
    if refusal:
        return error_response(409, refusal)
    link = share_link(secret)
    response = json_response(ShareMade(True, command.share, link, _qr_code(link)), 201)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.delete(f"{_ROUTE}/<share_id>")
@with_contract(Contract({200: Content((ShareRevoked,)), **error_contents(401, 403, 404, 409, 503)}))
def revoke_share(share_id: str) -> Response:
    """Revoke a share link by its id. Pages that show it are closed."""
    known = {share.id for share in _read_shares(current_principal())}
    if share_id_fault(share_id) is not None or share_id not in known:
        return error_response(404, _UNKNOWN.format(share_id[:20]))
    refusal = change_access(RevokeShare(share_id))
    if refusal:
        return error_response(409, refusal)
    return json_response(ShareRevoked(True, share_id))


def _read_shares(principal: Principal) -> list[StoredShare]:
    """Return the share links that a principal may see and revoke."""
    shares = list(web_services().directory.read_now().shares.values())
    if principal.may("admin"):
        return shares
    creator = _creator(principal)
    return [share for share in shares if share.creator == creator]


def _creator(principal: Principal) -> str:
    """Return whose share links these are. The name of a user has no colon."""
    return f"token:{principal.name}" if principal.kind == "token" else principal.name


def _qr_code(link: str) -> QrCode:
    """Return the QR code of a link, without a border."""
    code = segno.make_qr(link)
    lines = [
        f"M{start} {y}.5h{end - start}"
        for y, row in enumerate(code.matrix)
        for start, end in _dark_runs(row)
    ]
    return QrCode(len(code.matrix), "".join(lines))


def _dark_runs(row: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield start and end of each run of dark modules."""
    start = 0
    for is_dark, run in groupby(row):
        end = start + len(list(run))
        if is_dark:
            yield start, end
        start = end
