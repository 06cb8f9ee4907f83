"""The finding of a check: the state of one part, with facts and advice."""

from dataclasses import dataclass, field
from enum import StrEnum

from services.errors import StripchartError


class State(StrEnum):
    """The state of a part: it works, it works but needs attention, or it does not work."""

    OK = "ok"
    WARN = "warn"
    WRONG = "wrong"


@dataclass
class Finding:
    """Facts about a part, and the worst state that they imply.

    Attributes:
        part: Name of the part.
        state: Its state.
        facts: Sentences, each with advice for the operator; the advice is empty for good news.
    """

    part: str
    state: State = State.OK
    facts: list[tuple[str, str]] = field(default_factory=list)

    def fact(self, text: str) -> None:
        """Add a fact that needs no attention."""
        self._add(self.state, text, "")

    def warn(self, text: str, advice: str = "") -> None:
        """Add a fact that needs attention."""
        self._add(State.WARN if self.state is State.OK else self.state, text, advice)

    def fail(self, text: str, advice: str = "") -> None:
        """Add a fact that prevents the part from working."""
        self._add(State.WRONG, text, advice)

    def error(self, error: StripchartError) -> None:
        """Add an error, with its hint as advice."""
        self.fail(str(error.args[0]), error.hint)

    @property
    def text(self) -> str:
        """The facts without advice."""
        return "; ".join(text for text, _ in self.facts)

    @property
    def advice(self) -> list[str]:
        """The advice without facts."""
        return [advice for _, advice in self.facts if advice]

    def __str__(self) -> str:
        """Return everything on one line."""
        texts = (f"{text} -> {advice}" if advice else text for text, advice in self.facts)
        return f"{self.state:<5}  {self.part:<9} {'; '.join(texts)}"

    def _add(self, state: State, text: str, advice: str) -> None:
        self.state = state
        # Errors of Redis may contain line breaks.
        self.facts.append((" ".join(text.split()), advice))
