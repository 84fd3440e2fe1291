"""Forms: what people fill in, written from an instrument, and read back into observations."""

from workbench.forms.capture import CaptureOptions, write_forms

