"""Commands as JSON."""

import pytest

from services.access_command import AddToken, AddUser
from services.command import (
    Command,
    Delete,
    DeleteView,
    Erase,
    PutView,
    Rename,
    SetSettings,
    SetUnit,
)
from services.errors import MalformedError
from services.formats.commands import decode_command, encode_command
from services.share_command import RevokeShare

HASH = "0" * 64


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (Rename("a", "ü"), '{"do":"rename","series":"a","name":"ü"}'),
        (SetUnit("a", None), '{"do":"unit","series":"a","unit":null}'),
        (
            SetSettings("a", {"label": "ü", "decimals": None}),
            '{"do":"settings","series":"a","label":"ü","decimals":null}',
        ),
        (
            SetSettings("a", {"kind": "state", "color": "#0b7285", "states": {"1": "open"}}),
            '{"do":"settings","series":"a","kind":"state","color":"#0b7285","states":{"1":"open"}}',
        ),
        (Delete("a"), '{"do":"delete","series":"a"}'),
        (Erase("a", 1_500_000, 2_000_001), '{"do":"erase","series":"a","from":1.5,"to":2.000001}'),
        (
            PutView("home", 3, '{"panels":[]}'),
            '{"do":"put_view","view":"home","revision":3,"document":{"panels":[]}}',
        ),
        (PutView("a", 0, None), '{"do":"put_view","view":"a","revision":0,"document":null}'),
        (DeleteView("a", None), '{"do":"delete_view","view":"a","revision":null}'),
        (
            AddUser("anna", "admin", "scrypt:1$2$3", 5, is_first=True),
            (
                '{"do":"add_user","user":"anna","role":"admin","password":"scrypt:1$2$3",'
                '"created_at":5,"is_first":true}'
            ),
        ),
        (
            AddToken("telegraf", "write", HASH, 5, series=("cpu.*",)),
            (
                f'{{"do":"add_token","token":"telegraf","role":"write","hash":"{HASH}",'
                '"created_at":5,"series":["cpu.*"]}'
            ),
        ),
        (
            AddToken("telegraf", "write", None, 5),
            '{"do":"add_token","token":"telegraf","role":"write","hash":null,"created_at":5}',
        ),
        (RevokeShare("0a1b2c3d"), '{"do":"revoke_share","share":"0a1b2c3d"}'),
    ],
)
def test_command_is_encoded_and_decoded(command: Command, text: str) -> None:
    assert encode_command(command).decode() == text
    assert decode_command(text.encode()) == command


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"do":"drop","series":"a"}',
        '{"do":"settings","series":"a"}',
        '{"do":"settings","series":"a","label":""}',
        '{"do":"settings","series":"a","kind":"gauge"}',
        '{"do":"settings","series":"a","decimals":11}',
        '{"do":"settings","series":"a","size":1}',
        '{"do":"delete","series":""}',
        '{"do":"delete","series":"a","from":1}',
        '{"do":"erase","series":"a","from":2,"to":1}',
        '{"do":"erase","series":"a","from":1,"to":1e300}',
        '{"do":"rename","series":"a","name":"\\u0000"}',
        '{"do":"put_view","view":"home","revision":3}',
        '{"do":"put_view","view":"home","revision":3,"document":{"colums":2}}',
        '{"do":"put_view","view":"..","revision":3,"document":{}}',
        '{"do":"delete_view","view":"a b","revision":3}',
        '{"do":"set_role","user":"anna","role":"owner"}',
        '{"do":"set_password","user":"anna","password":"plain"}',
        '{"do":"add_token","token":"t","role":"view","hash":"abc","created_at":5}',
        (
            f'{{"do":"add_token","token":"t","role":"view","hash":"{HASH}","created_at":5,'
            '"expires_at":5}'
        ),
        (
            f'{{"do":"add_share","share":"x","hash":"{HASH}","title":"","series":["a"],'
            '"created_at":5}'
        ),
        (
            f'{{"do":"add_share","share":"0a1b2c3d","hash":"{HASH}","title":"","series":["a"],'
            '"created_at":5,"start":7}'
        ),
    ],
)
def test_invalid_command_is_malformed(text: str) -> None:
    with pytest.raises(MalformedError):
        decode_command(text.encode())
