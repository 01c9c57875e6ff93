"""`moat retention`: policies on the service's host; plans, runs and events by a service (MOAT_URL and MOAT_TOKEN).

Exit status: 0 it was done, and with --watch the job too; 1 it was refused, or the job was not done; 2 wrong options.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click
import orjson
import yaml
from moat_client.client import Moat
from moat_client.retention import Happened
from rich.console import Console
from rich.table import Table

from dsar.errors import DsarError
from dsar.request import By
from dsar.retention.answers import policy_answer
from dsar.retention.host import OpenPolicies, PolicyHost
from dsar.retention.policies import Comparison
from dsar.retention.policy_text import read_source
from work.cli import connected, tell

_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_VERSION = click.option("--version", type=click.IntRange(min=1), help="A version; the one in force by default.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_WATCH = click.option("--watch", is_flag=True, help="Stay until the job has ended, and show how far it is.")


def retention_group(open_policies: OpenPolicies) -> click.Group:
    """The `retention` commands; `open_policies` opens the database for those that work on a host."""
    group = click.Group("retention", help="Look after retention policies, plan what is due, and dispose of it.")
    group.add_command(_policy_group(open_policies))
    for command in (_plan, _show, _run, _runs, _event, _alerts):
        group.add_command(command)
    return group


def _policy_group(open_policies: OpenPolicies) -> click.Group:
    group = click.Group("policy", help="Apply and read the retention policy.")

    @group.command()
    @_FILE
    @_located
    def apply(file: Path, **where: Any) -> None:
        """Put the policy of FILE in force. What was applied stays as it is."""
        with _opened(open_policies, **where) as (host, tenant, by):
            comparison = host.policies.apply(tenant, read_source(file), by)
        if not comparison.news:
            click.echo(f"version {comparison.policy.version} is in force already")
            return
        _print_changes(comparison)
        click.echo(f"version {comparison.policy.version} is in force")

    @group.command()
    @_FILE
    @_located
    def diff(file: Path, **where: Any) -> None:
        """Show what applying FILE would change."""
        with _opened(open_policies, **where) as (host, tenant, by):
            _print_changes(host.policies.compare(tenant, read_source(file), by))

    @group.command()
    @_VERSION
    @_JSON
    @_located
    def show(version: int | None, as_json: bool, **where: Any) -> None:
        """Show the policy in force, and which versions there have been."""
        with _opened(open_policies, **where) as (host, tenant, _):
            shown = policy_answer(host.policies.edition(tenant, version), host.policies.versions(tenant))
        if as_json:
            click.echo(orjson.dumps(shown, option=orjson.OPT_INDENT_2))
            return
        _print_policy(shown)

    @group.command()
    @_VERSION
    @click.argument("output", type=click.File("wb"), default="-")
    @_located
    def export(version: int | None, output: BinaryIO, **where: Any) -> None:
        """Write the policy as YAML to OUTPUT, to be changed and applied again under a higher version."""
        with _opened(open_policies, **where) as (host, tenant, _):
            source = host.policies.source(tenant, version)
        text = yaml.dump(source, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=1_000)
        output.write(text.encode())

    return group


@click.command("plan")
@_WATCH
def _plan(watch: bool) -> None:
    """Have what is due now frozen in a plan. Nothing is destroyed by it."""
    with connected() as moat:
        plan = moat.retention.make_plan()
        tell(moat, moat.job(plan), watch=watch)
        if watch:
            _print_plan(moat, plan)


@click.command("show")
@click.argument("plan", type=click.UUID)
@_JSON
def _show(plan: object, as_json: bool) -> None:
    """Show what a plan would do, and what stays and why."""
    with connected() as moat:
        if as_json:
            click.echo(orjson.dumps(moat.retention.plan(str(plan)), option=orjson.OPT_INDENT_2))
        else:
            _print_plan(moat, str(plan))


@click.command("run")
@click.argument("plan", type=click.UUID)
@click.option("--reviewed", is_flag=True, help="Dispose of what a person had to look at first, too.")
@click.option("--throttle", type=click.IntRange(min=1), help="Uses a second that it may look at, at most.")
@_WATCH
def _run(plan: object, reviewed: bool, throttle: int | None, watch: bool) -> None:
    """Have a plan carried out. Much of it at once takes another person's approval: moat jobs approve."""
    with connected() as moat:
        run = moat.retention.start_run(str(plan), reviewed=reviewed, throttle=throttle)
        tell(moat, moat.job(run), watch=watch)
        if watch:
            _print_run(moat.retention.run(run))


@click.command("runs")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="So many at most.")
def _runs(limit: int) -> None:
    """List runs, the latest first."""
    with connected() as moat:
        for number, run in enumerate(moat.retention.runs(), 1):
            _print_run(run)
            if number == limit:
                break


