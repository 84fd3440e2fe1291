"""Verifying a run: every file against its manifest, offline, by whoever received it."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import ValidationError

from workbench.errors import Place, Problem, Reason, WorkbenchError
from workbench.language import Message
from workbench.observations.tables import REFERENCE
from workbench.runs.contents import Contents, contents_of, is_plain
from workbench.runs.hashing import run_id_of
from workbench.runs.ledger import LEDGER
from workbench.runs.provenance import MANIFEST, SUMS, sums_text
from workbench.runs.signature import SIGNATURES, check_signature, read_key
from workbench.specs.manifest import FileHash, Manifest

INPUTS = "inputs/"
# Beside what the manifest lists. The ledger holds times, which differ from run to run.
_BESIDE = {MANIFEST, SUMS, LEDGER, *SIGNATURES}


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
        Whose signature of the manifest is checked: allowed signers as ssh-keygen reads them, or a
        public key of minisign.
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
    findings += [*_id(manifest), *_sums(contents, names, manifest)]
    signer = ""
    if signers is not None:
        signed = check_signature(contents, read_key(signers), identity)
        signer = signed.who
        if not signer:
            findings.append(Finding(signed.file, Fault.SIGNATURE, signed.what))
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


def _sums(contents: Contents, names: set[str], manifest: Manifest) -> list[Finding]:
    """Return what contradicts the sums, by which the manifest itself is checked."""
    if SUMS not in names:
        return [Finding(SUMS, Fault.MISSING, Message("missing"))]
    own = hashlib.sha256(contents.read(MANIFEST)).hexdigest()
    said = contents.read(SUMS)
    if said == sums_text(manifest, own).encode():
        return []
    if own.encode() in said:
        what = Message("altered: it does not list what the manifest lists")
        return [Finding(SUMS, Fault.ALTERED, what)]
    what = Message("altered: its SHA-256 is not the one in {file}", file=SUMS)
    return [Finding(MANIFEST, Fault.ALTERED, what)]


def _id(manifest: Manifest) -> list[Finding]:
    """Return whether the id of the run follows from what the manifest lists."""
    found = run_id_of(
        inputs={f.path: f.sha256 for f in manifest.inputs},
        locale=manifest.choices.locale,
        parameters=manifest.choices.parameters,
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
