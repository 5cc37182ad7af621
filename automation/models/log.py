"""Table of job logs."""

from django.db import models

from automation.models.job import Job


class JobLog(models.Model):
    """One piece of a job's log, cleaned; append-only. start: its offset in the whole log, in characters; size too."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="log")
    start = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "start"], name="job_log_place")]

    def __str__(self) -> str:
        return f"log of job {self.job_id} at {self.start}"
