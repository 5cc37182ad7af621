"""Check whether a rule can work: when it is saved, and each time it is listed."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from accounts.organisation.people import facts as applicant_facts
from automation.models.shell_alarm import ShellWord
from automation.shells.alarms import rule_recipients
from automation.shells.alarms.filling import FITS
from automation.shells.alarms.matching import folded
from automation.values import HIDDEN
from common.errors import Problem, finding
from templates_engine.errors import NoSuchTemplate
from templates_engine.forms.values import check_form
from templates_engine.models import TemplateVersion
from templates_engine.parts import TicketFacts
from templates_engine.program.program import Program
from templates_engine.store.programs import load
from templates_engine.store.queries import usable_template

LEAST_LETTERS = 2  # a shorter pattern would match nearly every line


def faults(word: ShellWord) -> list[Problem]:
    """Every problem of the rule, {path, code, message}."""
    wrong = []
    if len(folded(word.pattern)) < LEAST_LETTERS or HIDDEN.search(word.pattern):
        message = _("Words are plain visible text, %(least)s characters at least.") % {"least": LEAST_LETTERS}
        wrong.append(finding("pattern", "bad_words", message))
    wrong += rule_recipients.faults(word.tell)
    if not word.template:
        return wrong + [finding(path, "without_template", _("Name the template of the ticket as well."))
                        for path in ("applicant", "form") if getattr(word, path)]  # fmt: skip
    if word.applicant is None:
        return [*wrong, finding("applicant", "required", _("Name the applicant of the ticket."))]
    if not word.applicant.is_active:
        return [*wrong, finding("applicant", "inactive_user", _("This person's account is disabled. Name another."))]
    try:
        version = usable_template(word.applicant, word.template)
    except NoSuchTemplate:
        message = _("There is no published template of this key that this person may use.")
        return [*wrong, finding("template", "no_such_template", message)]
    return wrong + list(_form_faults(word, version))


def standing(word: ShellWord) -> tuple[str, str]:
    """(code, message) of what would fail today with its ticket or its messages; empty for nothing."""
    found = faults(word) if word.is_active else []
    if not found and word.is_active and word.tell and not rule_recipients.recipients(word.tell).exists():
        found = [finding("tell", "nobody_told", _("None of the people that the rule names is active."))]
    return (str(found[0]["code"]), str(found[0]["message"])) if found else ("", "")


def _form_faults(word: ShellWord, version: TemplateVersion) -> Iterator[Problem]:
    """Fields that the rule fills wrongly, and required fields that it leaves empty."""
    program: Program = load(version.pk)
    fields = {field["key"]: field for field in program.document["form"]}
    fixed = {}
    missing = _("The template requires this field. Choose how it is filled.")
    for key, source in word.form.items():
        path = f"form.{key[:64]}"
        if key not in fields:
            yield finding(path, "unknown_form_key", _("The template has no such field."))
        elif set(source) == {"value"}:
            fixed[key] = source["value"]
        elif not source:
            yield finding(path, "required", missing)
        elif set(source) != {"from"} or source["from"] not in FITS.get(fields[key]["type"], ()):
            can = ", ".join(FITS.get(fields[key]["type"], ())) or "—"
            message = _("This field takes a fixed value, or one of: %(allowed)s.") % {"allowed": can}
            yield finding(path, "bad_source", message)
    for key, field in fields.items():
        is_asked = field.get("required") and "default" not in field and "visible_when" not in field
        if is_asked and "value" not in field and key not in word.form:
            yield finding(f"form.{key}", "required", missing)
    if word.applicant is not None:
        ticket = TicketFacts(priority="normal", title="")
        facts = applicant_facts(word.applicant)
        _values, found = check_form(program.expressions, fixed, facts, ticket, complete=False)
        yield from (one.render() for one in found if one.code != "not_visible")
