"""The HTML document around a page: the same head and styles, no inline script or style."""

from pathlib import Path

from sandbox.web.html import Markup, tag

WEB_STATIC = Path(__file__).parent / "static"
HTML_LANGUAGE = {"zh": "zh-CN", "en": "en"}


def document(
    title: str,
    language: str,
    body: list[Markup],
    *,
    styles: list[str],
    scripts: list[str] | None = None,
    **attributes: str,
) -> str:
    """The whole document. `attributes` go to the body element, as data for the scripts."""
    head = [
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1, viewport-fit=cover"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("link", rel="icon", href="/static/web/mark.svg", type="image/svg+xml"),
        *(tag("link", rel="stylesheet", href=href) for href in ["/static/web/base.css", *styles]),
        *(tag("script", src=src, type="module") for src in scripts or []),
    ]
    page = tag("html", tag("head", head), tag("body", body, **attributes), lang=HTML_LANGUAGE[language])
    return f"<!doctype html>{page}"


def other_language(language: str, word: str) -> Markup:
    """A link to this page in the other language."""
    other = "en" if language == "zh" else "zh"
    return tag("a", word, href=f"?lang={other}", class_="language", hreflang=other, lang=HTML_LANGUAGE[other])
