"""A process of the product that can kill or stop itself at a failpoint."""

import sys
from pathlib import Path

from tests.support.processes import ManagedProcess


class FailpointProcess(ManagedProcess):
    """A service that starts as it is, or through `tests.faults.failpoints` with a fault in it."""

    def start_with(self, *options: str) -> None:
        """Start the service with a fault.

        Args:
            options: Options of `python -m tests.faults.failpoints`. Without any, there is no fault.
        """
        if options:
            module = ["-m", "tests.faults.failpoints", self.name]
            self._spawn([sys.executable, *module, *options, "--hits", str(self._hits)])
        else:
            self.start()

    @property
    def _hits(self) -> Path:
        return self.log.with_suffix(".hits")

    def failpoint_hits(self) -> list[str]:
        """Return the failpoints at which this process, or a child, has killed or stopped itself."""
        return self._hits.read_text().split() if self._hits.exists() else []
