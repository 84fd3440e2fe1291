"""Commands on a run that exists: verify it, sign it, pack it, compare it with another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.app import EXIT_CHECK, LocaleOption, app, heads, say, tongue
from workbench.language import Locale, Message, as_locale

if TYPE_CHECKING:
    from workbench.runs.diff import Moved

MOST = 50
STUDY_FILES = (".yml", ".yaml")
RunArgument = Annotated[
    Path, typer.Argument(metavar="RUN", help="Folder of a run, outputs/STUDY, or a pack of it")
]
FolderArgument = Annotated[
    Path, typer.Argument(metavar="RUN", help="Folder of a run, outputs/STUDY")
]


@app.command()
def verify(
    run: RunArgument,
    rerun: Annotated[
        str | None,
        typer.Option(
            "--rerun", metavar="N|all", help="Make so many reports again, or all, and compare"
        ),
    ] = None,
    project: Annotated[
        Path | None,
        typer.Option("--project", metavar="DIR", help="Folder with the inputs, for --rerun"),
    ] = None,
    signers: Annotated[
        Path | None,
        typer.Option(
            "--signers", metavar="FILE", help="Allowed signers for ssh-keygen, or a minisign key"
        ),
    ] = None,
    identity: Annotated[
        str | None, typer.Option("--identity", metavar="WHO", help="Who must have signed")
    ] = None,
) -> None:
    """Compare every file of a run with its manifest; with `--rerun`, make reports again.

    Needs no network. Exit code 0 if all is as it was written, 1 if anything was altered, is missing
    or was added, or if running again gives something else.

    ```
    workbench verify outputs/gdm-slp-2025
    workbench verify outputs/gdm-slp-2025 --rerun 3
    workbench verify gdm-slp-2025-1a2b3c4d5e6f7a8b.zip --signers allowed_signers
    ```
    """
    from workbench.console import show_table
    from workbench.runs.verify import verify as verified

    found = verified(run, signers=signers, identity=identity)
    manifest = found.manifest
    say(
        "Run {run_id} of {study}: {author}, {date}.",
        run_id=manifest.run_id, study=manifest.title, author=manifest.author,
        date=as_locale(tongue()).date(manifest.date),
    )  # fmt: skip
    if found.findings:
        names = heads(Message("file"), Message("what"))
        show_table(names, [(f.path, f.what.text(tongue())) for f in found.findings[:MOST]])
        say("{n} findings in {files} files.", n=len(found.findings), files=found.checked)
    else:
        say("{files} files are as the manifest says.", files=found.checked)
    if found.inputs:
        say("{files} inputs lie beside and were compared too.", files=found.inputs)
    if found.signer:
        say("The manifest was signed by {who}.", who=found.signer)
    holds = not found.findings
    if rerun is not None:
        holds &= _rerun(run, rerun, project)
    if not holds:
        raise typer.Exit(EXIT_CHECK)


def _rerun(run: Path, which: str, project: Path | None) -> bool:
    """Make reports again, say what was found, and return whether it holds."""
    from workbench.runs.contents import contents_of
    from workbench.runs.rerun import differences, rerun
    from workbench.runs.verify import read_manifest

    for message in differences(read_manifest(contents_of(run))):
        say("Another environment: {what}.", what=message)
    found = rerun(run, which, project=project)
    for message in found.inputs:
        say("Not run again: {what}.", what=message)
    if found.inputs:
        return False
    for message in found.failed:
        say("Could not be made again: {what}", what=message)
    say(
        "{n} reports were made again: {same} files with the same bytes, {differ} with others.",
        n=len(found.reports), same=found.same, differ=len(found.differ),
    )  # fmt: skip
    for path in found.differ[:MOST] if not found.environment else ():
        say("other bytes: {path}", path=path)
    if found.numbers:
        for place in found.numbers:
            say("differs: {place}", place=place)
    else:
        say(
            "{n} numbers are the same; the largest difference is {gap}.",
            n=found.compared,
            gap=f"{found.largest:.1e}" if found.largest else "0",
        )
    return found.holds


@app.command()
def sign(
    run: FolderArgument,
    key: Annotated[
        Path, typer.Option("--key", metavar="FILE", help="Private key of SSH or of minisign")
    ],
) -> None:
    """Sign the manifest of a run with a key of yours, by ssh-keygen or minisign.

    Writes `manifest.json.sig` or `manifest.json.minisig`.

    ```
    workbench sign outputs/gdm-slp-2025 --key ~/.ssh/id_ed25519
    workbench sign outputs/gdm-slp-2025 --key ~/.minisign/minisign.key
    ```
    """
    from workbench.runs.contents import contents_of
    from workbench.runs.signature import read_key
    from workbench.runs.signature import sign as signed
    from workbench.runs.verify import read_manifest

    contents = contents_of(run)
    read_manifest(contents)
    say("Signed: {path}", path=signed(run, contents, read_key(key)))


@app.command()
def pack(
    run: FolderArgument,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="STUDY-RUNID.zip by default")
    ] = None,
    project: Annotated[
        Path, typer.Option("--project", metavar="DIR", help="Folder with the inputs")
    ] = Path(),
) -> None:
    """Write a run with its inputs as one zip, to be handed on.

    The same run gives the same bytes. Restricted inputs stay out; their hashes are in the manifest.

    ```
    workbench pack outputs/gdm-slp-2025
    ```
    """
    from workbench.runs.pack import pack as packed

    path, withheld = packed(run, project, out)
    for name in withheld:
        say("Not handed on, only its hash: {file}", file=name)
    say("Packed: {path}, {n} bytes", path=path, n=path.stat().st_size)


@app.command()
def diff(
    first: Annotated[Path, typer.Argument(metavar="RUN_A", help="Folder of a run, or a pack")],
    second: Annotated[Path, typer.Argument(metavar="RUN_B", help="Another one")],
    locale: LocaleOption = None,
) -> None:
    """Say what two runs were made from, and whose scores, levels and ranks moved because of what.

    ```
    workbench diff outputs/gdm-slp-2025 other/gdm-slp-2025
    ```
    """
    from workbench.console import show_table
    from workbench.runs.diff import diff as compared

    found = compared(first, second)
    tag = as_locale(locale or tongue())
    if not found.made_from:
        say("Both runs were made from the same.")
    for message in found.made_from:
        say("changed: {what}", what=message)
    say("{n} of {all} units have another result.", n=len({m.unit for m in found.moved}),
        all=found.units)  # fmt: skip
    if not found.moved:
        return
    names = heads(
        Message("unit"), Message("name"), Message("wave"), Message("result"), Message("score"),
        Message("level"), Message("place"), Message("moved"), Message("because"),
    )  # fmt: skip
    rows = [
        (
            m.unit, m.name, m.wave, m.node, _pair(m.scores, tag), _pair(m.levels, tag),
            _pair(m.ranks, tag), m.nodes, _because(m, tag),
        )
        for m in found.moved[:MOST]
    ]  # fmt: skip
    show_table(names, rows)
    if found.untold is not None:
        say("What each change does by itself can't be told: {why}.", why=found.untold)
    if len(found.moved) > MOST:
        say("{n} more moved.", n=len(found.moved) - MOST)


def _because(moved: Moved, tag: Locale) -> str:
    """Return why a result moved: what each change does by itself, else what the two runs tell."""
    from workbench.runs.attribute import CODE
    from workbench.runs.diff import WORDS, Cause

    told = [] if moved.cause is not Cause.OTHERS else [WORDS[moved.cause].text(tag.tag)]
    for part in moved.parts:
        name = part.change or Message("several together").text(tag.tag)
        if part.change == CODE:
            name = Message("code and versions").text(tag.tag)
        if part.score:
            told.append(f"{name} {tag.number(part.score, 2, sign=True)}")
        else:
            pair = part.levels if part.levels[0] != part.levels[1] else part.ranks
            told.append(f"{name} {_pair(pair, tag)}")
    return "; ".join(told) or WORDS[moved.cause].text(tag.tag)


def _pair(pair: tuple[object, object], tag: Locale) -> str:
    """Return what was and what is, or what did not change."""
    a, b = (
        tag.number(v, 2) if isinstance(v, float) else "–" if v is None else str(v) for v in pair
    )
    return a if a == b else f"{a} → {b}"


@app.command()
def exposure(
    target: Annotated[
        Path,
        typer.Argument(metavar="STUDY|RUN", help="params/STUDY.yml, a folder of a run, or a pack"),
    ],
) -> None:
    """List what publishing would show of people: texts, links, small cells, files with inputs.

    Exit code 1 if the study does not name something: add the column to `privacy: {texts: [...]}`,
    keep the file back by `restricted`, or take it out.

    ```
    workbench exposure params/encuesta-ejemplo.yml
    workbench exposure outputs/encuesta-ejemplo
    ```
    """
    from workbench.console import show_table
    from workbench.study import Study
    from workbench.study.exposure import exposure as found_of

    with _study_of(target) as path:
        found = found_of(Study.open(path))
    names = heads(Message("named"), Message("kind"), Message("where"), Message("what"))
    yes, no = Message("yes").text(tongue()), Message("no").text(tongue())
    rows = [(yes if e.named else no, e.kind, e.where, e.what.text(tongue())) for e in found]
    show_table(names, rows)
    unnamed = sum(not e.named for e in found)
    say("{n} of {all} are not named by the study.", n=unnamed, all=len(found))
    if unnamed:
        raise typer.Exit(EXIT_CHECK)


@contextmanager
def _study_of(target: Path) -> Iterator[Path]:
    """Give the study of a run: in the project around its folder, or in its pack; a study itself."""
    if target.suffix.lower() in STUDY_FILES:
        yield target
        return
    from workbench.runs.contents import contents_of
    from workbench.runs.rerun import project_of
    from workbench.runs.verify import read_manifest

    contents = contents_of(target)
    manifest = read_manifest(contents)
    with project_of(contents, manifest, None) as root:
        yield root / manifest.study_file
