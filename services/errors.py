"""The errors that Stripchart raises on purpose.

Each carries a hint for the operator, says whether the same call can succeed later
(`transient`), and names the exit status of a process that ends because of it.
"""


class StripchartError(Exception):
    """An error that an operator can understand and act on."""

    transient = False
    exit_status = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message} ({self.hint})" if self.hint else message


class SettingError(StripchartError):
    """A setting has a value that can't be used."""

    exit_status = 2


class MalformedError(StripchartError):
    """A text is not a reading, a list of readings or a message."""


class OversizedError(StripchartError):
    """A text holds more than is taken at once. Nothing of it was taken."""


class BrokerUnavailableError(StripchartError):
    """Redis can't be reached, or is not ready. What was sent may or may not have been taken."""

    transient = True


class SourceError(StripchartError):
    """A source of the producer gives no readings now."""

    transient = True


class JournalFullError(StripchartError):
    """The journal holds as much unstored data as it may. Nothing of the call was taken."""

    transient = True


class LeaseLostError(StripchartError):
    """The lease is not the caller's any more. Nothing of the call was taken."""

    transient = True


class LeaseTakenError(LeaseLostError):
    """Another writer holds the lease, and may have heard what this one has."""


class StoreUnavailableError(StripchartError):
    """The database can't be used now: it is missing, locked, full or failing."""

    transient = True


class StoreMissingError(StoreUnavailableError):
    """There is no database yet: the writer has not made it."""


class StoreUnusableError(StripchartError):
    """The database can't be used until somebody acts."""


class StoreDamagedError(StoreUnusableError):
    """The file of the database holds no sound database."""


class StoreReplacedError(StoreUnusableError):
    """The file of the database is not the one any more that was opened. Nothing was written."""


class StoreChangedError(StoreUnusableError):
    """Another program has written into the file of the database. Nothing was written since."""


class AlreadyRunningError(StripchartError):
    """Another process has what this one needs for itself alone."""


class UnknownSeriesError(StripchartError):
    """There is no series of this name."""


class SeriesExistsError(StripchartError):
    """There is a series of this name already."""
