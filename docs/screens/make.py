# ruff: noqa: INP001 (a script beside its pictures, not a package)
"""Takes the pictures of the documents: walks the six steps of the README in a real browser.

    make run                                    # in one terminal, on fresh data (BATON_HOME=/tmp/pictures)
    .venv/bin/python docs/screens/make.py http://127.0.0.1:8000

Needs the packages of requirements/dev.txt and a Chromium. It starts nothing and works as a user does, except that
a few more tickets are handed in through the API, so that lists and charts have something to show.
"""

import re
import shutil
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, expect, sync_playwright

FOLDER = Path(__file__).resolve().parent
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PASSWORD = "baton-demo"  # noqa: S105 (the demonstration's, printed at every start)
DESK: Any = {"width": 1440, "height": 900}
PHONE: Any = {"width": 375, "height": 812}
PATIENCE_MS = 60_000
NGINX = {"listen": 80, "upstream": "10.0.0.8:8080", "hosts": ["demo-01", "demo-02"]}
NEW_EMPLOYEE = {
    "name": "林小满", "position": "后端工程师", "starts_on": "2026-12-01", "equipment": ["laptop", "display"],
    "needs_servers": True, "account": "lin", "hosts": ["demo-01", "demo-02"], "arrives_at": "2026-12-01T09:30:00+08:00",
}  # fmt: skip
SCENE: list[tuple[str, str, dict[str, Any]]] = [
    ("heidi", "leave", {"kind": "annual", "from": "2026-12-01", "days": 2}),
    ("heidi", "dns-record", {"zone": "example.com", "name": "www", "value": "192.0.2.10", "hosts": ["demo-03"]}),
    ("alice", "service-restart", {"service": "mysql", "hosts": ["demo-02"], "reason": "升级参数后重启"}),
    ("alice", "server-access", {"account": "alice", "hosts": ["demo-01"], "reason": "排查日志"}),
    ("heidi", "nginx-config-sync", {**NGINX, "server_name": "docs.example.com"}),
]  # fmt: skip


class Walk:
    """A browser, the addresses of a running Baton, and where the pictures go."""

    def __init__(self, browser: Browser, base: str) -> None:
        parts = urlsplit(base)
        self.browser, self.base = browser, base.rstrip("/")
        self.wecom, self.mailbox = (f"http://{parts.hostname}:{(parts.port or 80) + step}" for step in (1, 2))

    def person(self, name: str, *, viewport: Any = DESK, dark: bool = False, language: str = "") -> Page:
        """A fresh browser in which this person has logged in; `language` is their own choice in the settings."""
        scheme: Any = "dark" if dark else "light"
        page = self.page(viewport, color_scheme=scheme)
        page.goto(f"{self.base}/login")
        page.get_by_test_id("login-username").fill(name)
        page.get_by_test_id("login-password").fill(PASSWORD)
        page.get_by_test_id("login-submit").click()
        page.wait_for_url(re.compile(r"^(?!.*/login)"))
        if language:
            page.goto(f"{self.base}/settings")
            choice = page.get_by_role("button", name=language, exact=True).first
            choice.click()
            expect(choice).to_have_attribute("aria-pressed", "true")
        return page

    def page(self, viewport: Any = DESK, **options: Any) -> Page:
        """A fresh browser in which nobody has logged in."""
        scale = 2 if viewport is PHONE else 1
        context = self.browser.new_context(
            locale="zh-CN", timezone_id="Asia/Shanghai", viewport=viewport, device_scale_factor=scale, **options
        )
        return context.new_page()

    def keep(self, page: Page, name: str) -> None:
        """One picture, once the page is at rest."""
        page.mouse.move(2, 2)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=FOLDER / f"{name}.png", animations="disabled", caret="hide")
        sys.stdout.write(f"{name}\n")


