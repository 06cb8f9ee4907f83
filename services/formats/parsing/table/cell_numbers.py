"""Values in the cells of a table: numbers with a decimal point or comma, units, and states.

A number has one meaning if its digits show which separator is the decimal one. `1.234` has two
meanings in a table with decimal commas, and in one that shows neither separator.
"""

import re
from collections.abc import Callable
from typing import Final

from services.errors import MalformedError
from services.formats.parsing.quantities import (
    DoubtfulNumberError,
    Quantity,
    parse_quantity,
    parse_state,
)

MISSING_VALUES: Final = frozenset(
    {"unavailable", "unknown", "none", "null", "nil", "nan", "-nan", "n/a", "na", "#n/a", "-", "--"}
)
"""Texts in lower case, beside the empty one, of cells without a value."""

_EMPTY: Final = "empty"
_PLAIN: Final = {
    # Spaces at the ends are allowed here because `float` ignores them.
    ".": re.compile(r" *[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)? *", re.ASCII),
    ",": re.compile(r" *[+-]?(?:\d+,?\d*|,\d+)(?:[eE][+-]?\d+)? *", re.ASCII),
    None: re.compile(r" *[+-]?\d+(?:[eE][+-]?\d+)? *", re.ASCII),
}
_SEPARATED = re.compile(r"[+\N{MINUS SIGN}-]?(?P<number>[\d.,]*[.,][\d.,]*)", re.ASCII)
_GROUPED: Final = {
    ".": re.compile(r"\d{1,3}(?:,\d{3})+\.\d+", re.ASCII),
    ",": re.compile(r"\d{1,3}(?:\.\d{3})+,\d+", re.ASCII),
}
_MAYBE_THOUSANDS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_MAX_QUOTED_CHARS: Final = 40
_OPPOSITE: Final = {".": ",", ",": "."}
_NAMES: Final = {".": "point", ",": "comma"}


def missing_value(text: str) -> str | None:
    """Return the text of a cell without a value in lower case, None if it has a value."""
    word = text.strip().lower()
    if not word:
        return _EMPTY
    return word if word in MISSING_VALUES else None


class CellNumbers:
    """Parses the values of one table, which all have the same decimal separator.

    Args:
        decimal: The separator that the operator names, None to recognise it.
        delimiter: Delimiter of the table. If it is a comma, the decimal separator is a point.

    Attributes:
        decimal: The decimal separator, None before a number shows it.
        is_plain: Returns a match for a text that `to_float` can convert.
    """

    def __init__(self, decimal: str | None, delimiter: str) -> None:
        self._delimiter = delimiter
        self._is_named = decimal is not None
        self._set_decimal(decimal or ("." if delimiter == "," else None))

    def _set_decimal(self, decimal: str | None) -> None:
        self.decimal = decimal
        self.is_plain: Callable[[str], object] = _PLAIN[decimal].fullmatch
        self.to_float: Callable[[str], float] = _float_with_comma if decimal == "," else float

    @property
    def notes(self) -> list[str]:
        """Notes about the meaning of the text."""
        return ["the decimal separator is a comma"] if self.decimal == "," else []

    def observe(self, texts: list[str]) -> None:
        """Recognise the decimal separator from the first values of a table.

        Raises:
            MalformedError: The values show both separators, or a comma in a table with commas
                between the cells.
        """
        if self._is_named:
            return
        shown: dict[str, str] = {}
        for text in texts:
            separator = self._shown_separator(text)
            if separator is not None:
                shown.setdefault(separator, text)
        if self._delimiter == ",":
            # There `1.234` is read as a number with a point, unless all others have commas.
            if shown.keys() == {","}:
                raise MalformedError(
                    f"the decimal separator seems to be a comma: {shown[',']:.30}",
                    "add --decimal ,",
                )
            return
        if len(shown) > 1:
            point, comma = shown["."], shown[","]
            raise MalformedError(
                f"the decimal separator is not clear: {point:.30} and {comma:.30}",
                "add --decimal . or --decimal ,",
            )
        if shown:
            self._set_decimal(next(iter(shown)))

    def parse(self, text: str, unit: str | None) -> Quantity:
        """Parse a number, with or without a unit, or the word of a state such as `on`.

        Args:
            text: The text of a cell, not empty.
            unit: The unit of its series, if one is known.

        Raises:
            DoubtfulNumberError: The text looks like a number and has no single meaning.
            MalformedError: The text is no number.
        """
        state = parse_state(text)
        if state is not None:
            return Quantity(state, None)
        quoted = repr(text[:_MAX_QUOTED_CHARS])
        try:
            return parse_quantity(self._with_point(text.strip()), unit)
        except DoubtfulNumberError as error:
            raise DoubtfulNumberError(f"{quoted} {error.args[0]}", error.hint) from None
        except MalformedError:
            raise MalformedError(f"{quoted} is not a number") from None

    def _with_point(self, text: str) -> str:
        """Return a text whose number has a decimal point and no separators of thousands."""
        match = _SEPARATED.match(text)
        if match is None:
            return text
        number = match["number"]
        decimal = self.decimal or self._shown_separator(text)
        if decimal is None:
            raise DoubtfulNumberError(
                "may have a decimal separator or one of thousands", "add --decimal . or --decimal ,"
            )
        other = _OPPOSITE[decimal]
        if other in number and not _GROUPED[decimal].fullmatch(number):
            raise DoubtfulNumberError(
                f"has a {_NAMES[other]}, and the decimal separator is a {_NAMES[decimal]}",
                "" if self._is_named else f"if it is a {_NAMES[other]}, add --decimal {other}",
            )
        if number.count(decimal) > 1:
            raise DoubtfulNumberError("has separators of thousands")
        if self.decimal is None:
            self._set_decimal(decimal)
        plain = number.replace(other, "").replace(decimal, ".")
        return text[: match.start("number")] + plain + text[match.end() :]

    def _shown_separator(self, text: str) -> str | None:
        """Return the decimal separator that a number shows, None if it shows none for sure."""
        match = _SEPARATED.match(text.strip())
        if match is None:
            return None
        number = match["number"]
        for decimal, grouped in _GROUPED.items():
            if grouped.fullmatch(number):
                return decimal
        separators = {char for char in number if char in ",."}
        if len(separators) > 1 or number.count(next(iter(separators))) > 1:
            return None
        separator = separators.pop()
        # Where semicolons separate the cells, the reason is that numbers have decimal commas.
        is_certain = separator == "," and self._delimiter == ";"
        return separator if is_certain or not _MAYBE_THOUSANDS.fullmatch(number) else None


def _float_with_comma(text: str) -> float:
    return float(text.replace(",", "."))
