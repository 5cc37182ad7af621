"""Hand an order's credentials to Ansible as files in the run's private folder, never on a command line.

No secret is in an argument, in the environment or in the log of any process.
"""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from automation.executors.ansible.section import Section
from automation.executors.base import Order, Refused

PASSPHRASE_S = 30


@dataclass
class Access:
    """How the run logs in: options of ansible-playbook, and the files in the private folder that they name."""

    arguments: list[str] = field(default_factory=list)
    key: Path | None = None
    has_password: bool = False


def hand_in(order: Order, section: Section, folder: Path) -> Access:
    """Write the action's credentials. Raises Refused if one is missing or cannot be used here."""
    access = Access()
    for name, fields in order.credentials.items():
        if "private_key" in fields:
            access.key = _key(folder, fields, access.key)
        elif "username" in fields and "password" in fields:
            if name not in (section.login, section.become_password):
                raise Refused(
                    f"The action does not say what the password {name} is for (run: login or become.password)."
                )
        elif "password" in fields:
            access.arguments += [
                "--vault-password-file",
                _write(folder / f"vault-{len(access.arguments)}", fields["password"]),
            ]
        else:
            raise Refused(f"Ansible has no use for the credential {name}.")
    if section.login:
        password = _password(order, section.login)
        access.arguments += ["--connection-password-file", _write(folder / "login", password)]
        access.has_password = True
    if section.become_password:
        password = _password(order, section.become_password, user=False)
        access.arguments += ["--become-password-file", _write(folder / "become", password)]
    if section.vault and "--vault-password-file" not in access.arguments:
        raise Refused("The action has encrypted files, and no vault password is among its credentials.")
    return access


def _password(order: Order, name: str, *, user: bool = True) -> str:
    """The password of this name; its account must be the one in each host's approved address."""
    fields: Mapping[str, str] = order.credentials.get(name, {})
    if "password" not in fields or "username" not in fields:
        raise Refused(f"The action needs the password {name}, and it was not handed over.")
    if user:
        for target in order.targets:
            account = target["address"].partition("@")[0]
            if target["connection"] == "ssh" and account != fields["username"]:
                raise Refused(
                    f"{name} is the password of {fields['username']}, but {target['name']} is reached as {account}."
                )
    if "\n" in fields["password"]:
        raise Refused(f"The password {name} has several lines.")
    return fields["password"]


def _write(path: Path, text: str) -> str:
    """Write a file that only its owner can read; return its name, relative to the folder."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return path.name


def _key(folder: Path, fields: Mapping[str, str], known: Path | None) -> Path:
    """Write the private key without its passphrase; the file exists only during the run, in its folder."""
    if known:
        raise Refused("The action names more than one SSH key; it can log in with one.")
    path = folder / "key"
    _write(path, fields["private_key"].replace("\r\n", "\n").rstrip("\n") + "\n")
    if passphrase := fields.get("passphrase"):
        _open_key(folder, path, passphrase)
    return path


def _open_key(folder: Path, path: Path, passphrase: str) -> None:
    """ssh-keygen gets the passphrase from a helper program that reads it from a file; it is never on a command line."""
    _write(folder / "passphrase", passphrase)
    answer = folder / "answer"
    answer.write_text('#!/bin/sh\nexec cat "$HOME/passphrase"\n')
    answer.chmod(0o700)
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(folder),
        "SSH_ASKPASS": str(answer),
        "SSH_ASKPASS_REQUIRE": "force",
        "DISPLAY": ":",
    }
    command = ["ssh-keygen", "-q", "-p", "-N", "", "-f", str(path)]
    try:
        done = subprocess.run(  # noqa: S603 (an argument list of our own)
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=PASSPHRASE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refused("The SSH key has a passphrase, and ssh-keygen could not be asked to open it.") from error
    finally:
        (folder / "passphrase").unlink()
        answer.unlink()
    if done.returncode:
        raise Refused("The passphrase does not open the SSH key.")