@click.command("event")
@click.argument("event", type=click.Choice(["order.completed", "case.closed", "account.closed", "last_activity"]))
@click.argument("of")
@click.argument("at")
def _event(event: str, of: str, at: str) -> None:
    """Tell that EVENT happened to OF, a ref such as order:o-1 or a person's id, AT a moment (RFC 3339)."""
    of_ref = event in {"order.completed", "case.closed"}
    with connected() as moat:
        (taken,) = moat.retention.tell(
            [Happened(event, at, ref=of if of_ref else None, subject=None if of_ref else of)]
        )
    if isinstance(error := taken.get("error"), dict):
        raise click.ClickException(f"{error['code']}: {error['detail']}")
    click.echo("noted" if taken["news"] else "known already")


@click.command("alerts")
def _alerts() -> None:
    """List what is amiss; exit status 1 while anything is."""
    with connected() as moat:
        found = moat.retention.alerts()
    for one in found:
        said = (one[name] for name in ("code", "rule", "kind", "purpose", "reviewed", "count"))
        click.echo("  ".join(str(word) for word in said if word is not None))
    if found:
        raise SystemExit(1)


def _located(command: Callable[..., None]) -> Callable[..., None]:
    """Options that say which tenant of which database is meant."""
    for option in (
        click.option("--database", help="PostgreSQL URL instead of the embedded database."),
        click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Data directory."),
        click.option("--tenant", default="default", show_default=True),
    ):
        command = option(command)
    return command


@contextmanager
def _opened(
    open_policies: OpenPolicies, *, tenant: str, data: Path | None, database: str | None
) -> Iterator[tuple[PolicyHost, int, By]]:
    """The use cases, the tenant's number, and now; refusals in one line."""
    try:
        with open_policies(data=data, database=database) as host:
            yield host, host.tenant_of(tenant), host.by()
    except DsarError as error:
        raise click.ClickException(str(error) or (type(error).__doc__ or "").strip()) from None
    except LookupError:
        raise click.UsageError("there is no such tenant: moat tenant create makes one") from None


def _print_changes(comparison: Comparison) -> None:
    if comparison.was is None:
        click.echo("nothing was applied before; compared with the built-in policy")
    for one in comparison.changes:
        click.echo(f"{one.rule}: {', '.join(one.facets)}")
    if not comparison.changes:
        click.echo("no rule changes")


def _print_policy(shown: dict[str, Any]) -> None:
    table = Table("rule", "kinds", "purposes", "from", "period", "law keeps", "then", "ground", "reviewed", box=None)
    for rule in shown["rules"]:
        keeps = ", ".join(one["period"] for one in rule["minimum"])
        ground = f"{rule['law']} {rule['article']}"
        kinds, purposes = " ".join(rule["kinds"]), " ".join(rule["purposes"])
        table.add_row(
            rule["rule"],
            kinds,
            purposes,
            rule["start"],
            rule["period"],
            keeps,
            rule["action"],
            ground,
            rule["reviewed"],
        )
    Console().print(table)
    origin = "the built-in one" if shown["builtin"] else f"applied {shown['applied_at']}"
    click.echo(f"version {shown['version']}, {origin}, {shown['time_zone']}, sha256 {shown['sha256']}")
    for one in shown["versions"]:
        click.echo(f"version {one['version']} since {one['applied_at']}")


def _print_plan(moat: Moat, number: str) -> None:
    plan: dict[str, Any] = moat.retention.plan(number)
    table = Table("rule", "kind", "purpose", "uses", "what", "until", box=None)
    for one in plan["due"]:
        table.add_row(one["rule"], one["kind"], one["purpose"], str(one["count"]), one["action"], "")
    for one in plan["kept"]:
        until = " … ".join(dict.fromkeys(end[:10] for end in (one["first_until"], one["last_until"]) if end))
        kept = f"kept: {one['reason']}"
        table.add_row(one["rule"] or "", one["kind"], one["purpose"], str(one["count"]), kept, until)
    Console().print(table)
    click.echo(
        f"plan {plan['plan']} is {plan['state']}: {plan['planned']} of {plan['seen']} uses in {plan['chunks']} chunks"
    )
    click.echo(f"root {plan['root']}")
    if plan["approvals"]:
        click.echo(f"its run takes {plan['approvals']} approval")


def _print_run(run: dict[str, Any]) -> None:
    named = ("disposed", "restricted", "held", "not_due", "gone", "to_review", "waiting")
    counts = ", ".join(f"{run[name]} {name.replace('_', ' ')}" for name in named if run[name])
    click.echo(f"run {run['run']} is {run['state']}: {run['planned']} planned = {counts or '0'}")
    click.echo(f"  {run['records']} records and {run['people']} people's keys went; found again: {run['residue']}")
