"""Forms: what people fill in, written from an instrument, and read back into observations."""

from workbench.forms.capture import CaptureOptions, write_forms
from workbench.forms.ingest import Ingested, ingest

__all__ = ["CaptureOptions", "Ingested", "ingest", "write_forms"]
