"""The stable name under which sources of the operator's own import their context.

A source's file begins with `from services.producer.feed import Feed`, see docs/sources.md.
"""

from services.producer.source_context import SourceContext as Feed

__all__ = ["Feed"]
