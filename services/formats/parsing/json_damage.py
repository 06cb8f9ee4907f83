"""The place where a damaged item of a JSON document ends."""

import re

# In a damaged item: strings, brackets, and line breaks with the indentation after them.
_SKIPPED = re.compile(r'"(?:[^"\\\n]++|\\.?)*+"?|\n[ \t]*|[\[\]{}]')


class DamagedItem:
    """A damaged object or list, which is skipped up to its end.

    It ends with its closing bracket, or before a line that can't be a part of it: one that begins
    an item at the same indentation, or closes the list around it.

    Args:
        indent: Indentation of the line on which it begins.

    Attributes:
        is_open: True until its end is found.
        ends_before_item: True if it ended without a closing bracket.
    """

    def __init__(self, indent: int) -> None:
        self.is_open = True
        self.ends_before_item = False
        self._indent = indent
        self._open_brackets = 1

    def find_end(self, window: str, position: int, *, is_last: bool) -> int:
        """Return the end of the item, or the place at which to continue with more text.

        Args:
            window: The text so far.
            position: Where to begin in it.
            is_last: True if no more text follows.
        """
        for token in _SKIPPED.finditer(window, position):
            text = token[0]
            may_continue = token.end() == len(window) and not is_last
            if text[0] in '\n"':
                if may_continue:
                    return token.start()
                if text[0] == "\n" and self._is_outside(
                    window[token.end() : token.end() + 1], len(text) - 1
                ):
                    self.is_open, self.ends_before_item = False, True
                    return token.start()
            else:
                self._open_brackets += 1 if text in "[{" else -1
                if not self._open_brackets:
                    self.is_open = False
                    return token.end()
        return len(window)

    def _is_outside(self, character: str, indent: int) -> bool:
        """Return True if a line that begins with this character is no part of the item."""
        if character == "]":
            return indent < self._indent
        return character in {"{", "["} and indent <= self._indent
