"""Settings of series: what is allowed, and the form in which they are stored."""

import pytest

from services.errors import MalformedError
from services.series_settings import parse_settings, settings_fault


@pytest.mark.parametrize(
    ("document", "change"),
    [
        ({"label": "  Küche 1 "}, {"label": "Küche 1"}),
        ({"kind": "counter", "decimals": 0}, {"kind": "counter", "decimals": 0}),
        ({"decimals": 2.0}, {"decimals": 2}),
        ({"color": "#0B7285"}, {"color": "#0b7285"}),
        (
            {"states": {"0": "closed", "1.0": " open ", "-0.50": "ajar", "1e3": "broken"}},
            {"states": {"0": "closed", "1": "open", "-0.5": "ajar", "1000": "broken"}},
        ),
        ({"states": {"-0": "off"}}, {"states": {"0": "off"}}),
    ],
)
def test_settings_are_stored_in_one_form(
    document: dict[str, object], change: dict[str, object]
) -> None:
    parsed = parse_settings(document)
    assert parsed == change
    assert settings_fault(parsed) is None


@pytest.mark.parametrize("name", ["label", "kind", "decimals", "color", "states"])
@pytest.mark.parametrize("empty", [None, ""])
def test_empty_value_removes_a_setting(name: str, empty: str | None) -> None:
    assert parse_settings({name: empty}) == {name: None}
    assert parse_settings({"label": "  ", "states": {}}) == {"label": None, "states": None}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"label": 7}, "label must be a string"),
        ({"label": "x" * 201}, "label must have at most 200 characters"),
        ({"label": "a\nb"}, "label must not contain control characters"),
        ({"kind": "gauge"}, "kind must be one of measure, state, counter"),
        ({"kind": ["state"]}, "kind must be one of measure, state, counter"),
        ({"decimals": 11}, "decimals must be a whole number from 0 to 10"),
        ({"decimals": -1}, "decimals must be a whole number from 0 to 10"),
        ({"decimals": 1.5}, "decimals must be a whole number from 0 to 10"),
        ({"decimals": True}, "decimals must be a whole number from 0 to 10"),
        ({"decimals": "2"}, "decimals must be a whole number from 0 to 10"),
        ({"color": "red"}, "color must be # and six hexadecimal digits, such as #0b7285"),
        ({"color": "#0b7285\n"}, "color must be # and six hexadecimal digits"),
        ({"color": "#fff"}, "color must be # and six hexadecimal digits"),
        ({"states": ["closed"]}, "states must be an object of words by value"),
        ({"states": {"open": "1"}}, "states must have numbers as values: 'open' is no number"),
        ({"states": {"inf": "x"}}, "states must have numbers as values: 'inf' is no number"),
        ({"states": {"1": 7}}, "states: the word of 1 must be a string"),
        ({"states": {"1": " "}}, "states: the word of 1 must not be empty"),
        ({"states": {"1": "x" * 51}}, "states: the word of 1 must have at most 50 characters"),
        ({"states": {"1": "a", "1.0": "b"}}, "states must have the value 1 once"),
        (
            {"states": {str(value): "x" for value in range(51)}},
            "states must have at most 50 values",
        ),
    ],
)
def test_invalid_setting_is_refused_with_what_is_allowed(
    document: dict[str, object], reason: str
) -> None:
    with pytest.raises(MalformedError) as caught:
        parse_settings(document)
    assert reason in str(caught.value)


def test_change_in_another_form_is_not_valid() -> None:
    assert settings_fault({})
    assert settings_fault({"label": ""})
    assert settings_fault({"states": {"1.0": "open"}})
    assert settings_fault({"decimals": 11}) == "decimals must be a whole number from 0 to 10"
