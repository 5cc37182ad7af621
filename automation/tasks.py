"""Celery tasks: each takes at most an id and calls commands."""

from celery import shared_task
from django.utils import timezone

from automation.actions import sync
from automation.background.job_slots import offer
from automation.background.purge import purge_logs as do_purge_logs
from automation.background.sweep import sweep as do_sweep
from automation.commands import host_checks, source_runs
from automation.dry_runs import dry_run_slots
from automation.dry_runs.sweep import sweep as sweep_dry_runs
from automation.jobs.sites import ring_all
from automation.shells.alarms.matching import search_all_hosts
from automation.shells.alarms.ticket_opening import settle_waiting
from automation.shells.purge import purge_lines


@shared_task(name="automation.run")
def run(job_id: int) -> None:
    """Start one due job; the message is acknowledged before the job ends."""
    offer(job_id)


@shared_task(name="automation.ring_sites")
def ring_sites() -> None:
    """Request a heartbeat from the executors of every site."""
    ring_all()


@shared_task(name="automation.dry_run")
def dry_run(dry_run_id: int) -> None:
    """Start one dry run; the message is acknowledged before it ends."""
    dry_run_slots.offer(dry_run_id)


@shared_task(name="automation.sweep")
def sweep() -> None:
    """Find due work for which no message arrived."""
    do_sweep()
    sweep_dry_runs()
    sync.remind()


@shared_task(name="automation.purge_logs")
def purge_logs() -> None:
    """Delete logs that are older than BATON_LOG_DAYS."""
    do_purge_logs(timezone.now())


@shared_task(name="automation.purge_shells")
def purge_shells() -> None:
    """Delete lines of shells that are older than BATON_SHELL_DAYS."""
    purge_lines(timezone.now())


@shared_task(name="automation.check_hosts")
def check_hosts() -> None:
    """Check the hosts with a requested check."""
    host_checks.check_waiting()


@shared_task(name="automation.read_source")
def read_source(run_id: int) -> None:
    """Read one source of the inventory."""
    source_runs.read_source(run_id)


@shared_task(name="automation.sweep_inventory")
def sweep_inventory() -> None:
    """Find sources that are due, and requested checks for which no message arrived."""
    source_runs.sweep_sources()
    host_checks.check_waiting()


@shared_task(name="automation.sync_actions")
def sync_actions(sync_id: int) -> None:
    """Do one requested sync of actions."""
    sync.perform(sync_id)


@shared_task(name="automation.sync_actions_by_clock")
def sync_actions_by_clock() -> None:
    """Do a scheduled sync of actions."""
    sync.perform(sync.ask(None).pk)


@shared_task(name="automation.look_at_shells")
def look_at_shells() -> None:
    """Search new lines of shells for the words of the alarm rules."""
    search_all_hosts(timezone.now())


@shared_task(name="automation.settle_shell_alarms")
def settle_shell_alarms() -> None:
    """Send the messages of new alarms and open their tickets."""
    settle_waiting()
