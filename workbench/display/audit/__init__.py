"""The sections of an audit: what the index is made of, and how far its ranking can be trusted."""

from workbench.display.audit.common import AuditView
from workbench.display.audit.data import measured, structure
from workbench.display.audit.head import cover, method, verdict
from workbench.display.audit.solid import influence, links, places, sensitivity
from workbench.display.audit.together import importance, together

__all__ = [
    "AuditView",
    "cover",
    "importance",
    "influence",
    "links",
    "measured",
    "method",
    "places",
    "sensitivity",
    "structure",
    "together",
    "verdict",
]
