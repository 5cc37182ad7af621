"""Appends text to a job's log."""

from automation.models import Job, JobLog

LOG_MAX = 2_000_000
PIECE_MAX = 16_000
CUT = "\n… The log is cut here: this attempt wrote more than 2,000,000 characters.\n"


def append(job: Job, text: str, *, ours: bool = False) -> None:
    """Append clean text to this locked job's log. Output of a run beyond LOG_MAX is dropped, with a note in the log.

    ours: the text is Baton's own, and never dropped.
    """
    if not ours:
        room = LOG_MAX * max(job.attempt, 1) - job.log_size
        if room <= 0:
            return
        text = text if len(text) <= room else text[:room] + CUT
    pieces = [text[start : start + PIECE_MAX] for start in range(0, len(text), PIECE_MAX)]
    rows = []
    for piece in pieces:
        rows.append(JobLog(job=job, start=job.log_size, size=len(piece), text=piece))
        job.log_size += len(piece)
    JobLog.objects.bulk_create(rows)
    Job.objects.filter(pk=job.pk).update(log_size=job.log_size)
