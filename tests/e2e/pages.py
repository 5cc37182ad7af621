"""Pages of the tests' one browser: each in a context of its own, logged in or not."""

import re
from typing import Any

from playwright.sync_api import Browser, Page

from tests.house import PASSWORD, House, Person

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 375, "height": 812}


def new_page(browser: Browser, **options: Any) -> Any:
    """A page in Chinese, with `problems`: the errors that it met."""
    options = {"locale": "zh-CN", "viewport": DESK, **options}
    return watched(browser.new_context(**options).new_page())


def watched(page: Any) -> Any:
    """The page, with `problems`: the errors that it met."""
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    return page


def log_in(page: Page, house: House, username: str) -> None:
    """Log in as a person does; ends on the page that was asked for."""
    if "/login" not in page.url:
        page.goto(f"{house.url}/login")
    page.get_by_test_id("login-username").fill(username)
    page.get_by_test_id("login-password").fill(PASSWORD)
    page.get_by_test_id("login-submit").click()
    page.wait_for_url(re.compile(r"^(?!.*/login)"))


def open_as(browser: Browser, house: House, username: str, path: str = "/", **options: Any) -> Any:
    """This page of somebody who has logged in before, over the API."""
    page = new_page(browser, **options)
    cookies = Person(house, username).session.cookies
    page.context.add_cookies([{"name": one.name, "value": one.value or "", "url": house.url} for one in cookies])
    page.goto(house.url + path)
    return page
