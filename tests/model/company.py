"""The people of the reference model: roles, managers, proxies."""

from dataclasses import dataclass, field
from typing import Any

Rule = dict[str, Any]
Form = dict[str, Any]


@dataclass
class Company:
    """An organisation in plain lists. All who are not in `left` are active. now: its clock, in minutes."""

    managers: dict[str, str]
    roles: dict[str, list[str]]
    admins: list[str]
    departments: dict[str, str]  # person → department
    heads: dict[str, str]  # department → person
    parents: dict[str, str]  # department → department above
    left: set[str] = field(default_factory=set)
    proxies: set[tuple[str, str]] = field(default_factory=set)  # (principal, agent)
    now: int = 0

    def active(self, people: list[str]) -> list[str]:
        """Those who have not left."""
        return [who for who in people if who not in self.left]

    def line(self, who: str) -> list[str]:
        """The active managers above a person, nearest first."""
        above: list[str] = []
        while who in self.managers and self.managers[who] not in above:
            who = self.managers[who]
            above.append(who)
        return self.active(above)

    def departments_above(self, who: str) -> list[str]:
        """A person's department and those above it."""
        found = [self.departments[who]]
        while found[-1] in self.parents:
            found.append(self.parents[found[-1]])
        return found

    def acts_for(self, agent: str, principal: str) -> bool:
        """Whether the agent may act for the principal now."""
        return (principal, agent) in self.proxies and principal not in self.left and agent not in self.left

    def found(self, rules: list[Rule], applicant: str, form: Form, chosen: list[str]) -> list[str]:
        """All people named by the rules, in order, each once."""
        people: list[str] = []
        for rule in rules:
            ((kind, value),) = rule.items()
            if kind == "chosen_by":
                named = chosen
            elif kind == "form_user":
                named = [form[value]] if form.get(value) else []
            else:
                named = self._named(kind, value, applicant)
            named = self.active(named)
            people += [who for who in named if who not in people]
        return people

    def _named(self, kind: str, value: Any, applicant: str) -> list[str]:
        line = self.line(applicant)
        if kind == "user":
            return [value]
        if kind == "role":
            return sorted(self.roles[value])
        if kind == "manager":
            return line[value - 1 : value]
        if kind == "managers_up_to":
            return line[:value]
        if kind == "department_head":
            above = self.departments_above(applicant)[value - 1 : value]
            return [self.heads[key] for key in above if key in self.heads]
        assert kind == "applicant"
        return [applicant]
