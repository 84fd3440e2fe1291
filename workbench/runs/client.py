"""How messages of a notebook become its outputs: the same for both engines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbformat.v4 import new_output
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine
from papermill.log import logger

from workbench.language import Message

# Characters of text that a cell may print. Nobody reads more in a report, and a loop that prints
# for ever would fill memory and disk.
MOST_TEXT = 1_000_000


class ReportClient(PapermillNotebookClient):  # type: ignore[misc]
    """Papermill's client, which bounds what a cell prints and puts pieces of text together.

    A kernel sends text in pieces as the clock has it, output and errors beside each other in any
    order. Here all output between two displays comes first, then all errors.
    """

    def __init__(self, nb_man: Any, **options: Any) -> None:
        super().__init__(nb_man, **options)
        parameters = nb_man.nb.metadata.papermill.get("parameters", {})
        self.clear_before_next_output = False
        self.tag = str(parameters.get("locale", "en"))
        self.notes: dict[int, tuple[Any, int]] = {}

    def output(self, outs: list[Any], msg: Mapping[str, Any], display_id: Any, index: int) -> Any:
        """Add an output to a cell."""
        hooks = self.output_hook_stack[msg["parent_header"].get("msg_id")]
        if msg["header"]["msg_type"] != "stream" or hooks:
            return super().output(outs, msg, display_id, index)
        if self.clear_before_next_output:
            outs[:] = []
            self.clear_display_id_mapping(index)
            self.clear_before_next_output = False
        note, dropped = self.notes.get(index, (None, 0))
        if not any(o is note for o in outs):
            note, dropped = None, 0
        name, text = msg["content"]["name"], msg["content"]["text"]
        texts = (o.text for o in outs if o.output_type == "stream" and o is not note)
        room = MOST_TEXT - sum(len(text) for text in texts)
        out = _add_text(outs, name, text[:room]) if room > 0 else None
        if len(text) > room:
            dropped += len(text) - max(room, 0)
            if note is None:
                note = new_output("stream", name="stderr")
                outs.append(note)
            what = Message("[{count} more characters were printed and not kept.]", count=dropped)
            note.text = f"\n{what.text(self.tag)}\n"
            self.notes[index] = (note, dropped)
        return out


def _add_text(outs: list[Any], name: str, text: str) -> Any:
    """Add text to the stream that is open at the end of some outputs."""
    first = len(outs)
    while first and outs[first - 1].output_type == "stream":
        first -= 1
    for out in outs[first:]:
        if out.name == name:
            out.text += text
            return out
    out = new_output("stream", name=name, text=text)
    outs.insert(first if name == "stdout" else len(outs), out)
    return out


class StandardEngine(NBClientEngine):  # type: ignore[misc]
    """Papermill's standard engine, with the outputs of :class:`ReportClient`."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        start_timeout: int = 60,
        execution_timeout: int | None = None,
        input_path: str | None = None,
        held: list[Any] | None = None,
        **options: Any,
    ) -> Any:
        """Execute a notebook in a kernel.

        papermill marks the cells of a notebook whose kernel died as completed; here the one in
        which it died is marked as failed, and those after it as not yet run.
        """
        if held is not None:  # papermill keeps nothing of a notebook whose kernel died
            held.append(nb_man.nb)
        client = ReportClient(
            nb_man,
            timeout=execution_timeout,
            startup_timeout=start_timeout,
            kernel_name=kernel_name,
            log=logger,
            **options,
        )
        try:
            return client.execute()
        except Exception as cause:
            begun = [c for c in nb_man.nb.cells if c.metadata.papermill["start_time"]]
            if begun:
                nb_man.cell_exception(begun[-1], exception=cause)
            raise
