"""The verbs of the outcome store: what comes in from files, and the figures that come out.

* Nothing heavier than typer is imported here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import wraps
from inspect import Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from bot.cli.commands_calls import DAY, Json
from bot.cli.commands_plans import DryRun, SkipErrors
from storage.outcomes.figures import Asked, Dimension

if TYPE_CHECKING:
    from bot.cli.indicators import Wanted

imports = typer.Typer(
    help="Bring in what was written down elsewhere: enrolments, measurements, work.", no_args_is_help=True
)
indicators = typer.Typer(help="The published figures, F1 to F11.")
exports = typer.Typer(help="The register of files that have left.", no_args_is_help=True)

Scope = Literal["dentro", "en_libertad", "ambos"]
Base = Literal["known_status", "trained", "employed", "employed_with_increase"]
Baseline = Literal["pre_taller", "pre_detencion", "primera_ola"]
Audience = Literal["team", "public"]

Sheet = Annotated[Path, typer.Argument(help="A CSV or XLSX file.", show_default=False)]
CreatePeople = Annotated[
    bool, typer.Option("--create-people", help="Register women who are not known, without a name or check-ins.")
]
Same = Annotated[
    list[int] | None, typer.Option(help="LINE: the enrolment that it may be is this one, and the file is right.")
]
Other = Annotated[list[int] | None, typer.Option(help="LINE: another enrolment than the one that it may be.")]
ConsentBasis = Annotated[
    Literal["papel", "chat", "convenio"] | None,
    typer.Option(help="Of rows that name none: she signed a paper, agreed in a chat, or the programme has it agreed."),
]
ConsentOn = Annotated[str | None, typer.Option(metavar="DATE", help="The day of that consent.")]
ConsentVersion = Annotated[str | None, typer.Option(help="The version of the text that she agreed to.")]
ConsentWitness = Annotated[str | None, typer.Option(metavar="NAME", help="Who saw her sign the paper.")]


@imports.command("registry")
def import_registry(
    file: Sheet,
    *,
    dry_run: DryRun = False,
    skip_errors: SkipErrors = False,
    create_people: CreatePeople = False,
    same: Same = None,
    other: Other = None,
) -> None:
    """Bring in enrolments: who was in which workshop, where and when."""
    from bot.cli.imports import Wanted, import_registry
    from storage.importing import Decided

    decided = Decided(create_people, frozenset(same or ()), frozenset(other or ()))
    import_registry(file, Wanted(dry_run, skip_errors, decided))


@imports.command("measurements")
def import_measurements(
    file: Sheet,
    *,
    dry_run: DryRun = False,
    skip_errors: SkipErrors = False,
    create_people: CreatePeople = False,
    consent_basis: ConsentBasis = None,
    consent_on: ConsentOn = None,
    consent_version: ConsentVersion = None,
    consent_witness: ConsentWitness = None,
) -> None:
    """Bring in scores of instruments, before, after, or at a point of a plan."""
    from bot.cli.imports import Wanted, import_measurements
    from storage.importing import Decided

    consent = _consent(consent_basis, consent_on, version=consent_version, witness=consent_witness)
    import_measurements(file, Wanted(dry_run, skip_errors, Decided(create_people), consent))


@imports.command("work")
def import_work(
    file: Sheet,
    *,
    dry_run: DryRun = False,
    skip_errors: SkipErrors = False,
    create_people: CreatePeople = False,
    consent_basis: ConsentBasis = None,
    consent_on: ConsentOn = None,
    consent_version: ConsentVersion = None,
    consent_witness: ConsentWitness = None,
) -> None:
    """Bring in jobs, incomes, and who gave to her family."""
    from bot.cli.imports import Wanted, import_work
    from storage.importing import Decided

    consent = _consent(consent_basis, consent_on, version=consent_version, witness=consent_witness)
    import_work(file, Wanted(dry_run, skip_errors, Decided(create_people), consent))


def _consent(basis: str | None, on: str | None, *, version: str | None, witness: str | None) -> dict[str, str]:
    """What was said of the consent of all rows, by the column that a row would say it in."""
    said = {"consent_basis": basis, "consent_on": on, "consent_version": version, "consent_witness": witness}
    return {column: value.strip() for column, value in said.items() if value is not None and value.strip()}


Name = Annotated[str, typer.Argument(help="How this set of figures is called.", show_default=False)]


@dataclass(frozen=True, kw_only=True, slots=True)
class FigureOptions:
    """What is asked of the figures: each field is an option of every command that asks for them."""

    as_of: Annotated[datetime | None, typer.Option(formats=DAY, help="What had happened by the end of a day.")] = None
    known_at: Annotated[datetime | None, typer.Option(formats=DAY, help="What was known by the end of a day.")] = None
    by: Annotated[list[Dimension] | None, typer.Option(help="Broken down by what; may be said several times.")] = None
    scope: Annotated[Scope, typer.Option(help="Work inside prison, in freedom, or both.")] = "ambos"
    base: Annotated[
        Base | None, typer.Option(help="F4 of all who were trained, or F7 of those who earn more, instead of its own.")
    ] = None
    moment: Annotated[str, typer.Option(help="ever, current, or a point.")] = "ever"
    baseline: Annotated[Baseline, typer.Option(help="The income to compare with.")] = "pre_taller"
    point: Annotated[str | None, typer.Option(help="At this point of the plan.")] = None
    year: Annotated[int | None, typer.Option(min=1990, max=2100, help="The year of F2, not that of --as-of.")] = None
    audience: Annotated[
        Audience, typer.Option("--for", help="For the public small cells are left out, and what would tell them.")
    ] = "team"

    def wanted(self) -> Wanted:
        """The same in the words of the figures."""
        from bot.cli.indicators import Wanted

        public = self.audience == "public"
        by, changed = tuple(dict.fromkeys(self.by or ())), (self.base, self.moment, self.baseline)
        asked = Asked(date.min, None, by, self.scope, *changed, self.point, self.year, public)
        days = (self.as_of and self.as_of.date(), self.known_at and self.known_at.date())
        return Wanted(*days, asked)


def asking(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the fields of its argument `asked` as options of its own."""
    options = signature(FigureOptions, eval_str=True).parameters
    own = [one for one in signature(command, eval_str=True).parameters.values() if one.name != "asked"]

    @wraps(command)
    def with_options(**given: Any) -> None:
        asked = FigureOptions(**{name: given.pop(name) for name in options})
        command(**given, asked=asked)

    with_options.__signature__ = Signature([*own, *options.values()])  # type: ignore[attr-defined]
    return with_options


