"""The files of a run as a reader sees them: in its folder, or in a pack."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any

import pandas as pd

from workbench.errors import DataError, Place, Problem, Reason, WorkbenchError
from workbench.language import Message
from workbench.observations.parquet import read_parquet
from workbench.specs.yaml import is_file, is_folder

_BLOCK = 1 << 20
# A manifest lists each file in some 150 bytes: this is a nation's, several times over.
LARGEST_TEXT = 200_000_000
_VERIFY = Message("See what else was altered: workbench verify RUN.")


class Contents(ABC):
    """Files by path, read and never written."""

    path: Path

    @abstractmethod
    def names(self) -> list[str]:
        """Return the paths of all files, sorted, with ``/`` between folders."""

    @abstractmethod
    def opened(self, name: str) -> IO[bytes]:
        """Return a file opened for reading."""

    def read(self, name: str, most: int = LARGEST_TEXT) -> bytes:
        """Return a file whole.

        Parameters
        ----------
        name : str
        most : int
            Bytes that it may have.

        Raises
        ------
        WorkbenchError
            If it can't be read, or is larger than that.
        """
        try:
            with self.opened(name) as file:
                content = file.read(most + 1)
        except Exception as cause:  # a damaged pack fails in many ways
            raise unreadable(name, cause) from cause
        if len(content) > most:
            what = Message("the file is larger than {n} bytes", n=most)
            raise WorkbenchError(Problem(Reason.FILE_TOO_LARGE, what, Place(name)))
        return content

    def read_json(self, name: str) -> Any:
        """Return what a JSON file holds.

        Raises
        ------
        WorkbenchError
            If it can't be read.
        """
        content = self.read(name)
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as cause:
            raise unreadable(name, cause) from cause

    def read_table(self, name: str) -> pd.DataFrame:
        """Return the table of a parquet file.

        Raises
        ------
        WorkbenchError
            If it can't be read.
        """
        try:
            return read_parquet(BytesIO(self.read(name)), Place(name))
        except DataError as cause:
            raise unreadable(name, cause.problems[0].what) from cause

    def sha256(self, name: str, most: int) -> str | None:
        """Return the SHA-256 of a file; None if it is longer than it should be, read no further.

        Parameters
        ----------
        name : str
        most : int
            Bytes that it should have.
        """
        digest, read = hashlib.sha256(), 0
        with self.opened(name) as file:
            while block := file.read(_BLOCK):
                read += len(block)
                if read > most:
                    return None
                digest.update(block)
        return digest.hexdigest()


def unreadable(name: str, cause: object) -> WorkbenchError:
    """Return the error of a file that is missing or damaged."""
    detail = " ".join(str(cause).split())[:80]
    what = Message("the file can't be read: {detail}", detail=detail)
    return WorkbenchError(Problem(Reason.FILE_FORMAT, what, Place(name), fix=_VERIFY))


class FolderContents(Contents):
    """The files of a folder.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def names(self) -> list[str]:
        """Return the paths of all files, links among them: a link is no folder."""
        return sorted(_inside(self.path, ""))

    def opened(self, name: str) -> IO[bytes]:
        """Return a file opened for reading; a pipe, which may never say anything, is no file."""
        path = self.path / name
        if not path.is_file() and path.exists():
            msg = "this is no file"
            raise OSError(msg)
        return path.open("rb")


def _inside(folder: Path, prefix: str) -> Iterator[str]:
    """Yield the paths of the files in a folder and those below."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _inside(Path(entry.path), f"{prefix}{entry.name}/")
            else:
                yield f"{prefix}{entry.name}"


class PackContents(Contents):
    """The files of a pack.

    Parameters
    ----------
    path : Path

    Raises
    ------
    WorkbenchError
        If the file is no zip, or holds a path twice or one that leaves it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.file = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError) as cause:
            what = Message("this is no pack: {detail}", detail=str(cause)[:80])
            raise WorkbenchError(Problem(Reason.FILE_FORMAT, what, Place(str(path)))) from cause
        names = [entry.filename for entry in self.file.infolist() if not entry.is_dir()]
        twice = (name for name, n in Counter(names).items() if n > 1)
        bad = [*twice, *(name for name in names if not is_plain(name))]
        if bad:
            what = Message("the pack holds a path that no run has")
            place = Place(str(path))
            raise WorkbenchError(Problem(Reason.FILE_FORMAT, what, place, got=bad[0]))
        self._names = sorted(names)

    def names(self) -> list[str]:
        """Return the paths of all files."""
        return self._names

    def opened(self, name: str) -> IO[bytes]:
        """Return a file opened for reading."""
        return self.file.open(name)


def is_plain(name: str) -> bool:
    """Return whether a path stays where it is put: relative, without ``..`` and back-slashes."""
    path = PurePosixPath(name)
    return not (path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or not name)


def contents_of(path: Path) -> Contents:
    """Return the files of a run, by its folder or its pack.

    Raises
    ------
    WorkbenchError
        If there is neither.
    """
    if is_folder(path):
        return FolderContents(path)
    if is_file(path):
        return PackContents(path)
    what = Message("there is no such run")
    fix = Message("Give the folder of a run, such as outputs/STUDY, or a pack of it.")
    raise WorkbenchError(Problem(Reason.FILE_MISSING, what, Place(str(path)), fix=fix))
