"""With what a run is made: versions, code, and the machine as far as it can move a digit."""

from __future__ import annotations

import platform
import re
from importlib.metadata import PackageNotFoundError, requires, version

import numpy as np

from workbench.runs.hashing import code_sha256
from workbench.specs.manifest import Software
from workbench.study.info import package_version

PACKAGE = "municipal-workbench"


def software(lock_sha256: str | None) -> Software:
    """Return with what a run would be made here.

    Parameters
    ----------
    lock_sha256 : str or None
        Hash of the locked versions; None where the project has none.
    """
    return Software(
        package=PACKAGE,
        version=package_version(),
        code_sha256=code_sha256(),
        lock_sha256=lock_sha256,
        python=".".join(platform.python_version_tuple()[:2]),
        machine=_machine(),
        libraries=_libraries(),
    )


def _machine() -> str:
    """Return system, processor, and the widest instructions that numpy finds in it.

    Sums are split by the width of the instructions, so their last digits may depend on it.
    """
    parts = np.show_config(mode="dicts")["SIMD Extensions"]
    found = [*parts["baseline"], *parts["found"]]
    return " ".join([platform.system(), platform.machine(), *found[-1:]])


def _libraries() -> dict[str, str]:
    """Return the version of each library that the package needs.

    The lock says what should be installed, these what is.
    """
    try:
        needed = [line for line in requires(PACKAGE) or () if "extra ==" not in line]
    except PackageNotFoundError:
        return {}
    names = sorted(re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in needed)
    return {name: version(name) for name in names}
