"""Manual actions: a person does them and ticks them off host by host; no worker waits (automation.commands.by_hand)."""

from automation.executors.manual.executor import ManualExecutor

__all__ = ["ManualExecutor"]
