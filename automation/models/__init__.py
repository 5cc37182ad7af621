"""Tables of automation."""

from automation.models.action import ActionVersion
from automation.models.action_sync import ActionSync
from automation.models.audit import AuditHost, AuditRun
from automation.models.credential import Credential
from automation.models.dry_run import DryRun, DryRunHost
from automation.models.group import HostGroup
from automation.models.host import Host
from automation.models.job import Job, JobHost
from automation.models.log import JobLog
from automation.models.shell import ShellHost, ShellLine
from automation.models.shell_alarm import ShellAlarm, ShellWord
from automation.models.source import InventoryRun, InventorySource

__all__ = [
    "ActionSync",
    "ActionVersion",
    "AuditHost",
    "AuditRun",
    "Credential",
    "DryRun",
    "DryRunHost",
    "Host",
    "HostGroup",
    "InventoryRun",
    "InventorySource",
    "Job",
    "JobHost",
    "JobLog",
    "ShellAlarm",
    "ShellHost",
    "ShellLine",
    "ShellWord",
]
