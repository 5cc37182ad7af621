"""The frame of the phone page. Scripts fill in the chat; no message content is rendered here."""

import json

from sandbox.web.html import Markup, tag
from sandbox.web.language import Words
from sandbox.web.page import document, other_language
from sandbox.wecom.directory import Member
from sandbox.wecom.people import avatar
from sandbox.wecom.world import World


def phone_page(world: World, member: Member | None, language: str, words: Words) -> str:
    body = [
        tag(
            "div",
            rail(world, member, language, words),
            phone(member, words),
            wire(words),
            class_="stage" if member else "stage choosing",
        )
    ]
    title = f"{member.name} · {words['title']}" if member else words["title"]
    return document(
        title,
        language,
        body,
        styles=["/static/wecom/phone.css", "/static/wecom/bubble.css"],
        scripts=["/static/wecom/phone.js"],
        data_userid=member.userid if member else "",
        data_words=json.dumps(dict(words), ensure_ascii=False),
        data_app=world.settings.app_name,
    )


def rail(world: World, chosen: Member | None, language: str, words: Words) -> Markup:
    people = [person(member, chosen) for member in world.directory.members.values()]
    return tag(
        "aside",
        tag(
            "header",
            tag("span", class_="mark", aria_hidden="true"),
            tag("h1", words["title"]),
            other_language(language, words["language"]),
        ),
        tag("p", words["note"], class_="note"),
        tag("nav", tag("ul", people, class_="people"), aria_label=words["people"]),
        class_="rail",
    )


def person(member: Member, chosen: Member | None) -> Markup:
    return tag(
        "li",
        tag(
            "a",
            avatar(member.userid, member.name),
            tag("span", member.name, class_="name"),
            tag("span", class_="badge", hidden=True),
            href=f"/phone/{member.userid}",
            aria_current="page" if member == chosen else None,
            data_user=member.userid,
        ),
    )


def phone(member: Member | None, words: Words) -> Markup:
    if member is None:
        return tag("main", tag("p", words["pick"], class_="muted"), class_="phone none")
    return tag(
        "main",
        tag(
            "header",
            avatar(member.userid, member.name),
            tag("h2", tag("b", id="app-name"), tag("small", member.name)),
            class_="bar",
        ),
        tag("p", words["lost"], id="lost", role="status", hidden=True),
        tag("p", id="dropped", role="status", hidden=True),
        tag(
            "div",
            tag("p", words["loading"], class_="muted waiting"),
            id="chat",
            role="log",
            aria_label=words["chat"],
            tabindex="0",
        ),
        class_="phone",
    )


def wire(words: Words) -> Markup:
    return tag(
        "aside",
        tag("h2", words["wire"]),
        tag("ol", id="wire", aria_label=words["wire"]),
        class_="wire",
    )
