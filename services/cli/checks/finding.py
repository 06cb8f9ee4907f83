"""What was found out about one part."""

from dataclasses import dataclass, field
from enum import StrEnum

from services.errors import StripchartError


class State(StrEnum):
    """How a part is: as it should be, worth a look, or wrong."""

    OK = "ok"
    LOOK = "look"
    WRONG = "wrong"


@dataclass
class Finding:
    """Facts about a part, each with what to do about it if it is not as it should be."""

    part: str
    state: State = State.OK
    facts: list[tuple[str, str]] = field(default_factory=list)

    def fact(self, text: str) -> None:
        """Note what is as it should be."""
        self._note(self.state, text, "")

    def warn(self, text: str, advice: str = "") -> None:
        """Note what somebody should look at."""
        self._note(State.LOOK if self.state is State.OK else self.state, text, advice)

    def fail(self, text: str, advice: str = "") -> None:
        """Note what keeps the part from its work."""
        self._note(State.WRONG, text, advice)

    def error(self, error: StripchartError) -> None:
        """Note an error of ours, with its hint."""
        self.fail(str(error.args[0]), error.hint)

    @property
    def text(self) -> str:
        """The facts, without advice."""
        return "; ".join(text for text, _ in self.facts)

    @property
    def advice(self) -> list[str]:
        """What to do."""
        return [advice for _, advice in self.facts if advice]

    def __str__(self) -> str:
        """All on one line."""
        told = (f"{text} -> {advice}" if advice else text for text, advice in self.facts)
        return f"{self.state:<5}  {self.part:<9} {'; '.join(told)}"

    def _note(self, state: State, text: str, advice: str) -> None:
        self.state = state
        # Errors of Redis may bring lines of their own.
        self.facts.append((" ".join(text.split()), advice))