@indicators.callback(invoke_without_command=True)
@asking
def indicators_show(context: typer.Context, as_json: Json = False, *, asked: FigureOptions) -> None:
    """The published figures, F1 to F11, from the rows: with their base, interval, response rate and caveat."""
    if context.invoked_subcommand is not None:
        _refuse_options_before(context)
        return
    from bot.cli.indicators import print_indicators

    print_indicators(asked.wanted(), as_json=as_json)


def _refuse_options_before(context: typer.Context) -> None:
    """What is asked for stands behind the verb: before it, nobody would heed it."""
    for parameter in context.command.params:
        if context.params.get(parameter.name or "") not in (parameter.default, None, [], ()):
            raise typer.BadParameter(f"write it after {context.invoked_subcommand}", param_hint=parameter.opts[-1])


@indicators.command("publish")
@asking
def indicators_publish(name: Name, *, asked: FigureOptions) -> None:
    """Freeze a set of figures under a name: what was asked, what came out, and who counts."""
    from bot.cli.publishing import publish

    publish(name, asked.wanted())


@indicators.command("compare")
def indicators_compare(name: Name, as_json: Json = False) -> None:
    """Say what has moved each figure since it was published: corrections, late rows, erasures, the ledger."""
    from bot.cli.publishing import print_comparison

    print_comparison(name, as_json=as_json)


def export(
    *,
    out: Annotated[
        Path, typer.Option("--out", help="A folder, or NAME.zip; for xlsx the workbook.", show_default=False)
    ],
    file_format: Annotated[
        Literal["csv", "xlsx", "sav", "dta", "parquet", "jsonl"], typer.Option("--format", help="The files' format.")
    ] = "csv",
    separator: Annotated[Literal["comma", "semicolon", "tab"], typer.Option(help="Of CSV.")] = "comma",
    audience: Annotated[
        Literal["team", "research", "public"],
        typer.Option("--for", help="Who will read it; a study needs its --reason."),
    ] = "team",
    identified: Annotated[
        bool, typer.Option("--identified", help="With record_ids and whole dates; needs --reason and --approval.")
    ] = False,
    reason: Annotated[
        str | None, typer.Option(help="Why; it is kept. With it, nothing is left out of rows that stand out.")
    ] = None,
    recipient: Annotated[str | None, typer.Option(help="Who gets it; it is kept.")] = None,
    approval: Annotated[str | None, typer.Option(help="The code that another coordinator drew.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
) -> None:
    """Write people, check-ins, answers, outcomes and indicators, under pseudonyms, with their codebook."""
    from bot.cli.results import export_tables
    from storage.exports.exporting import Asked as Ordered

    asked = Ordered(out, file_format, separator, audience, identified=identified, force=force)
    export_tables(replace(asked, reason=reason, recipient=recipient, approval=approval))


@exports.command("list")
def exports_list(as_json: Json = False) -> None:
    """List what has left: when, by whom, why, for whom, and the hash that tells a file that is found."""
    from bot.cli.results import print_exports

    print_exports(as_json=as_json)
