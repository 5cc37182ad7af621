"""Tables of automation."""

from automation.models.host import Host
from automation.models.job import Job, JobHost
from automation.models.log import JobLog

__all__ = ["Host", "Job", "JobHost", "JobLog"]
