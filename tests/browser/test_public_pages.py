"""A customer in a real browser, without a script: they report, see their case and overrule us; and every page is open to everybody (WCAG 2.2 AA)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from oncall.core.model import AfterHours
from tests.browser.doors import Doors, doors
from tests.core.publishing.policies import example
from tests.web.public.test_case_page import closed
from tests.web.public.test_feedback_page import asked_about
from tests.web.standing import ANA, DESK_KEY

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
CONTROLS = (
    "button, select, textarea, nav a, a.button, a.way, .problem a, .choice label, "
    "input:not([type=hidden]):not([type=radio]):not([type=checkbox]):not([tabindex])"
)


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[Doors]:
    """A daemon whose office is closed; what is not urgent waits."""
    with doors(tmp_path, lambda: closed(AfterHours.WAIT)) as found:
        yield found


@contextmanager
def browsing(
    browser: Browser, *, scripts: bool = False, width: int = 1000, scheme: Literal["light", "dark"] = "light"
) -> Iterator[Page]:  # fmt: skip
    """A page of a browser; whatever its console complains about is a failure. Our pages have no script; only axe needs that there may be some."""
    complaints: list[str] = []
    with ExitStack() as stack:
        context = browser.new_context(java_script_enabled=scripts, viewport={"width": width, "height": 900}, color_scheme=scheme)
        stack.callback(context.close)
        page = context.new_page()
        # That an answer is a refusal is told by the console too.
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" and "status of 4" not in message.text else None)
        yield page
    assert complaints == []


def fill_in(page: Page, doors: Doors, **fields: str) -> None:
    """Opens the form and fills it in."""
    page.goto(f"{doors.here.url}/report")
    for label, value in {
        "What does not work?": "The labels print slowly",
        "Your name": "Dana",
        "Your phone number": "+1 512 555 0199",
        **fields,
    }.items():
        page.get_by_label(label).fill(value)


def test_a_customer_reports_sees_the_case_and_overrules_us(browser: Browser, waiting: Doors) -> None:
    with browsing(browser) as page:
        page.goto(f"{waiting.here.url}/policy")
        page.get_by_role("link", name="Report an emergency").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Report an emergency to Example Ltd")
        fill_in(page, waiting, **{"What does not work?": ""})
        page.get_by_label("everything is down").nth(1).check()
        page.get_by_role("button", name="Send the report").click()
        expect(page).to_have_title("Error: Report an emergency to Example Ltd")
        page.get_by_role("link", name="Tell us what does not work.").click()
        expect(page.get_by_label("What does not work?")).to_be_focused()
        expect(page.get_by_label("Your name")).to_have_value("Dana")
        expect(page.get_by_label("everything is down").nth(1)).to_be_checked()
        page.get_by_label("What does not work?").fill("The labels print slowly")
        page.get_by_role("button", name="Send the report").click()
        expect(page.get_by_role("status").first).to_contain_text("Your case waits until we open")
        assert waiting.here.carrier.sent == [] or all(one.address != ANA for one in waiting.here.carrier.sent)
        page.get_by_role("button", name="It cannot wait").click()
        expect(page.locator("#told")).to_contain_text("It cannot wait. We alert our engineers now.")
        assert "The labels print slowly" in waiting.run(waiting.here.carrier.received(ANA)).text
        acted(waiting, page, "acknowledge")
        page.get_by_role("link", name="Look again").click()
        expect(page.get_by_role("status").first).to_contain_text("Ana has your case.")


def acted(doors: Doors, page: Page, verb: str) -> None:
    """Ana does something to the case that the page shows."""
    case = page.locator("h1 .case").text_content()
    status, _ = doors.run(doors.here.call("POST", f"/v1/incidents/{case}/{verb}", {"by": "ana"}, key=DESK_KEY))
    assert status == 200


def every_page(page: Page, doors: Doors) -> Iterator[str]:
    """Leads a browser to every page and every state of it that a customer may see; the name of each, once the page is whole."""
    for name in led(page, doors):
        page.wait_for_load_state()
        page.locator("main").wait_for()
        yield name


def led(page: Page, doors: Doors) -> Iterator[str]:
    """The name of each page as its address is asked for."""
    for name in ("policy", "report", "report/added", "c/none"):
        page.goto(f"{doors.here.url}/{name}")
        yield name
    fill_in(page, doors, **{"What does not work?": "", "Your phone number": "06 5550"})
    page.get_by_role("button", name="Send the report").click()
    yield "report with mistakes"
    fill_in(page, doors)
    page.get_by_label("everything is down").nth(1).check()
    page.get_by_role("button", name="Send the report").click()
    yield "case that waits"
    page.get_by_role("button", name="Send it").click()
    yield "case with a mistake"
    page.get_by_role("button", name="It cannot wait").click()
    yield "case that is alerted"
    for verb in ("acknowledge", "resolve"):
        acted(doors, page, verb)
        page.get_by_role("link", name="Look again").click()
        yield f"case after {verb}"
    doors.run(asked_about(doors.here, page.locator("h1 .case").text_content() or ""))
    page.get_by_role("link", name="Look again").click()
    yield "case that is asked about"
    page.get_by_role("link", name="Tell us in one press").click()
    yield "survey"
    page.get_by_role("button", name="2 poor").click()
    yield "survey that is answered"


@pytest.mark.parametrize(("width", "scheme"), [(1000, "light"), (1000, "dark"), (320, "light")])
def test_axe_finds_nothing_on_any_page(browser: Browser, waiting: Doors, width: int, scheme: Literal["light", "dark"]) -> None:
    found: dict[str, list[Any]] = {}
    with browsing(browser, scripts=True, width=width, scheme=scheme) as page:
        for name in every_page(page, waiting):
            answer = Axe().run(page, options=RULES).response
            assert len(answer["passes"]) > 15
            found[name] = [(one["id"], [node["target"] for node in one["nodes"]]) for one in answer["violations"]]
    assert found == {name: [] for name in found}
    assert len(found) == 13


def test_axe_sees_a_page_that_is_not_open_to_everybody(browser: Browser, waiting: Doors) -> None:
    """Otherwise its silence would prove nothing."""
    with browsing(browser, scripts=True) as page:
        page.goto(f"{waiting.here.url}/report")
        page.evaluate("document.querySelector('label').remove(); document.documentElement.lang = ''; document.body.style.color = '#bbb'")
        found = {one["id"] for one in Axe().run(page, options=RULES).response["violations"]}
    assert {"label", "html-has-lang", "color-contrast"} <= found


@pytest.mark.parametrize("width", [320, 1000])
def test_every_page_reflows_and_every_control_can_be_hit(browser: Browser, waiting: Doors, width: int) -> None:
    """At 320 pixels nothing scrolls sideways, and nothing that is pressed is smaller than 48."""
    with browsing(browser, scripts=True, width=width) as page:
        for name in every_page(page, waiting):
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            for control in page.locator(CONTROLS).all():
                box = control.bounding_box()
                assert box is not None, name
                assert box["height"] >= 47.9, (name, control.evaluate("one => one.outerHTML"), box)
                assert box["width"] >= 47.9, (name, control.evaluate("one => one.outerHTML"), box)


def test_the_policy_of_the_example_reflows_too(browser: Browser, tmp_path: Path) -> None:
    """Its table is wider than that of a small company."""
    with doors(tmp_path, example) as found, browsing(browser, scripts=True, width=320) as page:
        page.goto(f"{found.here.url}/policy")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert Axe().run(page, options=RULES).response["violations"] == []


def test_the_form_is_reached_by_keyboard_in_the_order_of_the_page(browser: Browser, waiting: Doors) -> None:
    with browsing(browser, scripts=True) as page:
        page.goto(f"{waiting.here.url}/report")
        seen = []
        for _ in range(9):
            page.keyboard.press("Tab")
            seen.append(page.evaluate("document.activeElement.id || document.activeElement.textContent"))
        assert seen == ["Skip to the content", "what", "company", "name", "phone", "email", "severity-unsure", "service", "Send the report"]
        page.keyboard.press("Shift+Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"
