"""Commands as JSON."""

import pytest

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
    ],
)
def test_invalid_command_is_malformed(text: str) -> None:
    with pytest.raises(MalformedError):
        decode_command(text.encode())
