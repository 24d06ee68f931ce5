"""`spellout doctor`: every part looked at, one line each, and what to do about what is not right."""

import json
from dataclasses import asdict
from typing import Annotated

import structlog
import typer

MARKS = {"good": "✓", "doubtful": "!", "broken": "✗"}


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> int:
    """Look at settings, rules, database, Slack, Teams, clock and ports, and say what to do. Ends with 1 if something is broken."""
    from bot.doctor import examined  # noqa: PLC0415 - the chat libraries take a while to import

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))  # what is wrong is said below
    findings = examined()
    broken = any(finding.state == "broken" for finding in findings)
    if as_json:
        typer.echo(json.dumps({"ok": not broken, "checks": [asdict(finding) for finding in findings]}, indent=2))
        return int(broken)
    for finding in findings:
        typer.echo(f"{MARKS[finding.state]} {finding.check:<12} {finding.said} {finding.remedy}".rstrip())
    return int(broken)
