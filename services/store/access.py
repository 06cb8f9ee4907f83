"""Users, sessions, tokens and share links: how commands change them."""

import json
from typing import Final

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from services.access_command import (
    AccessCommand,
    AddToken,
    AddUser,
    EndSession,
    EndSessions,
    RecordTokenUse,
    RemoveLogins,
    RemoveUser,
    RevokeToken,
    SetPassword,
    SetRole,
    StartSession,
    TokenCommand,
)
from services.formats.shared_views import shared_view_fault
from services.share_command import AddShare, RevokeShare, ShareCommand
from services.store import tables
from services.store.views import find_view

MAX_ACCESS_ROWS: Final = 1_000
"""Users, tokens and shares that a database may have, of each kind."""

MAX_USER_SESSIONS: Final = 50
"""Sessions of a user. The oldest ones end when there are more."""

_ONLY_ADMIN: Final = "{!r} is the only admin: make somebody else an admin first"
_NO_SECRET: Final = "the command has no secret"  # noqa: S105 (a sentence)


def apply_access_command(connection: Connection, command: AccessCommand) -> str:
    """Carry out a command. Returns the reason why it was refused, otherwise ""."""
    match command:
        case AddUser():
            return _add_user(connection, command)
        case AddToken() | RecordTokenUse() | RevokeToken():
            return _apply_token_command(connection, command)
        case AddShare() | RevokeShare():
            return _apply_share_command(connection, command)
        case RemoveLogins():
            return _remove_logins(connection)
        case EndSession(hash=hash_):
            sessions = tables.sessions
            connection.execute(delete(sessions).where(sessions.c.hash == hash_))
            return ""
        case _:
            return _apply_user_command(connection, command)


def has_access_rows(connection: Connection) -> bool:
    """Return True if somebody has to log in: there is a user or a token."""
    return any(_count(connection, table) for table in (tables.users, tables.tokens))


def _add_user(connection: Connection, command: AddUser) -> str:
    if command.password is None:
        return _NO_SECRET
    if command.is_first and has_access_rows(connection):
        return "there is a user already, who can add others"
    users = tables.users
    if _find_user(connection, command.user) is not None:
        return f"there is a user {command.user!r} already"
    if refusal := _limit_refusal(connection, users, "users"):
        return refusal
    connection.execute(
        insert(users).values(
            name=command.user,
            role=command.role,
            password=command.password,
            created_at=command.created_at,
        )
    )
    return ""


def _remove_logins(connection: Connection) -> str:
    if not has_access_rows(connection):
        return "there is no user and no token: nobody has to log in"
    for table in (tables.sessions, tables.users, tables.tokens):
        connection.execute(delete(table))
    return ""


def _apply_user_command(
    connection: Connection,
    command: SetPassword | SetRole | RemoveUser | EndSessions | StartSession,
) -> str:
    user_id = _find_user(connection, command.user)
    if user_id is None:
        return f"there is no user {command.user!r}"
    users = tables.users
    match command:
        case SetPassword(password=password):
            if password is None:
                return _NO_SECRET
            _end_sessions(connection, user_id)
            connection.execute(update(users).where(users.c.id == user_id).values(password=password))
        case SetRole(role=role):
            if role != "admin" and _is_only_admin(connection, user_id):
                return _ONLY_ADMIN.format(command.user)
            connection.execute(update(users).where(users.c.id == user_id).values(role=role))
        case RemoveUser():
            if _is_only_admin(connection, user_id):
                return _ONLY_ADMIN.format(command.user)
            _end_sessions(connection, user_id)
            connection.execute(delete(users).where(users.c.id == user_id))
        case EndSessions():
            _end_sessions(connection, user_id)
        case StartSession():
            return _start_session(connection, user_id, command)
    return ""


def _is_only_admin(connection: Connection, user_id: int) -> bool:
    """Return True if this user is an admin, and no other user is."""
    users = tables.users
    query = select(users.c.id).where(users.c.role == "admin").limit(2)
    return connection.execute(query).scalars().all() == [user_id]


