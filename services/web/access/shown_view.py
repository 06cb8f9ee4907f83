"""A view as a share link shows it: its document, and the series that it gives access to."""

from typing import NamedTuple, Self

from services.allowed_series import AllowedSeries
from services.errors import MalformedError
from services.formats.shared_views import series_of_view, shared_part
from services.formats.views import NumberedView, ViewDocument
from services.store import SharedView


class ShownView(NamedTuple):
    """The shown part of a view.

    Attributes:
        document: What is shown, with the view's name for a missing title.
        series: The series of its panels.
    """

    document: NumberedView
    series: AllowedSeries

    @classmethod
    def of_stored(cls, view: SharedView) -> Self | None:
        """Return the shown part of a view in the database, None if another program damaged it."""
        try:
            part = shared_part(ViewDocument.decode(view.document))
        except MalformedError:
            return None
        title = part.title or view.name
        document = NumberedView(title, part.window, part.columns, part.panels, view.revision)
        return cls(document, series_of_view(part))