def hand_in(page: Page, template: str, form: dict[str, Any]) -> str:
    """A ticket through the API, with the session and the CSRF token of this page; its number."""
    token = next(c["value"] for c in page.context.cookies() if c.get("name") == "csrftoken")
    parts = urlsplit(page.url)
    origin = f"{parts.scheme}://{parts.netloc}"
    headers = {"X-CSRFToken": str(token), "Origin": origin}
    answer = page.request.post(f"{origin}/api/v1/tickets", data={"template": template, "form": form}, headers=headers)
    if not answer.ok:
        sys.exit(f"{template}: {answer.text()}")
    return str(answer.json()["number"])


def set_the_scene(walk: Walk) -> None:
    """Some tickets of other days' work."""
    pages = {name: walk.person(name) for name in ("alice", "heidi")}
    for name, template, form in SCENE:
        hand_in(pages[name], template, form)


def ask(walk: Walk) -> tuple[Page, str]:
    """Step 1: log in, choose a template, fill in the form, submit. Alice's page and the ticket's number."""
    login = walk.page()
    login.goto(f"{walk.base}/login")
    walk.keep(login, "login")
    page = walk.person("alice")
    page.goto(f"{walk.base}/templates")
    expect(page.get_by_test_id("template-card-nginx-config-sync")).to_be_visible()
    walk.keep(page, "templates")
    page.get_by_test_id("template-card-nginx-config-sync").click()
    page.get_by_test_id("field-server_name").fill("shop.example.com")
    page.get_by_test_id("field-upstream").fill("10.0.0.8:8080")
    page.get_by_test_id("field-hosts").click()
    for host in ("demo-01", "demo-02"):
        page.get_by_test_id(f"host-option-{host}").click()
    page.keyboard.press("Escape")
    page.get_by_test_id("field-note").fill("把 shop 切到新的后端。\n回退：恢复旧文件。")
    expect(page.get_by_test_id("approver-preview")).to_contain_text("Dave")
    walk.keep(page, "new-ticket")
    page.get_by_test_id("submit-ticket").click()
    expect(page.get_by_test_id("ticket-number")).to_contain_text("CHG-")
    expect(page.get_by_test_id("timeline")).to_contain_text("Bob")
    walk.keep(page, "ticket")
    return page, page.get_by_test_id("ticket-number").inner_text().strip()


def approve_by_card(walk: Walk, number: str) -> None:
    """Step 2: the card on bob's phone, the page behind it, one tap."""
    page = walk.page()
    page.goto(f"{walk.wecom}/phone/bob")
    card = page.locator("[data-task-id]").filter(has_text=number)
    expect(card).to_be_visible(timeout=PATIENCE_MS)
    card.scroll_into_view_if_needed()
    walk.keep(page, "wecom-card")
    for name, dark in (("phone-decide", False), ("phone-decide-dark", True)):
        phone = walk.person("bob", viewport=PHONE, dark=dark)
        phone.goto(f"{walk.base}/tickets/{number}")
        expect(phone.get_by_test_id("decision-approve")).to_be_visible()
        walk.keep(phone, name)
    card.get_by_role("button", name="同意").click()
    expect(card).to_contain_text("通过", timeout=PATIENCE_MS)
    walk.keep(page, "wecom-card-decided")


def approve_on_the_web(walk: Walk, number: str) -> None:
    """Step 3: dave looks at the plan and approves it on the desk."""
    page = walk.person("dave")
    page.goto(f"{walk.base}/tickets/{number}")
    page.get_by_test_id("decision-comment").fill("窗口期内可以")
    walk.keep(page, "decide")
    page.get_by_test_id("decision-approve").click()
    expect(page.get_by_test_id("ticket-state")).not_to_contain_text("审批中", timeout=PATIENCE_MS)


