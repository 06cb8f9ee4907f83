"""The write routes of InfluxDB, and what they answer and publish."""

from werkzeug.test import TestResponse

from services.broker import Broker, Journal
from services.formats.json import decode_entry
from services.position import JOURNAL_START
from services.reading import Reading

V1 = "/write?db=home"
V2 = "/api/v2/write?org=&bucket=home"
V3 = "/api/v3/write_lp?db=home"
ALL = [V1, V2, V3]
TS = 1_763_793_660_500_000


def published(broker: Broker) -> list[Reading]:
    """Return the readings in the journal."""
    entries = Journal(broker).read(JOURNAL_START, 100).entries
    return [reading for entry in entries for reading in decode_entry(entry.text).readings]


def error_of(response: TestResponse) -> str:
    """Return the text of an error, in the form of any version."""
    document = response.get_json()
    assert response.mimetype == "application/json"
    if response.request.path.endswith("/v2/write"):
        assert response.content_type == "application/json; charset=utf-8"
        assert set(document) == {"code", "message"}
        return str(document["message"])
    if response.request.path == "/write":
        assert set(document) == {"error"}
        assert response.headers["X-Influxdb-Error"] == " ".join(document["error"].split())[:200]
    return str(document["error"])
