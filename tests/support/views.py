"""Views for tests."""

import json
from typing import Any

HOME: dict[str, Any] = {
    "title": "Home",
    "window": "24h",
    "columns": 2,
    "panels": [
        {"id": "p1", "title": "Rooms", "series": ["*.temperature"], "limits": ["18..24"]},
        {"id": "p2", "type": "bars", "series": ["energy"], "per": "day"},
    ],
}


def titled(title: str) -> str:
    """Return a view with this title, as JSON."""
    return json.dumps(HOME | {"title": title})
