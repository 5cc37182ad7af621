"""Texts of messages about proxies, in the active language."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import AdminEvent, User
from accounts.trail.acts import Kind as Act
from notify.acts.act_proxy import in_force, waiting_for
from templates_engine.fields.moment import moment_in_words
from templates_engine.models import TemplateVersion
from templates_engine.text import listed, localize

NAMED_MAX = 20


def facts(act: AdminEvent, recipient: User) -> list[tuple[str, str]]:
    """Agent, principal, start, end, templates; who did it, why, and which tasks wait now."""
    data, names = act.data, _names(act)
    told = [
        (_("Stands in"), names.get(data["agent"], data["agent"])),
        (_("For"), names.get(data["principal"], data["principal"])),
        (_("From"), moment_in_words(datetime.fromisoformat(data["starts_at"]))),
        (_("Until"), moment_in_words(datetime.fromisoformat(data["revoked_at"] or data["ends_at"]))),
        (_("Templates"), _templates(data["templates"])),
    ]
    if act.actor:
        told.append((_("Done by"), act.actor.name))
    if data.get("reason"):
        told.append((_("Reason"), data["reason"]))
    return told + _waiting(act, recipient)


def heading(act: AdminEvent, recipient: User) -> str:
    """One sentence: who stands in for whom now. If somebody else did it, the principal is told who."""
    data, names = act.data, _names(act)
    words = {
        "principal": names.get(data["principal"], data["principal"]),
        "agent": names.get(data["agent"], data["agent"]),
        "from": moment_in_words(datetime.fromisoformat(data["starts_at"])),
        "until": moment_in_words(datetime.fromisoformat(data["ends_at"])),
    }
    sentence = _sentence(act, recipient) % words
    if act.actor and act.actor_id != recipient.pk and recipient.username == data["principal"]:
        return _("By %(actor)s: %(what)s") % {"actor": act.actor.name, "what": sentence}
    return sentence


def _names(act: AdminEvent) -> dict[str, str]:
    people = User.objects.filter(username__in=[act.data["principal"], act.data["agent"]])
    return dict(people.values_list("username", "name"))


def _sentence(act: AdminEvent, recipient: User) -> str:
    ended = act.kind == Act.PROXY_ENDED
    later = datetime.fromisoformat(act.data["starts_at"]) > act.at
    if recipient.username == act.data["principal"]:
        if ended:
            return _("%(agent)s no longer stands in for you")
        if act.kind == Act.PROXY_CHANGED:
            return _("Changed: %(agent)s stands in for you until %(until)s")
        return _("%(agent)s stands in for you from %(from)s") if later else _("%(agent)s stands in for you from now on")
    if ended or recipient.username != act.data["agent"]:
        return _("You no longer stand in for %(principal)s")
    if later:
        return _("You will stand in for %(principal)s from %(from)s")
    if act.kind == Act.PROXY_CHANGED and not (act.data.get("before") or {}).get("agent"):
        return _("Changed: you stand in for %(principal)s until %(until)s")
    return _("You stand in for %(principal)s until %(until)s")


def _templates(keys: list[str] | None) -> str:
    if keys is None:
        return _("all")
    rows = TemplateVersion.objects.filter(template__key__in=keys, state=TemplateVersion.State.PUBLISHED)
    names = {key: localize(document["name"]) for key, document in rows.values_list("template__key", "document")}
    return listed(names.get(key, key) for key in keys)


def _waiting(act: AdminEvent, recipient: User) -> list[tuple[str, str]]:
    """Number and titles of the tasks that wait for the agent now."""
    now = timezone.now()
    proxy = in_force(act, now)
    if proxy is None or proxy.agent_id != recipient.pk:
        return []
    tasks = waiting_for(proxy, now)
    count = len(tasks)
    lines = [ngettext("%(count)s task", "%(count)s tasks", count) % {"count": count}]
    lines += [f"{task.ticket.number} {task.ticket.title}" for task in tasks[:NAMED_MAX]]
    return [(_("Waiting now"), "\n".join(lines))]
