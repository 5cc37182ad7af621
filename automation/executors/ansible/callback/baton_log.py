# ruff: noqa: INP001 (a folder of plug-ins for Ansible, not a package)
# mypy: disable-error-code="import-untyped,misc"
"""What a run writes: Ansible's own log, every result in it bounded before it is made into text (A35).

Runs inside ansible-playbook, where nothing of Baton can be imported.
"""

import re

from ansible.plugins.callback.default import CallbackModule as Default

DOCUMENTATION = """
name: baton_log
type: stdout
short_description: The default log with bounded results
description: As the default callback; texts and lists of a result are cut where they are long.
extends_documentation_fragment: [default_callback, result_format_callback]
requirements: [set as stdout in configuration]
"""
RESULT_MAX = 200_000
ITEMS_MAX = 2_000
CUT = "… cut: this was longer"
NOT_TEXT = re.compile("[\ud800-\udfff]")  # how bytes that are no UTF-8 reach us


class CallbackModule(Default):
    """Cuts what is long; a job's log holds two million characters altogether."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "baton_log"

    def _dump_results(self, result, *given, **named):  # type: ignore[no-untyped-def]
        return super()._dump_results(bounded(result, [RESULT_MAX]), *given, **named)

    def _get_diff(self, difference):  # type: ignore[no-untyped-def]
        return bounded(super()._get_diff(difference), [RESULT_MAX])


def bounded(value, room):  # type: ignore[no-untyped-def]
    """The same value with at most so many characters of text in it; what is left of them stays in room[0].

    What was no text is shown as the sign for that.
    """
    if isinstance(value, str):
        if len(value) > room[0]:
            value = value[: max(room[0], 0)] + CUT
        room[0] -= len(value)
        return NOT_TEXT.sub("\ufffd", value)
    if isinstance(value, (list, tuple)):
        kept = []
        for item in value[:ITEMS_MAX]:
            if room[0] <= 0:
                break
            kept.append(bounded(item, room))
        return kept if len(kept) == len(value) else [*kept, CUT]
    if isinstance(value, dict):
        return {key: bounded(inner, room) for key, inner in value.items()}
    return value
