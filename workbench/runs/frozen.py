"""The views of a run as the texts that are written: thousands of them take little memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.runs.hashing import sha256_of_text
from workbench.study.certainty_views import CertaintyView
from workbench.study.facade import dump_view
from workbench.study.views import CohortView, UnitView

View = UnitView | CohortView


class FrozenViews(Mapping[str, View]):
    """Views by key, packed.

    Attributes
    ----------
    heads : dict of str to UnitView
        Of each unit who it is and its results on page one, without all that is below them.
    hashes : dict of str to str
        Hash of what each view shows. The id of the run is printed, but a report whose content is
        the same need not be made again.
    """

    def __init__(self) -> None:
        self.heads: dict[str, UnitView] = {}
        self.hashes: dict[str, str] = {}
        self._packed: dict[str, bytes] = {}
        self._kinds: dict[str, type[View]] = {}

    def add(self, key: str, view: View) -> None:
        """Take a view."""
        info = view.info.model_copy(update={"run_id": None})
        self.hashes[key] = sha256_of_text(dump_view(view.model_copy(update={"info": info})))
        self._packed[key] = zlib.compress(dump_view(view).encode("utf-8"), 1)
        self._kinds[key] = type(view)
        if isinstance(view, UnitView):
            self.heads[key] = _head(view)

    def text(self, key: str) -> str:
        """Return a view as it is written."""
        return zlib.decompress(self._packed[key]).decode("utf-8")

    def __getitem__(self, key: str) -> View:
        """Return a view."""
        return self._kinds[key].model_validate_json(self.text(key))

    def __iter__(self) -> Iterator[str]:
        """Iterate over the keys, in the order in which they were added."""
        return iter(self._packed)

    def __len__(self) -> int:
        """Return the number of views."""
        return len(self._packed)


def _head(view: UnitView) -> UnitView:
    """Return a view without its long lists."""
    below = {"nodes": (), "indicators": (), "stages": (), "versions": (), "warnings": ()}
    single: dict[str, Any] = {
        "comparison": None,
        "roadmap": None,
        "certainty": CertaintyView(),
        "spread": {},
    }
    return view.model_copy(update={**below, **single})
