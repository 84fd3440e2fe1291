"""Signing the manifest of a run, and checking that, by the command of ssh-keygen or of minisign.

A key tells by its first line whose it is. Nothing of the cryptography is done here.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import Place, Problem, Reason, WorkbenchError
from workbench.language import Message
from workbench.runs.contents import Contents
from workbench.runs.files import write_whole
from workbench.runs.provenance import MANIFEST

SSH, MINISIGN = f"{MANIFEST}.sig", f"{MANIFEST}.minisig"
SIGNATURES = (SSH, MINISIGN)
NAMESPACE = "municipal-workbench"
_PACKAGES = {"ssh-keygen": "OpenSSH", "minisign": "minisign"}
_MOST = 100_000  # bytes of a key, or of a list of them


@dataclass(frozen=True, slots=True)
class Key:
    """A key, or a list of allowed signers.

    Parameters
    ----------
    path : Path
    signature : str
        Name of the signatures that are made and checked with it.
    """

    path: Path
    signature: str


@dataclass(frozen=True, slots=True)
class Signed:
    """What the check of a signature found.

    Parameters
    ----------
    file : str
        The signature.
    who : str
        Who signed; empty where it does not hold.
    what : Message
        Why it does not hold.
    """

    file: str
    who: str
    what: Message


def read_key(path: Path) -> Key:
    """Return a key with whose it is.

    Raises
    ------
    WorkbenchError
        If there is no such file.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MOST)
    except OSError as cause:
        what = Message("there is no such key, or file of allowed signers")
        raise WorkbenchError(Problem(Reason.FILE_MISSING, what, Place(str(path)))) from cause
    first = content.split(b"\n")[0].strip()
    of_minisign = b"minisign" in first or (first.startswith(b"RW") and b" " not in first)
    return Key(path, MINISIGN if of_minisign else SSH)


def sign(run: Path, contents: Contents, key: Key) -> Path:
    """Sign the manifest of a run, and return the signature's path.

    Parameters
    ----------
    run : Path
        Folder of the run.
    contents : Contents
        Its files.
    key : Key
        Private one; the command asks for its passphrase, or the agent's.

    Raises
    ------
    WorkbenchError
        If the command is not installed, or refuses.
    """
    given = contents.read(MANIFEST)
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        manifest, signature = _beside(folder, given, key.signature)
        if key.signature == SSH:
            done = _run("ssh-keygen", "-Y", "sign", "-q", "-f", key.path, "-n", NAMESPACE, manifest)
        else:
            done = _run("minisign", "-S", "-s", key.path, "-m", manifest, "-x", signature)
        if done.returncode != 0 or not signature.is_file():
            what = Message(
                "{program} could not sign: {detail}", program=done.args[0], detail=_last(done)
            )
            raise WorkbenchError(Problem(Reason.RUN, what, Place(str(key.path))))
        write_whole(run / key.signature, signature.read_bytes())
    return run / key.signature


def check_signature(contents: Contents, key: Key, identity: str | None) -> Signed:
    """Return who signed the manifest, or why the signature does not hold.

    Parameters
    ----------
    contents : Contents
    key : Key
        Allowed signers, or a public key of minisign.
    identity : str or None
        Who must have signed; any of the allowed ones by default.

    Raises
    ------
    WorkbenchError
        If the command is not installed.
    """
    file = key.signature
    if file not in contents.names():
        return Signed(file, "", Message("missing: the manifest is not signed by such a key"))
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        manifest, signature = _beside(folder, contents.read(MANIFEST), file)
        signature.write_bytes(contents.read(file, _MOST))
        if file == SSH:
            who = identity or _principal(signature, key.path)
            done = _run(
                "ssh-keygen", "-Y", "verify", "-f", key.path, "-I", who or "nobody",
                "-n", NAMESPACE, "-s", signature, given=manifest.read_bytes(),
            )  # fmt: skip
        else:
            public = _public(key.path, Path(folder))
            done = _run("minisign", "-V", "-q", "-p", public, "-m", manifest, "-x", signature)
            who = public.read_text(encoding="utf-8", errors="replace").split()[-1]
    if done.returncode == 0 and who:
        return Signed(file, who, Message(""))
    what = Message("the signature does not hold: {detail}", detail=_last(done))
    return Signed(file, "", what)


def _beside(folder: str, manifest: bytes, signature: str) -> tuple[Path, Path]:
    """Return where the manifest was put for the command, and where its signature goes."""
    path = Path(folder) / MANIFEST
    path.write_bytes(manifest)
    return path, Path(folder) / signature


def _public(key: Path, folder: Path) -> Path:
    """Return a public key of minisign as a file that it reads: with its line of comment."""
    text = key.read_text(encoding="utf-8", errors="replace")
    if text.startswith("untrusted comment"):
        return key
    whole = folder / "key.pub"
    whole.write_text(f"untrusted comment: minisign public key\n{text.strip()}\n", encoding="utf-8")
    return whole


def _principal(signature: Path, signers: Path) -> str:
    """Return the first of the allowed signers whose key made a signature; empty for none."""
    done = _run("ssh-keygen", "-Y", "find-principals", "-s", signature, "-f", signers)
    lines = done.stdout.decode("utf-8", "replace").split("\n")
    return lines[0].strip() if done.returncode == 0 else ""


def _run(
    program: str, *arguments: str | Path, given: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Return what a command answered.

    Raises
    ------
    WorkbenchError
        If it is not installed.
    """
    found = shutil.which(program)
    if found is None:
        what = Message(
            "{program} is not installed, and such signatures are made and checked by it",
            program=program,
        )
        fix = Message("Install {package}.", package=_PACKAGES[program])
        raise WorkbenchError(Problem(Reason.FILE_MISSING, what, Place(program), fix=fix))
    # Arguments are paths and a name, never a command line.
    done = subprocess.run(  # noqa: S603
        [found, *map(str, arguments)], input=given, capture_output=True, check=False
    )
    return subprocess.CompletedProcess([program], done.returncode, done.stdout, done.stderr)


def _last(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return the last line that a command printed."""
    lines = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:120] if lines else "-"
