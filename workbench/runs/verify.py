"""Verifying a run: every file against its manifest, offline, by whoever received it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import ValidationError

from workbench.errors import Place, Problem, Reason, WorkbenchError
from workbench.language import Message
from workbench.observations.tables import REFERENCE
from workbench.runs.contents import Contents, contents_of, is_plain
from workbench.runs.files import write_whole
from workbench.runs.hashing import run_id_of
from workbench.runs.ledger import LEDGER
from workbench.runs.provenance import CRATE, MANIFEST, crate_text
from workbench.specs.manifest import FileHash, Manifest
from workbench.specs.yaml import is_file

SIGNATURE = f"{MANIFEST}.sig"
NAMESPACE = "municipal-workbench"
INPUTS = "inputs/"
# Beside what the manifest lists. The ledger holds times, which differ from run to run.
_BESIDE = {MANIFEST, SIGNATURE, CRATE, LEDGER}


class Fault(StrEnum):
    """What is wrong with a file of a run."""

    ALTERED = "altered"
    MISSING = "missing"
    ADDED = "added"
    ID = "id"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Finding:
    """A file that is not as the manifest says."""

    path: str
    fault: Fault
    what: Message


@dataclass(frozen=True, slots=True)
class Verification:
    """What verifying a run found.

    Parameters
    ----------
    manifest : Manifest
    checked : int
        Files whose hash was computed.
    inputs : int
        Of these, inputs that a pack holds.
    findings : tuple of Finding
        Empty where all is as the manifest says.
    signer : str
        Who signed the manifest; empty where that was not asked, or did not hold.
    """

    manifest: Manifest
    checked: int
    inputs: int
    findings: tuple[Finding, ...]
    signer: str = ""


def verify(path: Path, *, signers: Path | None = None, identity: str | None = None) -> Verification:
    """Compare every file of a run, or of a pack of it, with its manifest.

    Parameters
    ----------
    path : Path
        Folder of the run, or the pack.
    signers : Path, optional
        File of allowed signers, as ssh-keygen reads it: the signature of the manifest is checked.
    identity : str, optional
        Who must have signed; any of the allowed ones by default.

    Raises
    ------
    WorkbenchError
        If there is no run, or its manifest can't be read.
    """
    contents = contents_of(path)
    manifest = read_manifest(contents)
    names = set(contents.names())
    findings: list[Finding] = []
    checked = 0
    for file in manifest.files.values():
        checked += file.path in names
        findings += _compared(contents, names, file, file.path)
    packed = {packed_name(file): file for file in manifest.sources}
    inputs = 0
    if any(name.startswith(INPUTS) for name in names):
        for name, file in packed.items():
            if file.path not in manifest.restricted:
                inputs += name in names
                findings += _compared(contents, names, file, name)
    known = set(manifest.files) | _BESIDE | set(packed)
    findings += [
        Finding(n, Fault.ADDED, Message("added: the manifest does not list it"))
        for n in sorted(names - known)
    ]
    findings += _crate(contents, names, manifest)
    findings += _id(manifest)
    signer = ""
    if signers is not None:
        signer, wrong = _signed(contents, names, signers, identity)
        findings += wrong
    return Verification(manifest, checked, inputs, tuple(findings), signer)


def read_manifest(contents: Contents) -> Manifest:
    """Return the manifest of a run.

    Raises
    ------
    WorkbenchError
        If there is none, it is of another format, or lists paths that no run has.
    """
    where = Place(f"{contents.path}: {MANIFEST}")
    if MANIFEST not in contents.names():
        what = Message("a run has a manifest, and here is none")
        fix = Message("Give the folder of a run that has ended, such as outputs/STUDY, or a pack.")
        raise WorkbenchError(Problem(Reason.FILE_MISSING, what, where, fix=fix))
    try:
        manifest = Manifest.model_validate_json(contents.read(MANIFEST))
    except (ValidationError, RecursionError) as cause:
        detail = cause.errors()[0] if isinstance(cause, ValidationError) else {"msg": str(cause)}
        place = ".".join(str(part) for part in detail.get("loc", ()))
        what = Message("the manifest can't be read: {detail}", detail=f"{place} {detail['msg']}")
        raise WorkbenchError(Problem(Reason.FILE_FORMAT, what, where)) from cause
    listed = [*manifest.files, *(f.path.removeprefix(REFERENCE) for f in manifest.sources)]
    strange = [path for path in listed if not is_plain(path)]
    twice = [p for p, n in Counter(f.path for f in manifest.inputs).items() if n > 1]
    if strange or twice:
        what = Message("the manifest lists a path that no run has")
        raise WorkbenchError(Problem(Reason.FILE_FORMAT, what, where, got=(strange + twice)[0]))
    return manifest


def packed_name(file: FileHash) -> str:
    """Return the path in a pack of a file that the run was made from."""
    return f"{INPUTS}{file.path.replace(REFERENCE, 'reference/')}"


def _compared(contents: Contents, names: set[str], file: FileHash, name: str) -> list[Finding]:
    """Return what is wrong with a file, if anything is."""
    if name not in names:
        return [Finding(name, Fault.MISSING, Message("missing"))]
    try:
        found = contents.sha256(name, file.bytes)
    except Exception as cause:  # a damaged pack fails in many ways, and each is the answer
        what = Message("altered: it can't be read ({detail})", detail=str(cause)[:80])
        return [Finding(name, Fault.ALTERED, what)]
    if found == file.sha256:
        return []
    what = (
        Message("altered: longer than the {n} bytes it had", n=file.bytes)
        if found is None
        else Message("altered: its SHA-256 is {hash}", hash=found)
    )
    return [Finding(name, Fault.ALTERED, what)]


def _crate(contents: Contents, names: set[str], manifest: Manifest) -> list[Finding]:
    """Return whether the crate is the one that follows from the manifest."""
    if CRATE not in names:
        return [Finding(CRATE, Fault.MISSING, Message("missing"))]
    if contents.read(CRATE) == crate_text(manifest).encode():
        return []
    return [Finding(CRATE, Fault.ALTERED, Message("altered: it does not follow from the manifest"))]


def _id(manifest: Manifest) -> list[Finding]:
    """Return whether the id of the run follows from what the manifest lists."""
    found = run_id_of(
        inputs={f.path: f.sha256 for f in manifest.inputs},
        locale=manifest.choices.locale,
        notebooks={f.path: f.sha256 for f in manifest.notebooks},
        code=manifest.software.code_sha256,
        lock=manifest.software.lock_sha256,
    )
    if found == manifest.run_id:
        return []
    what = Message(
        "altered: its inputs and choices give the run id {found}, and it says {said}",
        found=found,
        said=manifest.run_id,
    )
    return [Finding(MANIFEST, Fault.ID, what)]


# -- signature --------------------------------------------------------------------------------


def sign(run: Path, key: Path) -> Path:
    """Sign the manifest of a run with an SSH key, and return the signature's path.

    Parameters
    ----------
    run : Path
        Folder of the run.
    key : Path
        Private key; ssh-keygen asks for its passphrase, or the agent's.

    Raises
    ------
    WorkbenchError
        If there is no manifest or key, or ssh-keygen refuses.
    """
    contents = contents_of(run)
    read_manifest(contents)
    given = contents.read(MANIFEST)
    done = _ssh_keygen("-Y", "sign", "-f", str(key), "-n", NAMESPACE, given=given)
    if done.returncode != 0:
        what = Message("ssh-keygen could not sign: {detail}", detail=_last(done.stderr))
        raise WorkbenchError(Problem(Reason.RUN, what, Place(str(key))))
    write_whole(run / SIGNATURE, done.stdout)
    return run / SIGNATURE


def _signed(
    contents: Contents, names: set[str], signers: Path, identity: str | None
) -> tuple[str, list[Finding]]:
    """Return who signed the manifest, and what is wrong with the signature."""
    if SIGNATURE not in names:
        what = Message("missing: the manifest is not signed")
        return "", [Finding(SIGNATURE, Fault.SIGNATURE, what)]
    if not is_file(signers):
        what = Message("there is no such file of allowed signers")
        raise WorkbenchError(Problem(Reason.FILE_MISSING, what, Place(str(signers))))
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        signature = Path(folder) / SIGNATURE
        signature.write_bytes(contents.read(SIGNATURE))
        manifest = contents.read(MANIFEST)
        who = identity or _principal(signature, signers)
        done = _ssh_keygen(
            "-Y", "verify", "-f", str(signers), "-I", who or "nobody", "-n", NAMESPACE,
            "-s", str(signature), given=manifest,
        )  # fmt: skip
    if done.returncode == 0 and who:
        return who, []
    detail = _last(done.stderr or done.stdout)
    what = Message("the signature does not hold: {detail}", detail=detail)
    return "", [Finding(SIGNATURE, Fault.SIGNATURE, what)]


def _principal(signature: Path, signers: Path) -> str:
    """Return the first of the allowed signers whose key made a signature; empty for none."""
    done = _ssh_keygen("-Y", "find-principals", "-s", str(signature), "-f", str(signers))
    lines = done.stdout.decode("utf-8", "replace").split("\n")
    return lines[0].strip() if done.returncode == 0 else ""


def _ssh_keygen(*arguments: str, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """Return what ssh-keygen answered.

    Raises
    ------
    WorkbenchError
        If it is not installed.
    """
    program = shutil.which("ssh-keygen")
    if program is None:
        what = Message("ssh-keygen is not installed, and signatures are made and checked by it")
        fix = Message("Install OpenSSH.")
        raise WorkbenchError(Problem(Reason.FILE_MISSING, what, Place("ssh-keygen"), fix=fix))
    # Arguments are paths and a name, never a command line.
    return subprocess.run(  # noqa: S603
        [program, *arguments], input=given, capture_output=True, check=False
    )


def _last(output: bytes) -> str:
    """Return the last line that a command printed."""
    lines = output.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:120] if lines else "-"
