"""Salt: functions and states on minions, through salt-api over HTTPS; the master runs them and keeps the record."""

from automation.executors.salt.execution import SaltExecutor

__all__ = ["SaltExecutor"]
