"""Rules of a source, as lines of text."""

import pytest

from services.errors import SettingError
from services.producer.rule_parser import SourceRule, parse_source_rules


def test_each_line_is_a_rule() -> None:
    text = """
        cat /sys/temp => pi.temperature m°C
        sh -c "df / | awk '{ print $5 => 1 }'" => "disk used" %
        true
    """
    assert parse_source_rules("X", text) == [
        SourceRule(["cat", "/sys/temp"], "pi.temperature", "m°C"),
        SourceRule(["sh", "-c", "df / | awk '{ print $5 => 1 }'"], "disk used", "%"),
        SourceRule(["true"], "", None),
    ]


def test_last_arrow_counts() -> None:
    assert parse_source_rules("X", "echo => 1 => a") == [SourceRule(["echo", "=>", "1"], "a", None)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "X has no rule"),
        ("=> a", "nothing before =>"),
        ("true =>", "must follow =>"),
        ("true => a % b", "must follow =>"),
        ("echo 'a => b", "No closing quotation"),
    ],
)
def test_invalid_rule_is_an_error_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(SettingError, match=reason):
        parse_source_rules("X", text)
