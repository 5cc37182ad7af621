"""Background work: broker, queues, and what beat sends when."""

from config.settings.automation import ACTIONS_EVERY_S, ACTIONS_SOURCE
from config.settings.reading import SettingError, brokers, env, parsed

CELERY_BROKER_URL = parsed("BROKER_URL", brokers)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "notify.*": {"queue": "notify"},
    "automation.ring_sites": {"queue": "default"},
    "automation.purge_logs": {"queue": "default"},
    "automation.purge_shells": {"queue": "default"},
    "automation.sweep": {"queue": "default"},  # a busy executor must not delay the end of a dead one's lease
    "automation.look_at_shells": {"queue": "default"},
    "automation.settle_shell_alarms": {"queue": "default"},
    "automation.*": {"queue": "automation"},
    "reports.*": {"queue": "reports"},
    "config.executor_pulse": {"queue": "automation"},
}
# A message is acknowledged when its task begins, and jobs do not hold it (automation.background.job_slots): RabbitMQ
# disconnects a worker that holds a message for half an hour, and Redis redelivers it. The row in the database decides,
# not the message; the sweep finds it.
CELERY_TASK_ACKS_LATE = False
QUEUE_TYPE = env.str("BATON_QUEUE_TYPE", default="classic")
if QUEUE_TYPE not in ("classic", "quorum"):
    raise SettingError("BATON_QUEUE_TYPE", "must be classic or quorum")
CELERY_TASK_DEFAULT_QUEUE_TYPE = CELERY_TASK_CREATE_MISSING_QUEUE_TYPE = QUEUE_TYPE
if QUEUE_TYPE == "quorum":  # delayed messages of quorum queues need a topic exchange
    CELERY_TASK_DEFAULT_EXCHANGE_TYPE = CELERY_TASK_CREATE_MISSING_QUEUE_EXCHANGE_TYPE = "topic"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CONSUMER = "config.consumer:Consumer"
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "visibility_timeout": 6 * 3600,
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
        "socket_timeout": 5,
        "socket_connect_timeout": 1,
    }
    if CELERY_BROKER_URL.startswith(("redis", "valkey"))
    else {"write_timeout": 5}  # RabbitMQ stops reading when memory or disk run out; a request must not wait for it
    if CELERY_BROKER_URL.startswith(("amqp", "pyamqp"))
    else {}
)
CELERY_TASK_PUBLISH_RETRY = False  # the sweep finds work whose message was lost
CELERY_BEAT_SCHEDULER = "config.beat.SteadyScheduler"


def _every(seconds: float, task: str) -> dict[str, object]:
    """Send the task at this interval. Messages expire late enough for clocks that differ by minutes (F32)."""
    return {"task": task, "schedule": seconds, "options": {"expires": 600}}


CELERY_BEAT_SCHEDULE = {
    "dispatch-outbox": _every(5.0, "tickets.dispatch_outbox"),
    "publish-templates": _every(15.0, "templates_engine.publish_due"),
    "dispatch-trail": _every(5.0, "accounts.dispatch_trail"),
    "sweep-tickets": _every(5.0, "tickets.sweep"),
    "guard-tickets": _every(60.0, "tickets.guard"),
    "checkpoint-tickets": _every(60.0, "tickets.checkpoint"),
    "anchor-tickets": _every(3600.0, "tickets.anchor"),
    "sweep-deliveries": _every(5.0, "notify.sweep"),
    "monthly-workbook": _every(60.0, "reports.keep_last_month"),
    "purge": _every(3600.0, "accounts.purge"),
    "purge-deliveries": _every(3600.0, "notify.purge"),
    "purge-logs": _every(3600.0, "automation.purge_logs"),
    "purge-shells": _every(3600.0, "automation.purge_shells"),
    "purge-attachments": _every(3600.0, "tickets.purge_attachments"),
    "executor-pulse": _every(15.0, "config.executor_pulse"),
    "site-pulses": _every(15.0, "automation.ring_sites"),
    "sweep-jobs": _every(5.0, "automation.sweep"),
    "sweep-inventory": _every(60.0, "automation.sweep_inventory"),
    "look-at-shells": _every(10.0, "automation.look_at_shells"),
    "settle-shell-alarms": _every(10.0, "automation.settle_shell_alarms"),
}
if ACTIONS_SOURCE and ACTIONS_EVERY_S:
    CELERY_BEAT_SCHEDULE["sync-actions"] = _every(float(ACTIONS_EVERY_S), "automation.sync_actions_by_clock")
