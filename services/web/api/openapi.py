"""The description of the API as OpenAPI 3.1 and as a page, made from the contracts of routes."""

import inspect
import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any, Final

import msgspec
from flask import Blueprint, Flask, Response, current_app, render_template, request
from werkzeug.routing import Rule

from services import __version__
from services.web.http.contract import Content, Contract, contract_of, describes
from services.web.http.responses import json_response
from services.web.http.schemas import error_contents

_REF: Final = "#/components/schemas/{name}"
_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")

blueprint = Blueprint("openapi", __name__)


@blueprint.get("/api/openapi.json")
@describes(Contract({200: Content((dict[str, Any],)), **error_contents(403)}))
def openapi() -> Response:
    """This description, as OpenAPI 3.1."""
    return json_response(document(current_app, request.script_root))


@blueprint.get("/api/")
@describes(Contract({200: Content((str,), "text/html; charset=utf-8"), **error_contents(403)}))
def page() -> str:
    """This description, to be read."""
    return render_template(
        "api.html",
        base=request.script_root,
        version=__version__,
        document=document(current_app, request.script_root),
        shown=lambda value: msgspec.json.encode(value).decode(),
        reason=lambda status: HTTPStatus(int(status)).phrase,
    )


def document(app: Flask, root: str) -> dict[str, Any]:
    """The description of all routes under /api. root: the path that they are served under."""
    described = list(_described(app))
    schemas = _Schemas([contract for _, _, contract in described])
    paths: dict[str, dict[str, Any]] = {}
    for rule, view, contract in described:
        operations = paths.setdefault(_ARGUMENT.sub(r"{\1}", rule.rule), {})
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            operations[method.lower()] = {
                "operationId": f"{rule.endpoint}.{method.lower()}",
                **_operation(rule, view, contract, schemas),
            }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Stripchart", "version": __version__, "license": {"name": "MIT"}},
        "servers": [{"url": root or "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": schemas.components},
    }


def _described(app: Flask) -> Iterator[tuple[Rule, Callable[..., Any], Contract]]:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        contract = contract_of(view)
        if contract is not None and rule.rule.startswith("/api"):
            yield rule, view, contract


def _operation(
    rule: Rule, view: Callable[..., Any], contract: Contract, schemas: "_Schemas"
) -> dict[str, Any]:
    summary, _, more = inspect.cleandoc(view.__doc__ or "").partition("\n")
    operation: dict[str, Any] = {
        "summary": summary.removesuffix("."),
        "description": " ".join(more.split()),
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in _ARGUMENT.findall(rule.rule)
        ]
        + list(_parameters(contract, schemas)),
        "responses": {
            str(status): {"description": HTTPStatus(status).phrase} | _content([content], schemas)
            for status, content in sorted(contract.answers.items())
        },
    }
    if contract.body:
        operation["requestBody"] = {"required": True, **_content(contract.body, schemas)}
    return operation


def _parameters(contract: Contract, schemas: "_Schemas") -> Iterator[dict[str, Any]]:
    if contract.query is None:
        return
    for field in msgspec.structs.fields(contract.query):
        default = {} if field.default in (msgspec.NODEFAULT, None) else {"default": field.default}
        yield {
            "name": field.encode_name,
            "in": "query",
            "required": field.required,
            "schema": schemas.of(field.type) | default,
        }


def _content(contents: Any, schemas: "_Schemas") -> dict[str, Any]:
    found = {}
    for content in filter(None, contents):
        options = [schemas.of(kind) for kind in content.types]
        found[content.media] = {"schema": options[0] if len(options) == 1 else {"anyOf": options}}
        if content.example is not None:
            found[content.media]["example"] = content.example
    return {"content": found} if found else {}


class _Schemas:
    """The JSON schemas of all types that the contracts name."""

    def __init__(self, contracts: list[Contract]) -> None:
        types = [kind for contract in contracts for kind in _types(contract)]
        schemas, self.components = msgspec.json.schema_components(types, ref_template=_REF)
        self._schemas = list(zip(types, schemas, strict=True))

    def of(self, kind: Any) -> dict[str, Any]:
        """The schema of a type. Types need not be hashable."""
        return next(schema for known, schema in self._schemas if known == kind)


def _types(contract: Contract) -> Iterator[Any]:
    for content in (*contract.answers.values(), *contract.body):
        yield from content.types if content is not None else ()
    if contract.query is not None:
        yield from (field.type for field in msgspec.structs.fields(contract.query))
