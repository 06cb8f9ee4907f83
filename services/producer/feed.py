"""The stable name under which plug-in sources import their context.

The file of a source begins with `from services.producer.feed import Feed`; see docs/sources.md.
"""

from services.producer.source_context import SourceContext as Feed

__all__ = ["Feed"]
