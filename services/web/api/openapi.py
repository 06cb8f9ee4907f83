"""The description of the API, made from the routes' contracts: as OpenAPI 3.1 and as a page."""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any, Final

import msgspec
from flask import Blueprint, Flask, Response, current_app, render_template, request
from werkzeug.routing import Rule

from services import __version__
from services.web.http.contract import Content, Contract, contract_of, with_contract
from services.web.http.responses import json_response
from services.web.http.schemas import error_contents

_REF_TEMPLATE: Final = "#/components/schemas/{name}"
_PATH_VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")

blueprint = Blueprint("openapi", __name__)


@blueprint.get("/api/openapi.json")
@with_contract(Contract({200: Content((dict[str, Any],)), **error_contents(403)}))
def openapi() -> Response:
    """Return this description, as OpenAPI 3.1."""
    return json_response(describe_api(current_app, request.script_root))


@blueprint.get("/api/")
@with_contract(Contract({200: Content((str,), "text/html; charset=utf-8"), **error_contents(403)}))
def page() -> str:
    """Return this description as a page."""
    return render_template(
        "api.html",
        root=f"{request.script_root}/" if request.script_root else "../",
        version=__version__,
        document=describe_api(current_app, request.script_root),
        shown=lambda value: msgspec.json.encode(value).decode(),
        reason=lambda status: HTTPStatus(int(status)).phrase,
    )


def describe_api(app: Flask, root: str) -> dict[str, Any]:
    """Describe all routes under `/api`.

    Args:
        app: The application.
        root: The path that the routes are served under, "" for none.
    """
    routes = list(_routes(app))
    schemas = _Schemas([contract for _, _, contract in routes])
    paths: dict[str, dict[str, Any]] = {}
    for rule, view, contract in routes:
        operations = paths.setdefault(_PATH_VARIABLE.sub(r"{\1}", rule.rule), {})
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


def _routes(app: Flask) -> Iterator[tuple[Rule, Callable[..., Any], Contract]]:
    """Yield rule, view and contract of each route that has a contract."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        contract = contract_of(view)
        if contract is not None and rule.rule.startswith("/api"):
            yield rule, view, contract


def _operation(
    rule: Rule, view: Callable[..., Any], contract: Contract, schemas: "_Schemas"
) -> dict[str, Any]:
    summary, _, description = inspect.cleandoc(view.__doc__ or "").partition("\n")
    operation: dict[str, Any] = {
        "summary": summary.removesuffix("."),
        "description": " ".join(description.split()),
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in _PATH_VARIABLE.findall(rule.rule)
        ]
        + list(_query_parameters(contract, schemas)),
        "responses": {
            str(status): {"description": HTTPStatus(status).phrase} | _content([content], schemas)
            for status, content in sorted(contract.responses.items())
        },
    }
    if contract.bodies:
        operation["requestBody"] = {"required": True, **_content(contract.bodies, schemas)}
    return operation


def _query_parameters(contract: Contract, schemas: "_Schemas") -> Iterator[dict[str, Any]]:
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


def _content(contents: Iterable[Content | None], schemas: "_Schemas") -> dict[str, Any]:
    """Describe contents by media type. Returns an empty dict if there are none."""
    described = {}
    for content in filter(None, contents):
        options = [schemas.of(type_) for type_ in content.types]
        schema = options[0] if len(options) == 1 else {"anyOf": options}
        described[content.media_type] = {"schema": schema}
        if content.example is not None:
            described[content.media_type]["example"] = content.example
    return {"content": described} if described else {}


class _Schemas:
    """The JSON schemas of all types in some contracts."""

    def __init__(self, contracts: list[Contract]) -> None:
        types = [type_ for contract in contracts for type_ in _types(contract)]
        schemas, self.components = msgspec.json.schema_components(types, ref_template=_REF_TEMPLATE)
        self._schemas = list(zip(types, schemas, strict=True))

    def of(self, type_: Any) -> dict[str, Any]:
        """Return the schema of a type. The search is linear: types need not be hashable."""
        return next(schema for known_type, schema in self._schemas if known_type == type_)


def _types(contract: Contract) -> Iterator[Any]:
    for content in (*contract.responses.values(), *contract.bodies):
        yield from content.types if content is not None else ()
    if contract.query is not None:
        yield from (field.type for field in msgspec.structs.fields(contract.query))
