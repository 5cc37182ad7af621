"""The administration pages in a real browser, for desk and phone."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.pages import PHONE, open_as

pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.timeout(600)]
SECRET = "correct-horse-battery"


def test_an_operator_works_through_the_administration(browser, house) -> None:
    page = open_as(browser, house, "admin")
    page.get_by_role("link", name="管理", exact=True).click()
    expect(page).to_have_url(re.compile(r"/admin/templates$"))

    # Hosts: an import is previewed, then taken; one host changes, rests, and goes.
    page.get_by_test_id("admin-hosts").click()
    page.get_by_test_id("hosts-import").click()
    page.get_by_test_id("import-text").fill("name,address,groups\nadm-01,192.0.2.1,adm\nadm-02,192.0.2.2,adm\n")
    page.get_by_test_id("import-preview").click()
    expect(page.get_by_test_id("import-outcome")).to_contain_text("将新增 2 台")
    expect(page.get_by_test_id("host-row-adm-01")).to_have_count(0)
    page.get_by_test_id("import-run").click()
    expect(page.get_by_test_id("import-outcome")).to_contain_text("新增 2 台")
    page.get_by_role("button", name="关闭").click()
    page.get_by_test_id("host-row-adm-01").get_by_role("link", name="adm-01").click()
    page.get_by_test_id("host-change").click()
    page.get_by_test_id("host-address").fill("not an address")
    page.get_by_test_id("host-save").click()
    expect(page.locator("dialog")).to_contain_text("not an address")
    page.get_by_test_id("host-address").fill("192.0.2.9")
    page.get_by_test_id("host-save").click()
    expect(page.locator("h1 + p")).to_contain_text("root@192.0.2.9")
    page.get_by_test_id("host-disable").click()
    page.get_by_test_id("dialog-confirm").click()
    expect(page.get_by_test_id("host-enable")).to_be_visible()
    page.get_by_test_id("host-remove").click()
    expect(page.locator("dialog")).to_contain_text("没有未结束的工单")
    page.get_by_test_id("dialog-confirm").click()
    expect(page.get_by_test_id("host-row-adm-02")).to_be_visible()
    expect(page.get_by_test_id("host-row-adm-01")).to_have_count(0)

    # Groups: only one role may target its hosts; with hosts it cannot go.
    page.get_by_test_id("admin-groups").click()
    page.get_by_test_id("change-adm").click()
    page.get_by_test_id("choice-some").check()
    page.get_by_test_id("audience-roles").click()
    page.get_by_test_id("audience-role-option-sre").click()
    page.keyboard.press("Escape")
    page.get_by_test_id("group-save").click()
    expect(page.get_by_test_id("group-row-adm")).to_contain_text("角色")
    page.get_by_test_id("remove-adm").click()
    expect(page.locator("dialog")).to_contain_text("还有 1 台主机")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)

    # I24: a credential is written and replaced; what was typed is never seen again.
    page.get_by_test_id("admin-credentials").click()
    page.get_by_test_id("credential-add").first.click()
    page.get_by_test_id("credential-name").fill("adm-login")
    page.get_by_test_id("credential-kind").select_option("password")
    page.get_by_test_id("secret-username").fill("deploy")
    page.get_by_test_id("secret-password").fill(SECRET)
    page.get_by_test_id("credential-save").click()
    expect(page.get_by_test_id("credential-adm-login")).to_contain_text("deploy")
    page.get_by_test_id("replace-adm-login").click()
    expect(page.get_by_test_id("secret-password")).to_have_value("")
    assert SECRET not in page.content()
    page.keyboard.press("Escape")
    page.get_by_test_id("remove-adm-login").click()
    page.get_by_test_id("dialog-confirm").click()
    expect(page.get_by_test_id("credential-adm-login")).to_have_count(0)
    assert page.problems == []


def test_A41_the_administration_is_closed_to_others_and_open_on_the_phone(browser, house) -> None:
    heidi = open_as(browser, house, "heidi")
    expect(heidi.get_by_role("link", name="管理", exact=True)).to_have_count(0)
    for path in ("/admin", "/admin/hosts", "/admin/credentials"):
        heidi.goto(house.url + path)
        expect(heidi.locator("main")).to_contain_text("这里是管理员的地方")
    phone = open_as(browser, house, "erin", "/settings", viewport=PHONE)
    phone.get_by_role("link", name="管理").click()
    expect(phone.get_by_test_id("admin-jobs")).to_be_visible()
    expect(phone.get_by_test_id("admin-credentials")).to_have_count(0)
    phone.get_by_test_id("admin-hosts").click()
    expect(phone.get_by_test_id("host-row-demo-01")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert [heidi.problems, phone.problems] == [[], []]
