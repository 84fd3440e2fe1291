"""The plan of a run for other schedulers: what would be made, why, and with which command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from workbench.runs.plan import Plan
from workbench.runs.run import command_of


def outline(plan: Plan, shards: int | None = None) -> dict[str, Any]:
    """Return a plan as plain values.

    One run writes in a folder at a time, so that each command has a folder of its own; the command
    under ``merge`` unites them in the folder of the run.

    Parameters
    ----------
    plan : Plan
        Of the whole study or of a part.
    shards : int, optional
        In how many parts the study is split; each report by itself if None. Each command plans the
        whole study, so that for thousands of reports a few shards are faster.
    """
    base = command_of(plan)
    command = base[: base.index("--out")] if "--out" in base else base
    parts = f"{_shown(plan.run, plan)}.parts"
    order = {key: number for number, key in enumerate(plan.keys)}
    jobs: list[dict[str, Any]] = []
    for job in plan.jobs:
        if shards is None:
            out = f"{parts}/{job.key.replace('/', '.')}"
            own = [*command, "--only", job.key, "--out", out]
        else:
            number = order[job.key] % shards + 1
            out = f"{parts}/{number}-of-{shards}"
            own = [*command, "--shard", f"{number}/{shards}", "--out", out]
        jobs.append(
            {
                "key": job.key,
                "kind": job.kind,
                "title": job.title,
                "notebook": job.notebook,
                "why": job.why,
                "left": job.left,
                "files": [f"{out}/{path}" for path in job.files()],
                "command": own,
            }
        )
    folders = list(dict.fromkeys(job["command"][-1] for job in jobs))
    return {
        "study": str(plan.study.path.relative_to(plan.study.root)),
        "run_id": plan.run_id,
        "run": _shown(plan.run, plan),
        "notebooks": plan.notebooks,
        "jobs": jobs,
        "merge": ["workbench", "merge", *folders, "--out", _shown(plan.run, plan)],
    }


def _shown(path: Path, plan: Plan) -> str:
    """Return a path from the project folder, where it lies inside."""
    root = plan.study.root
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
