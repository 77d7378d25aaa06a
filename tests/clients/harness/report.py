"""Results as a table of client x check, in markdown for people and in JSON for programs."""

import json
from dataclasses import asdict, dataclass

MARKS = {"passed": "ok", "failed": "FAILED", "not offered": "-", "skipped": "skipped"}


@dataclass
class Result:
    client: str
    check: str
    status: str  # one of MARKS
    detail: str
    seconds: float


def table(results, versions):
    clients = list(dict.fromkeys(result.client for result in results))
    checks = list(dict.fromkeys(result.check for result in results))
    cell = {(result.check, result.client): MARKS[result.status] for result in results}
    rows = [["check", *[f"{client} {versions.get(client, '')}".strip() for client in clients]]]
    rows += [[check, *[cell.get((check, client), "") for client in clients]] for check in checks]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["| " + " | ".join(text.ljust(width) for text, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def remarks(results):
    """One line for each cell that is not ok."""
    lines = []
    for result in results:
        if result.status != "passed":
            lines.append(f"- {result.client}, {result.check}: {result.status}: {result.detail}")
    return "\n".join(lines)


def counts(results):
    number = {status: sum(result.status == status for result in results) for status in MARKS}
    return f"{number['passed']} passed, {number['failed']} failed, {number['skipped']} skipped"


def write(folder, results, versions):
    folder.mkdir(parents=True, exist_ok=True)
    folder.joinpath("report.md").write_text(
        f"{table(results, versions)}\n\n{remarks(results)}\n\n{counts(results)}\n"
    )
    rows = {"clients": versions, "results": [asdict(result) for result in results]}
    folder.joinpath("report.json").write_text(json.dumps(rows, indent=1) + "\n")
