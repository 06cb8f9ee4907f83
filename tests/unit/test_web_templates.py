"""Templates of the page have no unused ids."""

import re

from tests.support.paths import ROOT

WEB = ROOT / "services" / "web"
TEMPLATES = "".join(path.read_text("utf-8") for path in (WEB / "templates").glob("*.html"))
CODE = "".join(
    path.read_text("utf-8")
    for path in (WEB / "frontend").rglob("*")
    if path.suffix in (".js", ".css")
)


def test_every_id_in_templates_is_used() -> None:
    ids = re.findall(r'\bid="([\w-]+)"', TEMPLATES)
    assert len(ids) > 10
    assert [name for name in ids if not is_used(name)] == []


def is_used(name: str) -> bool:
    """Return True if a script, a style or another element refers to the id."""
    # dialogs.js finds the button `open-x` of the dialog `x`.
    if name.startswith("open-") and f'id="{name.removeprefix("open-")}"' in TEMPLATES:
        return True
    in_code = rf"""["'`#]{name}(?![\w-])"""
    in_templates = rf'\b(for|href|list|aria-[a-z]+)="[^"]*(?<![\w-]){name}(?![\w-])'
    return bool(re.search(in_code, CODE) or re.search(in_templates, TEMPLATES))
