"""The study: the facade that notebooks and the command line open, and the views it makes."""

from workbench.study.facade import Study

__all__ = ["Study"]
