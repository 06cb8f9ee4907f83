"""A bound on the bytes of answers that clients have not read yet."""

from flask import Flask, Response, request
from werkzeug.exceptions import ServiceUnavailable

from services.web.http.client_connection import ClientConnection
from services.web.http.responses import unavailable_response


def init_app(app: Flask) -> None:
    """Replace an answer by an error if too many answers are in memory."""

    @app.after_request
    def reserve(response: Response) -> Response:
        connection = request.environ.get("gunicorn.socket")
        if response.is_streamed or not isinstance(connection, ClientConnection):
            return response
        try:
            connection.reserve_answer(response.calculate_content_length() or 0)
        except ServiceUnavailable as error:
            return unavailable_response(error)
        return response
