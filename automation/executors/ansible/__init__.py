"""Ansible: run as a child process, fed through private files, watched by a keeper."""

from automation.executors.ansible.execution import AnsibleExecutor

__all__ = ["AnsibleExecutor"]
