"""Names that papermill sets and no notebook has."""

from __future__ import annotations

import nbformat
import papermill
import pytest

from tests.support import Project
from workbench.errors import Reason, WorkbenchError
from workbench.study.injected import assigned_names, check_injected

PARAMETERS = 'study = "params/estudio.yml"\nunit = "01001"\nlocale: str = "es-MX"\n'


def test_known_names_pass() -> None:
    check_injected([])
    check_injected(["", PARAMETERS, '# Parameters\nunit = "01002"\n'])
    check_injected(["", "x = 1", "# Parameters\ny = 1\n"])
    check_injected(["", "study = Study.open('x')", "# Parameters\ny = 1\n"])
    check_injected(["%matplotlib inline", PARAMETERS, "# Parameters\n"])


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(WorkbenchError, match="Did you mean unit") as caught:
        check_injected(["", PARAMETERS, '# Parameters\nunti = "01002"\n'])
    assert caught.value.reason == Reason.PARAMETER_UNKNOWN


def test_assigned_names() -> None:
    assert assigned_names("a = 1\nb: int = 2\nif True:\n    c = 3\n") == ["a", "b"]
    assert assigned_names("a = (") == []


def test_papermill_alone(project: Project) -> None:
    """Papermill only warns; the report would be of the default unit."""
    path = project.write().parent / "n.ipynb"
    cells = [
        nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("from workbench import Study\nStudy.open(study)"),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "x", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)
    options = {"kernel_name": "python3", "cwd": str(project.path), "progress_bar": False}
    papermill.execute_notebook(path, None, {"unit": "01002"}, **options)
    with pytest.raises(papermill.PapermillExecutionError, match="no parameter unti"):
        papermill.execute_notebook(path, None, {"unti": "01002"}, **options)
