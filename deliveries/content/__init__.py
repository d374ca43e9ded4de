"""Markers, places and composing: text and values in, bytes out (reference 2.5, 2.6)."""

from deliveries.content.compiled import CompiledMessage as CompiledMessage
from deliveries.content.compiling import compile_source as compile_source
from deliveries.content.places.includes import Fetch as Fetch
from deliveries.content.places.includes import Fetched as Fetched
from deliveries.content.places.includes import fetches as fetches
from deliveries.content.places.includes import with_fetched as with_fetched
from deliveries.content.source import Clicks as Clicks
from deliveries.content.source import ComposeError as ComposeError
from deliveries.content.source import ContentError as ContentError
from deliveries.content.source import Envelope as Envelope
from deliveries.content.source import Part as Part
from deliveries.content.source import Preview as Preview
from deliveries.content.source import Problem as Problem
from deliveries.content.source import Source as Source
from deliveries.content.source import TrackedLink as TrackedLink
