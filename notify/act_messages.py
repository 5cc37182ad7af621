"""What news of an act of administration says, in the active language."""

from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import AdminEvent, User
from accounts.trail import Kind as Act
from notify.acts import in_force, waiting_for
from notify.messages import Message
from templates_engine.fields.moment import moment_in_words
from templates_engine.models import TemplateVersion
from templates_engine.text import listed, localize

TODO = "/lists/todo"
NAMED_MAX = 20


def act_url() -> str:
    """Where what waits can be seen."""
    return f"{settings.BATON_URL}{TODO}"


def act_card_url(act: AdminEvent) -> str:
    """The same, opened from WeCom; the address is no other news's."""
    query = urlencode({"inside": 1, "news": f"act{act.seq}", "next": TODO})
    return f"{settings.BATON_URL}/wecom/login?{query}"


def compose_act(act: AdminEvent, recipient: User) -> Message:
    """The message that this act means for this person."""
    data = act.data
    names = dict(User.objects.filter(username__in=[data["principal"], data["agent"]]).values_list("username", "name"))
    facts = [
        (_("Stands in"), names.get(data["agent"], data["agent"])),
        (_("For"), names.get(data["principal"], data["principal"])),
        (_("From"), moment_in_words(datetime.fromisoformat(data["starts_at"]))),
        (_("Until"), moment_in_words(datetime.fromisoformat(data["revoked_at"] or data["ends_at"]))),
        (_("Templates"), _templates(data["templates"])),
    ]
    if act.actor:
        facts.append((_("Done by"), act.actor.name))
    if data.get("reason"):
        facts.append((_("Reason"), data["reason"]))
    facts += _waiting(act, recipient)
    return Message(act_heading(act, recipient, names), facts, act_url())


def act_heading(act: AdminEvent, recipient: User, names: dict[str, str] | None = None) -> str:
    """One sentence: who stands in for whom now; to the principal, by name, who it is that said so in his place."""
    data = act.data
    if names is None:
        people = User.objects.filter(username__in=[data["principal"], data["agent"]])
        names = dict(people.values_list("username", "name"))
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
    """How much waits for the agent now, and what."""
    proxy = in_force(act, timezone.now())
    if proxy is None or proxy.agent_id != recipient.pk:
        return []
    tasks = waiting_for(proxy)
    count = len(tasks)
    lines = [ngettext("%(count)s task", "%(count)s tasks", count) % {"count": count}]
    lines += [f"{task.ticket.number} {task.ticket.title}" for task in tasks[:NAMED_MAX]]
    return [(_("Waiting now"), "\n".join(lines))]
