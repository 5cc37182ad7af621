"""The parts of a checked document, as types: fields, rules, and the nodes of a chain.

They are plain JSON, as written or compiled; the types only help to read them. A part lacks the keys it does not need.
"""

from typing import Any, Literal, Required, TypedDict

from templates_engine.text import Text


class TicketFacts(TypedDict, total=False):
    """What expressions can read of a ticket itself, as far as it is known."""

    priority: str
    title: str


class Rule(TypedDict, total=False):
    user: str
    role: str
    of: str
    manager: int
    managers_up_to: int
    department_head: int
    department: str
    form_user: str
    applicant: bool
    chosen_by: str
    expression: str


Rule.__doc__ = "Who acts at a node: one key, and with a role perhaps `of`."


Access = Literal["editable_at", "readonly_at", "hidden_at"]
ACCESS: tuple[Access, ...] = ("editable_at", "readonly_at", "hidden_at")


class Field(TypedDict, total=False):
    """A field of the form, or a column of a table; which keys it may have depends on its type."""

    key: Required[str]
    type: Required[str]
    label: Required[Text]
    help: Text
    placeholder: Text
    required: bool
    default: Any
    visible_when: str
    required_when: str
    readonly_at: list[str]
    editable_at: list[str]
    hidden_at: list[str]
    options: list[Any]
    columns: list["Field"]
    pattern: str
    min: Any
    max: Any
    min_length: int
    max_length: int
    min_items: int
    max_items: int
    max_days: int
    max_size_mb: int
    precision: int
    unit: str
    currency: str
    accept: list[str]
    levels: list[Text]
    any_level: bool


class Step(TypedDict, total=False):
    """An action and its values: what an automation runs, one of its stages, its way back or a check of its hosts."""

    action: Required[str]
    version: str
    params: dict[str, Any]
    health_check: "Step"


class Case(TypedDict, total=False):
    """One way of a branch. first: the node that it begins with, once compiled; before that, `chain`."""

    name: Text
    when: Any  # an expression; null for the last, once compiled
    first: str | None
    chain: list["Node"]


class Branch(TypedDict, total=False):
    """One branch of a fork, as a Case without a condition."""

    name: Text
    first: Any  # a key, null where the branch is empty
    chain: list["Node"]


Node = TypedDict(
    "Node",
    {
        "node": str,  # its key, as written
        "key": Required[str],
        "type": Required[str],
        "name": Required[Text],
        "next": Required[Any],  # a key, null at the end
        "within": Required[list[list[Any]]],
        "because": Text,
        "fork": str,
        # who acts
        "approvers": list[Rule],
        "assignees": list[Rule],
        "to": list[Rule],
        "mode": Any,
        "dedup": str,
        "on_edit": str,
        "on_empty": str,
        "on_self": str,
        "due": str,
        "remind": list[str],
        "on_timeout": Any,
        # where it goes on
        "cases": list[Case],
        "branches": list[Branch],
        # what runs
        "action": str,
        "version": str,
        "params": dict[str, Any],
        "stages": list[Step],
        "rollback": Any,
        "health_check": Step,
        "targets": str,
        "batch": Any,
        "on_failure": str,
        "at": str,
        "dry_run": str,
        # what it opens, calls or waits for
        "template": str,
        "for_each": str,
        "title": str,
        "form": dict[str, Any],
        "wait": str,
        "on_child_failure": str,
        "url": str,
        "body": dict[str, Any],
        "for": str,
        "until": str,
    },
    total=False,
)


class Document(TypedDict, total=False):
    """A template document, checked and in normal form. visible_to: `everyone`, or {department, role or user: key}."""

    apiVersion: str
    kind: str
    key: Required[str]
    name: Required[Text]
    category: Text
    description: Text
    number_prefix: str
    visible_to: list[Any]
    rating: bool
    summary: list[str]
    dedup: str
    form: Required[list[Field]]
    chain: Required[list[Node]]


Node.__doc__ = "A node. As written it has `node`; compiled it has `key`, `next` and what Program says of nodes."