def finish(walk: Walk, page: Page, number: str) -> None:
    """Steps 4 and 5: the job, the confirmation, the rating, the mails."""
    for host in ("demo-01", "demo-02"):
        expect(page.get_by_test_id(f"job-host-{host}")).to_contain_text("已变更", timeout=PATIENCE_MS)
    expect(page.get_by_test_id("job-log")).to_contain_text("PLAY RECAP", timeout=PATIENCE_MS)
    expect(page.get_by_test_id("timeline")).to_contain_text("执行结束")
    page.get_by_test_id("job-log").scroll_into_view_if_needed()
    walk.keep(page, "job")
    page.get_by_test_id("decision-confirm").click()
    expect(page.get_by_test_id("ticket-state")).to_contain_text("完成", timeout=PATIENCE_MS)
    page.get_by_test_id("rate-5").click()
    page.get_by_test_id("rate-submit").click()
    expect(page.get_by_test_id("rate-submit")).to_have_count(0)
    page.get_by_test_id("timeline").scroll_into_view_if_needed()
    walk.keep(page, "timeline")
    mails = walk.page()
    mails.goto(f"{walk.mailbox}/?to=bob%40demo.example.com")
    mails.get_by_text(number).first.click()
    walk.keep(mails, "mail")


def branch_out(walk: Walk) -> None:
    """A new employee: sub-tickets and a briefing side by side, once two people have approved."""
    heidi = walk.person("heidi")
    number = hand_in(heidi, "new-employee", NEW_EMPLOYEE)
    for name in ("bob", "frank"):
        page = walk.person(name)
        page.goto(f"{walk.base}/tickets/{number}")
        page.get_by_test_id("decision-approve").click()
        expect(page.get_by_test_id("decision-approve")).to_have_count(0)
    for name, viewport in (("fork", DESK), ("phone-fork", PHONE)):
        page = walk.person("heidi", viewport=viewport)
        page.goto(f"{walk.base}/tickets/{number}")
        expect(page.get_by_text("安全培训").first).to_be_visible()
        walk.keep(page, name)


def look_around(walk: Walk, number: str) -> None:
    """The workbench, lists and reports; light and dark, Chinese and English, desk and phone."""
    bob = walk.person("bob")
    expect(bob.get_by_text("轮到我").first).to_be_visible()
    walk.keep(bob, "workbench")
    walk.keep(walk.person("bob", dark=True), "workbench-dark")
    walk.keep(walk.person("bob", viewport=PHONE), "phone-workbench")
    admin = walk.person("admin")
    admin.goto(f"{walk.base}/reports")
    expect(admin.get_by_test_id("report-download")).to_be_visible()
    admin.wait_for_timeout(800)  # the chart draws itself in; nothing on the page says when it is done
    walk.keep(admin, "reports")
    grace = walk.person("grace", language="English")
    grace.goto(f"{walk.base}/tickets/{number}")
    expect(grace.get_by_test_id("ticket-state")).to_contain_text("Completed")
    walk.keep(grace, "ticket-en")
    dark = walk.person("heidi", language="English", dark=True)
    dark.goto(f"{walk.base}/lists/mine")
    expect(dark.get_by_test_id(re.compile("list-row-")).first).to_be_visible()
    walk.keep(dark, "list-en-dark")


def administer(walk: Walk) -> None:
    """The administration, and the newest run on its page."""
    page = walk.person("admin")
    page.goto(f"{walk.base}/admin/actions")
    expect(page.get_by_test_id("action-row-release.deploy")).to_be_visible()
    walk.keep(page, "admin-actions")
    page.goto(f"{walk.base}/admin/jobs")
    page.get_by_test_id(re.compile("job-row-")).first.get_by_role("link").first.click()
    expect(page.get_by_test_id("job-page")).to_be_visible()
    expect(page.get_by_test_id("job-log")).to_be_visible()
    walk.keep(page, "job-page")


def main(base: str) -> None:
    """All pictures, in the order of the README."""
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        walk = Walk(browser, base)
        set_the_scene(walk)
        page, number = ask(walk)
        approve_by_card(walk, number)
        approve_on_the_web(walk, number)
        finish(walk, page, number)
        branch_out(walk)
        look_around(walk, number)
        administer(walk)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
