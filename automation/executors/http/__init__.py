"""Systems with an API: one request per host or per run, followed until it is done."""

from automation.executors.http.executor import HttpExecutor

__all__ = ["HttpExecutor"]
