"""Errors that Stripchart raises on purpose, each with a hint for the operator."""


class StripchartError(Exception):
    """An error that an operator can understand and act on.

    Attributes:
        transient: True if the same call can succeed later.
        exit_status: Exit status of a process that ends because of the error.
        hint: What the operator can do, empty if there is no advice.
    """

    transient = False
    exit_status = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message} ({self.hint})" if self.hint else message


class SettingError(StripchartError):
    """A setting has an invalid value."""

    exit_status = 2


class MalformedError(StripchartError):
    """An input is not a valid reading, list of readings, message or command."""


class OversizedError(StripchartError):
    """An input is too large for one request. Nothing was published."""


class BrokerUnavailableError(StripchartError):
    """Redis can't be reached, or is not ready. It may or may not have processed the request."""

    transient = True


class BrokerRefusedError(BrokerUnavailableError):
    """Redis refuses a command until an operator acts, and has not carried it out."""


class JournalDamagedError(BrokerUnavailableError):
    """Another program has written to the journal's state. Nothing was appended."""


class SourceError(StripchartError):
    """A source of the producer can't deliver readings at the moment."""

    transient = True


class JournalFullError(StripchartError):
    """The journal is full of data that is not stored yet. Nothing was appended."""

    transient = True


class LeaseLostError(StripchartError):
    """The caller no longer holds the lease. Redis changed nothing."""

    transient = True


class LeaseTakenError(LeaseLostError):
    """Another writer holds the lease, and may have received the same messages."""


class StoreUnavailableError(StripchartError):
    """The database is unavailable: it is missing, locked, full or failing."""

    transient = True


class StoreMissingError(StoreUnavailableError):
    """The database does not exist yet: the writer has not created it."""


class QueryInterruptedError(StoreUnavailableError):
    """A query was ended because it took too long, or because nobody waits for its result."""


class StoreUnusableError(StripchartError):
    """The database is unusable until an operator repairs it."""


class StoreDamagedError(StoreUnusableError):
    """The database file is damaged."""


class StoreReplacedError(StoreUnusableError):
    """The database file was replaced after it was opened. Nothing was written."""


class StoreChangedError(StoreUnusableError):
    """Another program wrote to the database file. Nothing was written after that."""


class AlreadyRunningError(StripchartError):
    """Another process holds a resource that only one process can use."""


class UnknownSeriesError(StripchartError):
    """No series has this name."""


class SeriesExistsError(StripchartError):
    """A series of this name exists already."""


class UnknownViewError(StripchartError):
    """No view has this name."""


class ConflictError(StripchartError):
    """A view is not as the caller expected it: it was changed, or it exists already."""


class ResultUnknownError(StripchartError):
    """A command is in the journal, and no writer has carried it out yet."""

    transient = True

    def __init__(self) -> None:
        super().__init__(
            "the writer does not answer; the view may be changed when it runs again",
            "read the view before you repeat this",
        )
