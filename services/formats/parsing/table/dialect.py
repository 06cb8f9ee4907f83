"""Cells of the lines of a table, and the delimiter between them."""

import csv
import re
from typing import Final

from services.errors import MalformedError

DELIMITERS: Final = ("\t", ";", ",")
"""Delimiters that are recognised, the most certain one first: a comma may also be in a number."""

_OTHER_DELIMITERS: Final = frozenset("|")
_DELIMITER_NAMES: Final = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";"}
_MAX_REASON_CHARS: Final = 100
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)

# A text that a spreadsheet would run as a formula, after any apostrophes that prevent it.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


class OpenQuoteError(MalformedError):
    """A quote is still open at the end of a line."""


def split_cells(line: str, delimiter: str) -> list[str]:
    """Split a line into its cells. Quotes around a cell are removed.

    Raises:
        OpenQuoteError: A quote is open at the end of the line.
        MalformedError: The quotes are wrong.
    """
    if '"' not in line:
        return line.split(delimiter)
    reader = csv.reader([line], delimiter=delimiter, skipinitialspace=True, strict=True)
    try:
        return next(reader, [])
    except csv.Error as error:
        reason = f"not CSV: {error}"[:_MAX_REASON_CHARS]
        if "unexpected end" in reason:
            raise OpenQuoteError(reason) from error
        raise MalformedError(reason) from error


def check_delimiter(delimiter: str) -> str:
    """Return a delimiter that an operator or a table names.

    Raises:
        MalformedError: It is not one of the possible delimiters.
    """
    delimiter = _DELIMITER_NAMES.get(delimiter.lower(), delimiter)
    if delimiter not in DELIMITERS and delimiter not in _OTHER_DELIMITERS:
        raise MalformedError(
            f"the delimiter {delimiter!r:.20} is not possible", "use one of , ; | or a tab"
        )
    return delimiter


def declared_delimiter(line: str) -> str | None:
    """Return the delimiter that a line such as `sep=;` declares, None for any other line.

    Raises:
        MalformedError: It declares an impossible delimiter.
    """
    # Spreadsheets fill the line up with empty cells.
    match = _SEPARATOR_LINE.match(line)
    if match is None or line[match.end() :].strip(f"{match[1]},; "):
        return None
    return check_delimiter(match[1])


def escape_formula(text: str) -> str:
    """Return a text that a spreadsheet does not run as a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescape_formula(text: str) -> str:
    """Undo `escape_formula`."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
