"""The proof of the proof: each mutant must turn the checker red, and the whole product must not."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from tests.faults import stories, strangers
from tests.faults.audit import Findings

Story: TypeAlias = Callable[[Path, str | None], Findings]

MUTANTS: Final[dict[str, Story]] = {
    "position_apart": stories.killed_before_the_rows,
    "newest_entry": stories.sent_while_the_writer_was_dead,
    "maxlen": stories.more_than_the_bound,
    "answer_early": stories.web_killed_after_its_answer,
    "trim_too_far": stories.many_before_the_first_trim,
    "unsaid_loss": stories.journal_deleted,
    "first_value_stays": stories.overwritten,
    "hear_twice": strangers.said_by_strangers,
    "make_up": stories.sent_while_the_writer_was_dead,
}
"""For each mutant the story that it must not survive."""

HARMLESS: Final[tuple[Story, ...]] = (
    *(story for story in dict.fromkeys(MUTANTS.values()) if story is not stories.journal_deleted),
    stories.full_of_what_is_stored,
    strangers.lease_ends_in_an_adoption,
    strangers.frozen_in_an_adoption,
    stories.stamped_at_once,
)
"""What must not cost a whole product anything."""

LOSSES: Final[tuple[Story, ...]] = (
    stories.journal_deleted,
    stories.redis_forgot_everything,
    stories.redis_lost_its_newest,
)
"""What loses history, which the table `gaps` must say then."""


class Verdict(NamedTuple):
    """Whether a story ended as it must. mutant: None for the whole product."""

    story: str
    mutant: str | None
    right: bool
    said: str


def play_all() -> Iterator[Verdict]:
    """Play every story on the whole product and on the mutant that it is for."""
    for mutant, story in MUTANTS.items():
        yield play(story, mutant)
    for story in (*HARMLESS, *LOSSES):
        yield play(story)


def play(story: Story, mutant: str | None = None) -> Verdict:
    """Play one story in a folder that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="stripchart-story-") as folder:
        try:
            findings = story(Path(folder), mutant)
        except AssertionError as error:
            findings = Findings(others=[str(error)])
    if mutant is not None:
        right = not findings.clean
    elif story in LOSSES:
        # It is said that history was lost, as much of it as was lost, and nothing else is wrong.
        right = bool(findings.gaps) and not findings.unsaid and findings.only_lost
    else:
        right = findings.clean
    return Verdict(story.__name__, mutant, right, str(findings))


def main() -> None:
    """Play them all and say how each ended. Ends with 1 when one ended as it must not."""
    wrong = 0
    for verdict in play_all():
        wrong += not verdict.right
        who = f"mutant {verdict.mutant}" if verdict.mutant else "the whole product"
        sys.stdout.write(
            f"{'as it must be' if verdict.right else 'WRONG':13}  {verdict.story}, {who}:"
            f" {verdict.said}\n"
        )
        sys.stdout.flush()
    sys.exit(1 if wrong else 0)
