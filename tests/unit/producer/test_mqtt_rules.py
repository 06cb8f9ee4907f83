"""Rules that turn MQTT messages into readings."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import SettingError
from services.producer.mqtt_rules import MessageContent, TopicRules

SENSOR = json.dumps(
    {
        "Time": "2026-11-22T10:00:00",
        "ENERGY": {"Power": 42.5, "Voltage": 231, "Total": [1.5, 2.5]},
        "On": True,
        "Name": "lamp",
    }
)

ZIGBEE = json.dumps(
    {
        "battery": 97,
        "contact": False,
        "last_seen": "2026-11-22T10:00:00+01:00",
        "linkquality": 102,
        "state": "ON",
        "temperature": "21.5",
        "update": {"installed_version": 33, "state": "idle"},
    }
)


def read(rules: str, topic: str, payload: str | bytes) -> MessageContent:
    data = payload.encode() if isinstance(payload, str) else payload
    return TopicRules.parse(rules).read(topic, data)


def extract(rules: str, topic: str, payload: str | bytes) -> dict[str, float]:
    return {each.series: each.value for each in read(rules, topic, payload).values}


def unread(rules: str, topic: str, payload: str | bytes) -> list[str]:
    return [each.example for each in read(rules, topic, payload).unread]


@pytest.mark.parametrize(
    ("rule", "topic", "payload", "values"),
    [
        # A bare number.
        ("home/+/temp", "home/kitchen/temp", "21.5", {"home.kitchen.temp": 21.5}),
        ("home/+/t => {1}.warmth °C", "home/kitchen/t", " 21 ", {"kitchen.warmth": 21.0}),
        ("home/+/t => warmth", "home/kitchen/t", "21", {"warmth": 21.0}),
        ("#", "a/b", "1", {"a.b": 1.0}),
        ("# => x.{1}", "a/b", "1", {"x.a.b": 1.0}),
        ("+/+ => {2}/{1}", "a/b", "true", {"b/a": 1.0}),
        # A path.
        ("tele/+/SENSOR ENERGY.Power => {1}.w", "tele/lamp/SENSOR", SENSOR, {"lamp.w": 42.5}),
        ("tele/+ ENERGY.Power", "tele/lamp", SENSOR, {"tele.lamp.ENERGY.Power": 42.5}),
        ("tele/+/SENSOR ENERGY.Total.1 => {1}", "tele/lamp/SENSOR", SENSOR, {"lamp": 2.5}),
        ("tele/# ENERGY.Total => t", "tele/lamp/SENSOR", SENSOR, {"t.0": 1.5, "t.1": 2.5}),
        ("tele/# ENERGY.*.0 => t", "tele/lamp/SENSOR", SENSOR, {"t.Total.0": 1.5}),
        ("tele/# *.Power => {path}", "tele/lamp/SENSOR", SENSOR, {"ENERGY.Power": 42.5}),
        ("tele/# On => on", "tele/lamp/SENSOR", SENSOR, {"on": 1.0}),
        (
            "tele/# => lamp",
            "tele/lamp/SENSOR",
            SENSOR,
            {
                "lamp.ENERGY.Power": 42.5, "lamp.ENERGY.Voltage": 231.0, "lamp.ENERGY.Total.0": 1.5,
                "lamp.ENERGY.Total.1": 2.5, "lamp.On": 1.0,
            },
        ),
        # Texts that are numbers or states.
        ("a", "a", '"22"', {"a": 22.0}),
        ("a", "a", "021.5", {"a": 21.5}),
        ("a", "a", "+3", {"a": 3.0}),
        ("a", "a", "21.5 °C", {"a": 21.5}),
        ("a", "a", "21.5 °C".encode("latin-1"), {"a": 21.5}),
        ("a", "a", "45 %\r\n", {"a": 45.0}),
        ("a", "a", b"21.5\0", {"a": 21.5}),
        ("a", "a", b"\xef\xbb\xbf21.5", {"a": 21.5}),
        ("a", "a", "ON", {"a": 1.0}),
        ("a", "a", "off", {"a": 0.0}),
        ("a", "a", "True", {"a": 1.0}),
        ("a", "a", '"closed"', {"a": 0.0}),
        ("tele/+/LWT => {1}.online", "tele/lamp/LWT", "Online", {"lamp.online": 1.0}),
        ("a x", "a", '{"x": "021.5 °C", "y": 1}', {"a.x": 21.5}),
        ("a", "a", '{"x": "OPEN", "y": "unavailable"}', {"a.x": 1.0}),
        (
            "zigbee2mqtt/# => {1}",
            "zigbee2mqtt/attic/door",
            ZIGBEE,
            {
                "attic.door.battery": 97.0, "attic.door.contact": 0.0,
                "attic.door.linkquality": 102.0, "attic.door.state": 1.0,
                "attic.door.temperature": 21.5, "attic.door.update.installed_version": 33.0,
            },
        ),
        ("z/+/availability => {1}", "z/door/availability", '{"state":"online"}', {"door.state": 1}),
        # Messages that a rule ignores.
        ("tele/# Name => n", "tele/lamp/SENSOR", SENSOR, {}),
        ("tele/# Nothing.there", "tele/lamp/SENSOR", SENSOR, {}),
        ("tele/+", "tele/lamp/SENSOR", SENSOR, {}),
        ("tele/lamp", "tele.lamp", "1", {}),
        ("tele", "telephone", "1", {}),
        ("a/#", "a", "1", {"a": 1.0}),
        ("a/#", "ab", "1", {}),
        ("#", "$SYS/broker/uptime", "1", {}),
    ],
)  # fmt: skip
def test_matching_message_gives_its_values(
    rule: str, topic: str, payload: str | bytes, values: dict[str, float]
) -> None:
    assert extract(rule, topic, payload) == values


def test_every_matching_rule_applies_with_its_unit() -> None:
    rules = "tele/+/SENSOR ENERGY.Power => {1}.power W\ntele/# ENERGY.Voltage => v V"
    values = read(rules, "tele/lamp/SENSOR", SENSOR).values
    assert [(each.series, each.unit) for each in values] == [("lamp.power", "W"), ("v", "V")]


def test_first_rule_that_finds_a_number_for_a_series_counts() -> None:
    rules = "a/+ x => x °C\na/b => {path}\na/b y => y"
    values = read(rules, "a/b", '{"x": "21.5 C", "y": 2}').values
    assert [tuple(each) for each in values] == [("x", 21.5, "°C"), ("y", 2.0, None)]


def test_second_value_of_a_series_is_reported() -> None:
    content = read("a x => s\na y => s", "a", '{"x": 1, "y": 2}')
    assert [tuple(each) for each in content.values] == [("s", 1.0, None)]
    assert [each.rule for each in content.unread] == ["a y"]
    assert "the second value of series 's'" in content.unread[0].example


@pytest.mark.parametrize(
    ("rule", "payload", "unit"),
    [
        ("a", "21.5 °C", "°C"),
        ("a", '"45 %"', "%"),
        ("a => a °C", "21.5 C", "°C"),
        ("a => a °C", "21.5", "°C"),
        ("a => a apples", "5 apples", "apples"),
        ("a", "ON", None),
    ],
)
def test_unit_is_that_of_the_rule_or_of_the_payload(
    rule: str, payload: str, unit: str | None
) -> None:
    (value,) = read(rule, "a", payload).values
    assert value.unit == unit


@pytest.mark.parametrize(
    ("rule", "payload", "reason"),
    [
        ("a", "unavailable", "topic 'a': 'unavailable' is not a number"),
        ("a", "", "topic 'a': '' is empty"),
        ("a", " \0", "is empty"),
        ("a", "{", "topic 'a': '{' is not valid JSON"),
        ("a", "null", "topic 'a': null is no value"),
        ("a", "{}", "topic 'a': no value at all"),
        ("a x.y", '{"x": 1}', "topic 'a': no value at x.y"),
        ("a x", '{"x": "off\\n the\\u0007 line"}', r"topic 'a', 'x': 'off\n the\x07 line' is not"),
        ("a", "x" * 1_000, f"{'x' * 60!r}... is not a number"),
        ("a", "NaN", "NaN is not a finite number"),
        ("a", "1e999", "is not a finite number"),
        ("a", "9" * 500, "is not a finite number"),
        ("a", "1,234.5", "separators"),
        ("a", "21,5", "separators"),
        ("a", "1_000", "separators"),
        ("a", "0x1F", "is not a number"),
        ("a", "2026-08-02", "is not a number"),
        ("a", "192.168.1.1", "is not a number"),
        ("a", "v1.2", "is not a number"),
        ("a", "Error 5", "is not a number"),
        ("a", "5 apples", "unknown unit apples"),
        ("a => a °C", "70 °F", "has the unit °F, not °C"),
        ("a => a °C", "off", "is a state, not a number of °C"),
        ("a => a °C", "false", "false is a state, not a number of °C"),
    ],
)
def test_payload_without_a_number_is_reported_with_its_reason(
    rule: str, payload: str, reason: str
) -> None:
    assert extract(rule, "a", payload) == {}
    (example,) = unread(rule, "a", payload)
    assert reason in example
    assert len(example) < 300


@pytest.mark.parametrize("text", ["21,5", "nan", "4G"])
def test_text_beside_a_number_is_reported_if_it_may_be_one(text: str) -> None:
    payload = json.dumps({"name": "lamp", "at": "2026-08-02", "b": 1, "t": text})
    assert extract("a", "a", payload) == {"a.b": 1.0}
    (example,) = unread("a", "a", payload)
    assert example.startswith(f"topic 'a', 't': '{text}' ")
    assert unread("a", "a", ZIGBEE) == []


def test_excluded_topics_have_no_values() -> None:
    rules = "home/#\n!home/+/set\n!home/private/#"
    assert extract(rules, "home/lamp/state", "1") == {"home.lamp.state": 1.0}
    for topic in ("home/lamp/set", "home/private", "home/private/a/b"):
        assert read(rules, topic, "1") == ([], [])


def test_bridge_of_zigbee2mqtt_needs_a_rule_that_names_it() -> None:
    for rule in ("zigbee2mqtt/#", "#", "+/+/#"):
        assert read(rule, "zigbee2mqtt/bridge/info", ZIGBEE) == ([], [])
        assert read(rule, "zigbee2mqtt/bridge/devices", "[]") == ([], [])
        assert extract(rule, "zigbee2mqtt/bridged/lamp", "1")
    rules = "zigbee2mqtt/#\nzigbee2mqtt/bridge/state => bridge"
    assert extract(rules, "zigbee2mqtt/bridge/state", "online") == {"bridge": 1.0}


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("a b c => d", "optionally a path"),
        ("a/#/b", "# the last level"),
        ("a+/b", "must be a whole level"),
        ("a/b# => c", "must be a whole level"),
        ("$share/g/a", r"without \$share"),
        ("a/+ => {2}", "matches nothing in the topic"),
        ("a => {room}", "matches nothing in the topic"),
        ("a => b c d", "must follow =>"),
        ("", "has no rule"),
        ("!a/#", "it only excludes topics"),
        ("a\n!a/b => c", "only a topic follows !"),
        ("a\n!a b", "only a topic follows !"),
        ("a\n!", "the topic is empty"),
        ("a\n!a/#/b", "# the last level"),
    ],
)
def test_invalid_rule_is_an_error_with_its_reason(rule: str, reason: str) -> None:
    with pytest.raises(SettingError, match=reason):
        TopicRules.parse(rule)


def test_hostile_payload_gives_few_values() -> None:
    rules = TopicRules.parse("#")
    assert rules.read("a", b"[" * 100_000).values == []
    assert rules.read("a", b"[" * 900 + b"1" + b"]" * 900).values == []
    content = rules.read("a", b"[" + b"1," * 5_000 + b"1]")
    assert len(content.values) == 1_000
    assert "more than 1000 numbers" in content.unread[0].example
    assert rules.read("a", b"1" * (2 << 20)).values == []


@given(st.text(), st.one_of(st.binary(), st.text().map(str.encode)))
def test_any_message_is_accepted_without_an_error(topic: str, payload: bytes) -> None:
    TopicRules.parse("#\n+/+ a.*.b => {1}\na/#").read(topic, payload)
