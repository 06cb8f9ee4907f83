"""The source `mqtt` with a broker that delivers a copy of a message for each matching filter."""

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from services.producer.sources import mqtt
from tests.support.mqtt_broker import CopyingBroker
from tests.support.source_contexts import SourceRunner
from tests.support.waiting import wait_until


@pytest.fixture
def broker() -> Iterator[CopyingBroker]:
    with CopyingBroker() as running:
        yield running


def start(runner: SourceRunner, broker: CopyingBroker, rules: str, connections: int = 1) -> None:
    runner.settings = replace(
        runner.settings, mqtt_url=f"mqtt://127.0.0.1:{broker.port}", mqtt_topics=rules
    )
    runner.start(mqtt.run)
    wait_until("it subscribes", lambda: len(broker.filters()) == connections)


def stored(runner: SourceRunner) -> Counter[tuple[str, float]]:
    return Counter((each.series, each.value) for each in runner.readings)


def test_message_that_several_rules_match_is_stored_once_for_each_series(
    runner: SourceRunner, broker: CopyingBroker
) -> None:
    start(runner, broker, "a/#\na/+ => one\na/b => two\n# => three.{1}")
    assert broker.filters() == [["#"]]
    for value in ("5", "5", "6"):
        assert broker.publish("a/b", value) == 1
    wait_until("the last value arrives", lambda: stored(runner)["two", 6.0])
    names = ("a.b", "one", "two", "three.a.b")
    assert stored(runner) == {(name, value): 7 - value for name in names for value in (5.0, 6.0)}


def test_filters_with_common_topics_get_connections_of_their_own(
    runner: SourceRunner, broker: CopyingBroker
) -> None:
    start(runner, broker, "a/+ => one.{1}\n+/b => two.{1}\na/b => three", connections=2)
    assert broker.filters() == [["a/+"], ["+/b"]]
    for value in ("5", "5", "6"):
        assert broker.publish("a/b", value) == 2
    for topic in ("a/end", "end/b"):
        assert broker.publish(topic, "0") == 1
    wait_until(
        "both ends arrive", lambda: stored(runner)["one.end", 0] + stored(runner)["two.end", 0] == 2
    )
    names = ("one.b", "two.a", "three")
    values = {(name, value): 7 - value for name in names for value in (5.0, 6.0)}
    assert stored(runner) == values | {("one.end", 0.0): 1, ("two.end", 0.0): 1}


def test_refused_filter_does_not_stop_the_others(
    runner: SourceRunner, broker: CopyingBroker, caplog: pytest.LogCaptureFixture
) -> None:
    broker.refused_filters = {"secret/#"}
    start(runner, broker, "secret/#\nhome/t\nsecret/shared")
    wait_until("it subscribes again", lambda: broker.filters() == [["home/t", "secret/shared"]])
    broker.publish("home/t", "5")
    wait_until("the value arrives", lambda: stored(runner)["home.t", 5.0])
    refusals = [each for each in caplog.messages if "refused the subscription to secret/#" in each]
    assert len(refusals) == 1


def test_source_without_any_topic_fails_and_names_them(
    runner: SourceRunner, broker: CopyingBroker, caplog: pytest.LogCaptureFixture
) -> None:
    broker.refused_filters = {"a", "b/#"}
    runner.settings = replace(
        runner.settings, mqtt_url=f"mqtt://127.0.0.1:{broker.port}", mqtt_topics="a\nb/#\nb/c"
    )
    broker.refused_filters = {"a", "b/#", "b/c"}
    runner.start(mqtt.run)
    wait_until("the failure is logged", lambda: "source test failed" in caplog.text)
    assert "refused the subscription to b/c (allow the user to read these topics)" in caplog.text


def test_broker_that_returns_is_subscribed_again(
    runner: SourceRunner, broker: CopyingBroker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    start(runner, broker, "a/+\n+/b", connections=2)
    broker.disconnect()
    wait_until("it subscribes again", lambda: len(broker.filters()) == 2)
    broker.publish("a/b", "5")
    wait_until("the value arrives", lambda: stored(runner)["a.b", 5.0])
    failures = [each for each in caplog.messages if "connection to the MQTT broker lost" in each]
    assert len(failures) == 1
    assert "source test works again" in caplog.text


def test_messages_without_a_number_are_logged_once_for_each_rule_and_counted(
    runner: SourceRunner, broker: CopyingBroker, caplog: pytest.LogCaptureFixture
) -> None:
    start(runner, broker, "a/+\n+/b x => two", connections=2)
    context = runner.contexts[0]
    for payload in ("unavailable", "off\x1b[31m", "21,5"):
        broker.publish("a/b", payload)
    broker.publish("a/mark", "1")
    broker.publish("mark/b", '{"x": 1}')
    wait_until("all are read", lambda: len(stored(runner)) == 2)
    broker.disconnect()
    wait_until("it subscribes again", lambda: len(broker.filters()) == 2)
    broker.publish("a/b", "nothing")
    broker.publish("a/b", "5")
    wait_until("the number arrives", lambda: stored(runner)["a.b", 5.0])
    context.left_out.flush()
    messages = [each for each in caplog.messages if "found no number" in each]
    first, later = [each for each in messages if "'a/+'" in each]
    assert first == (
        "source test: rule 'a/+' found no number: topic 'a/b': 'unavailable' is not a number"
        " (logged once; more of them are counted)"
    )
    assert later == (
        "source test: rule 'a/+' found no number in 3 more messages, in the last:"
        " topic 'a/b': 'nothing' is not a number"
    )
    assert len([each for each in messages if "'+/b x'" in each]) == 2
