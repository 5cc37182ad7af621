"""Ansible: the engine as a child process, fed through files of its own, watched by a keeper."""

from automation.executors.ansible.execution import AnsibleExecutor

__all__ = ["AnsibleExecutor"]
