"""The XML of events from members' taps, and the encrypted envelope."""

import re
from dataclasses import dataclass, field

ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class CardEvent:
    """One tap. `event` is template_card_event or template_card_menu_event; `selected`: question → options."""

    event: str
    userid: str
    key: str
    task_id: str
    card_type: str
    response_code: str
    created_at: int
    selected: dict[str, list[str]] = field(default_factory=dict)


def cdata(text: str) -> str:
    """Any text as CDATA; a text that would close the section is split into two sections."""
    return "<![CDATA[" + ILLEGAL.sub("", text).replace("]]>", "]]]]><![CDATA[>") + "]]>"


def event_xml(event: CardEvent, corp_id: str, agent_id: int) -> str:
    return (
        f"<xml><ToUserName>{cdata(corp_id)}</ToUserName><FromUserName>{cdata(event.userid)}</FromUserName>"
        f"<MsgType>{cdata('event')}</MsgType><Event>{cdata(event.event)}</Event>"
        f"<CreateTime>{event.created_at}</CreateTime><AgentID>{agent_id}</AgentID>"
        f"<EventKey>{cdata(event.key)}</EventKey><TaskId>{cdata(event.task_id)}</TaskId>"
        f"<CardType>{cdata(event.card_type)}</CardType>{selected_xml(event.selected)}"
        f"<ResponseCode>{cdata(event.response_code)}</ResponseCode></xml>"
    )


def selected_xml(selected: dict[str, list[str]]) -> str:
    if not selected:
        return ""
    return f"<SelectedItems>{''.join(item_xml(*item) for item in selected.items())}</SelectedItems>"


def item_xml(question: str, options: list[str]) -> str:
    chosen = "".join(f"<OptionId>{cdata(option)}</OptionId>" for option in options)
    return f"<SelectedItem><QuestionKey>{cdata(question)}</QuestionKey><OptionIds>{chosen}</OptionIds></SelectedItem>"


def envelope_xml(encrypted: str, corp_id: str, agent_id: int) -> str:
    return (
        f"<xml><ToUserName>{cdata(corp_id)}</ToUserName><AgentID>{cdata(str(agent_id))}</AgentID>"
        f"<Encrypt>{cdata(encrypted)}</Encrypt></xml>"
    )