def _start_session(connection: Connection, user_id: int, command: StartSession) -> str:
    if command.hash is None:
        return _NO_SECRET
    sessions = tables.sessions
    connection.execute(delete(sessions).where(sessions.c.expires_at <= command.created_at))
    newest = (
        select(sessions.c.hash)
        .where(sessions.c.user_id == user_id)
        .order_by(sessions.c.created_at.desc())
        .limit(MAX_USER_SESSIONS - 1)
    )
    connection.execute(
        delete(sessions).where(sessions.c.user_id == user_id, sessions.c.hash.not_in(newest))
    )
    connection.execute(
        insert(sessions).values(
            hash=command.hash,
            user_id=user_id,
            created_at=command.created_at,
            expires_at=command.expires_at,
        )
    )
    return ""


def _end_sessions(connection: Connection, user_id: int) -> None:
    sessions = tables.sessions
    connection.execute(delete(sessions).where(sessions.c.user_id == user_id))


def _apply_token_command(connection: Connection, command: TokenCommand) -> str:
    tokens = tables.tokens
    is_named = tokens.c.name == command.token
    match command:
        case AddToken():
            if connection.execute(select(tokens.c.name).where(is_named)).first():
                return (
                    f"there is a token {command.token!r} already: revoke it, or choose another name"
                )
            return _add_token(connection, command)
        case RecordTokenUse(used_at=used_at):
            connection.execute(update(tokens).where(is_named).values(used_at=used_at))
            return ""
        case RevokeToken(token=name):
            found = connection.execute(delete(tokens).where(is_named)).rowcount
            return "" if found else f"there is no token {name!r}"


def _add_token(connection: Connection, command: AddToken) -> str:
    if command.hash is None:
        return _NO_SECRET
    tokens = tables.tokens
    if refusal := _limit_refusal(connection, tokens, "tokens"):
        return refusal
    connection.execute(
        insert(tokens).values(
            name=command.token,
            role=command.role,
            hash=command.hash,
            series=None if command.series is None else json.dumps(command.series),
            created_at=command.created_at,
            expires_at=command.expires_at,
        )
    )
    return ""


def _apply_share_command(connection: Connection, command: ShareCommand) -> str:
    shares = tables.shares
    has_id = shares.c.id == command.share
    match command:
        case AddShare():
            if connection.execute(select(shares.c.id).where(has_id)).first():
                return f"there is a share {command.share!r} already"
            return _add_share(connection, command)
        case RevokeShare(share=id_):
            found = connection.execute(delete(shares).where(has_id)).rowcount
            return "" if found else f"there is no share {id_!r}"


def _add_share(connection: Connection, command: AddShare) -> str:
    if command.hash is None:
        return _NO_SECRET
    if command.view is not None and (refusal := _view_refusal(connection, command.view)):
        return refusal
    shares = tables.shares
    connection.execute(delete(shares).where(shares.c.expires_at <= command.created_at))
    if refusal := _limit_refusal(connection, shares, "share links"):
        return refusal
    connection.execute(
        insert(shares).values(
            id=command.share,
            hash=command.hash,
            title=command.title,
            series=json.dumps(command.series),
            window_seconds=command.window_seconds,
            from_ts=command.start,
            to_ts=command.end,
            created_at=command.created_at,
            expires_at=command.expires_at,
            creator=command.creator,
            view=command.view,
        )
    )
    return ""


def _view_refusal(connection: Connection, name: str) -> str:
    """Return the reason why a view can't be shared, "" if it can."""
    stored = find_view(connection, name)
    if stored is None or stored.document is None:
        return f"there is no view {name!r}"
    return shared_view_fault(stored.document) or ""


def _find_user(connection: Connection, name: str) -> int | None:
    users = tables.users
    found: int | None = connection.execute(select(users.c.id).where(users.c.name == name)).scalar()
    return found


def _limit_refusal(connection: Connection, table: Table, plural: str) -> str:
    if _count(connection, table) < MAX_ACCESS_ROWS:
        return ""
    return f"there are {MAX_ACCESS_ROWS} {plural}, as many as a database may have: remove some"


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())
