"""Who carries a plan out. A further executor is one more folder and one more line here."""

from automation.executors.ansible import AnsibleExecutor
from automation.executors.base import Executor

EXECUTORS: dict[str, type[Executor]] = {"ansible": AnsibleExecutor}
