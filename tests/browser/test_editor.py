"""The editor, the budget and the languages, as a person has them."""

import re

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Complaints
from tests.doubles.newsroom import uid
from tests.doubles.web_server import WebServer

CABLE = f"/app/stories/{uid('cable')}"
PROVEN = "The telecommunications authority said 3.1 million customers of six providers had slower connections or none."
WRONG = "Repairs will take 95 days."
REPHRASED = "Nobody on the islands could pay by card."


def sent(web: WebServer, method: str, path: str) -> list[tuple[str, str, object, str | None]]:
    return [request for request in web.fake.requests if request[0] == method and request[1] == path]


async def test_a_text_is_changed_judged_saved_and_waits_for_approval(page: Page, web: WebServer) -> None:
    await page.goto(f"/app/posts/{uid('p1')}")
    await page.get_by_role("link", name="Edit").click()
    text = page.get_by_role("textbox", name="Text")
    await expect(text).to_have_value(re.compile("Staff of the district clinic"))
    await expect(page.get_by_role("button", name="Save the draft")).to_have_count(0)
    await text.fill(f"{PROVEN} {WRONG} {REPHRASED}")
    await page.get_by_role("button", name="Check the sentences").click()
    await expect(page.locator("#verdicts")).to_have_text("2 sentences are not proven by the sources")
    await expect(page.locator("#verdicts")).to_be_focused()
    verdicts = page.locator("[data-receipt]")
    await expect(verdicts.nth(0)).to_contain_text("Supported, 99%")
    await expect(verdicts.nth(0)).to_contain_text("Proven: the words of the source")
    await expect(verdicts.nth(0)).to_contain_text("1 independent source")
    await expect(verdicts.nth(1)).to_contain_text("Not supported")
    await expect(verdicts.nth(1)).to_contain_text("No source has this number: 95")
    await expect(verdicts.nth(2)).to_contain_text("Needs a person")
    await expect(verdicts.nth(2)).to_contain_text("judge pulse-entail/1")
    await expect(verdicts.nth(2)).to_have_class(re.compile("doubtful"))
    await page.get_by_role("button", name="Save the draft").click()
    await expect(page.locator("#notices")).to_contain_text("It waits for approval.")
    assert page.url.split("?")[0] == f"{web.url}/app/posts/{uid('p1')}"
    await expect(page.locator(".story-head .chip")).to_have_text("To approve")
    await expect(page.locator(".preview blockquote")).to_have_text(f"{PROVEN} {WRONG} {REPHRASED}")
    await expect(page.locator(".doubts")).to_contain_text("written by a person")
    [(_, _, wanted, key)] = sent(web, "PATCH", f"/posts/{uid('p1')}")
    assert key
    assert wanted == {"text": f"{PROVEN} {WRONG} {REPHRASED}", "version": 1}
    assert sent(web, "POST", "/publish") == []


async def test_a_former_text_is_taken_back_from_the_history(page: Page, web: WebServer) -> None:
    before = next(post["text"] for post in web.fake.room.posts if post["id"] == uid("p1"))
    await page.goto(f"{CABLE}/edit?post={uid('p1')}")
    await page.get_by_role("textbox", name="Text").fill(PROVEN)
    await page.get_by_role("button", name="Check the sentences").click()
    await page.get_by_role("button", name="Save the draft").click()
    entries = page.locator(".timeline > li")
    await expect(entries.nth(1)).to_contain_text("Changed by owner")
    await expect(entries.nth(1).locator("del")).to_have_text(before)
    await expect(entries.nth(1).locator("ins")).to_have_text(PROVEN)
    await expect(page.get_by_role("button", name="Take this text back")).to_have_count(1)
    await entries.nth(0).get_by_role("button", name="Take this text back").click()
    await expect(page.locator("#notices")).to_contain_text("The former text is back.")
    await expect(page.locator(".preview blockquote")).to_have_text(before)
    await expect(entries.nth(2)).to_contain_text("The text of version 1 was taken back")
    await expect(entries.nth(1).get_by_role("button", name="Take this text back")).to_be_visible()


async def test_who_was_faster_is_not_overwritten_and_neither_text_is_lost(
    page: Page, web: WebServer, complaints: Complaints
) -> None:
    await page.goto(f"{CABLE}/edit?post={uid('p1')}")
    await page.get_by_role("textbox", name="Text").fill(REPHRASED)
    await page.get_by_role("button", name="Check the sentences").click()
    await expect(page.locator("#verdicts")).to_be_visible()
    post = next(post for post in web.fake.room.posts if post["id"] == uid("p1"))
    theirs = {"text": WRONG, "citations": [], "verdict": {"supported": False, "verifier": "none", "reasons": []}}
    post.update(version=2, text=WRONG, content=post["content"] | {"sentences": [theirs]})
    await page.get_by_role("button", name="Save the draft").click()
    await expect(page.locator("#editor .trouble")).to_contain_text("The post is at version 2")
    await expect(page.get_by_role("textbox", name="Text")).to_have_value(REPHRASED)
    await expect(page.locator("[data-receipt='1']")).to_contain_text(WRONG)
    await page.get_by_role("button", name="Check the sentences").click()
    await page.get_by_role("button", name="Save the draft").click()
    await expect(page.locator(".preview blockquote")).to_have_text(REPHRASED)
    assert [complaint for complaint in complaints if "409" not in complaint] == []
    complaints.clear()


async def test_a_story_without_a_draft_gets_one_for_a_channel(page: Page, web: WebServer) -> None:
    await page.goto(f"{CABLE}/edit")
    await page.get_by_role("textbox", name="Text").fill(PROVEN)
    await page.get_by_role("button", name="Check the sentences").click()
    await page.get_by_label("For").select_option("bluesky")
    await page.get_by_role("button", name="Save as a draft").click()
    await expect(page.locator(".preview blockquote")).to_have_text(PROVEN)
    [(_, _, wanted, key)] = sent(web, "POST", "/publish")
    assert key
    assert wanted == {"content": PROVEN, "platform": "bluesky", "story_id": uid("cable")}


async def test_what_changes_after_the_check_cannot_be_saved(page: Page, web: WebServer) -> None:
    await page.goto(f"{CABLE}/edit")
    text = page.get_by_role("textbox", name="Text")
    await page.get_by_role("button", name="Check the sentences").click()
    save = page.get_by_role("button", name="Save as a draft")
    await expect(save).to_be_enabled()
    await text.press_sequentially(" And more.")
    await expect(save).to_be_disabled()
    await expect(page.get_by_text("Changed since the last check")).to_be_visible()
    await page.get_by_role("button", name="Check the sentences").click()
    await expect(save).to_be_enabled()
    assert sent(web, "POST", "/publish") == []


async def test_a_checked_sentence_lights_up_its_source(page: Page) -> None:
    await page.goto(f"{CABLE}/edit")
    await page.get_by_role("textbox", name="Text").fill(f"{WRONG} {PROVEN}")
    await page.get_by_role("button", name="Check the sentences").click()
    sentence = page.locator("[data-sentence='2']")
    source = page.locator("mark[data-cited-by='2']")
    await expect(source).to_have_text(PROVEN)
    await sentence.hover()
    await expect(source).to_have_class(re.compile(r"\bactive\b"))
    await page.mouse.move(2, 2)
    await sentence.focus()
    await expect(source).to_have_class(re.compile(r"\bactive\b"))


async def test_the_editor_works_without_scripts(chromium: Browser, web: WebServer) -> None:
    context = await chromium.new_context(java_script_enabled=False, base_url=web.url)
    page = await context.new_page()
    await page.goto(f"/?token={web.token()}")
    await page.goto(f"{CABLE}/edit")
    await page.get_by_role("textbox", name="Text").fill(PROVEN)
    await page.get_by_role("button", name="Check the sentences").click()
    await expect(page.locator("#verdicts")).to_have_text("Every sentence is proven by the sources")
    await page.get_by_role("button", name="Save as a draft").click()
    await expect(page.locator(".preview blockquote")).to_have_text(PROVEN)
    await context.close()


async def test_a_check_that_fails_keeps_the_text(page: Page, web: WebServer, complaints: Complaints) -> None:
    await page.goto(f"{CABLE}/edit")
    await page.get_by_role("textbox", name="Text").fill(WRONG)
    web.fake.down.add("llm")
    await page.get_by_role("button", name="Check the sentences").click()
    await expect(page.locator("#editor .trouble")).to_contain_text("The llm service does not answer.")
    await expect(page.get_by_role("textbox", name="Text")).to_have_value(WRONG)
    await expect(page.get_by_role("button", name="Save as a draft")).to_have_count(0)


async def test_the_tones_of_the_niche_are_offered_and_asked_for(page: Page, web: WebServer) -> None:
    await page.goto(f"{CABLE}/edit")
    tone = page.get_by_label("Tone")
    offered = await tone.locator("option").all_inner_texts()
    assert offered[:3] == ["As the niche has it", "None", "Formal"]
    assert offered[6:] == ["dry"]
    await tone.select_option("dry")
    await page.get_by_role("button", name="Write it anew").click()
    await expect(page.locator("#notices")).to_contain_text("A summary was written and checked.")
    assert sent(web, "POST", "/summarize")[0][2] == {"story_id": uid("cable"), "tone": "dry"}


async def test_a_niche_gets_a_tone_of_its_own(page: Page, web: WebServer) -> None:
    await page.goto("/app/niches")
    card = page.locator("#niche-technology")
    await card.locator("summary", has_text="Edit").click()
    assert (await card.get_by_label("Tone of the summaries").locator("option").all_inner_texts())[-1] == "dry"
    await card.get_by_label("Tone of the summaries").select_option("dry")
    await card.get_by_role("button", name="Save").last.click()
    await expect(card).to_contain_text("Tone: dry.")
    [(_, _, wanted, _)] = sent(web, "PATCH", "/niches/technology")
    assert isinstance(wanted, dict)
    assert wanted["tone"] == "dry"
    web.fake.room.tones.clear()
    await page.reload()
    await card.locator("summary", has_text="Edit").click()
    await expect(card.get_by_label("Tone of the summaries")).to_have_value("dry")


async def test_two_prompts_stand_side_by_side(page: Page) -> None:
    await page.goto(f"{CABLE}/edit")
    await page.get_by_role("link", name="Compare prompts").first.click()
    await page.get_by_label("Your prompt").fill("Write one sentence.")
    await page.get_by_role("button", name="Write both").click()
    halves = page.locator(".halves > section")
    await expect(halves).to_have_count(2)
    await expect(halves.nth(0).locator(".receipt > li")).to_have_count(4)
    await expect(halves.nth(1).locator(".receipt > li")).to_have_count(1)
    left, right = [await halves.nth(number).bounding_box() for number in range(2)]
    assert left
    assert right
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"]


async def test_the_budget_says_what_was_spent_and_what_happens_at_the_cap(page: Page, web: WebServer) -> None:
    await page.goto("/app/budget")
    await expect(page.locator(".figures")).to_contain_text("$0.84")
    await expect(page.locator(".figures")).to_contain_text("of $40.00")
    await expect(page.get_by_role("group", name="By model")).to_contain_text("claude-haiku-4-5")
    await page.get_by_label("Cap a day, in US dollars").first.fill("0,5")
    await page.get_by_label("Cap a month, in US dollars").first.fill("")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("#notices")).to_contain_text("Saved.")
    await expect(page.locator("main")).to_contain_text("The budget is used up: the offline engine writes")
    await expect(page.locator("main")).to_contain_text("The cap of the day is reached.")
    await expect(page.locator(".figures")).to_contain_text("no cap")
    assert sent(web, "PUT", "/llm/budget")[0][2] == {"day": 0.5, "month": None}


async def test_a_niche_has_caps_of_its_own(page: Page, web: WebServer, complaints: Complaints) -> None:
    await page.goto("/app/budget")
    own = page.get_by_role("region", name="Caps of niches")
    await expect(own.locator("table")).to_have_count(0)
    await own.get_by_label("Niche", exact=True).select_option("climate")
    await own.get_by_label("Cap a day, in US dollars").fill("a lot")
    await own.get_by_role("button", name="Set the niche").click()
    await expect(page.get_by_role("alert")).to_contain_text("'a lot' is not an amount of money")
    complaints.clear()  # the browser calls an answer of 422 a failure
    await expect(own.get_by_label("Niche", exact=True)).to_have_value("climate")
    await expect(page.locator("#day")).to_have_value("2")
    await own.get_by_label("Cap a day, in US dollars").fill("0.25")
    await own.get_by_role("button", name="Set the niche").click()
    await expect(own.locator("tbody tr")).to_contain_text(["climate"])
    await expect(own.locator("tbody tr")).to_contain_text(["$0.25"])
    await expect(own.locator("tbody tr")).to_contain_text(["no cap"])
    assert sent(web, "PUT", "/llm/budget?niche=climate")[-1][2] == {"day": 0.25, "month": None}
    await expect(page.locator(".figures")).to_contain_text("of $2.00")


async def test_the_language_is_switched_in_the_menu_and_kept(page: Page) -> None:
    await page.goto("/app/posts?tab=failed")
    await page.locator(".menu > summary").click()
    await page.get_by_role("button", name="Polski").click()
    await expect(page.locator("h1")).to_have_text("Wpisy")
    await expect(page.locator("html")).to_have_attribute("lang", "pl")
    await page.goto("/app/stories")
    await expect(page.locator("h1")).to_have_text("Tematy")
    await expect(page.locator(".kicker").first).to_contain_text("niezależne źródła")
    await page.goto("/")
    await expect(page.locator("[data-live-state]")).to_have_text("Na żywo")
    await page.locator(".menu > summary").click()
    await page.get_by_role("button", name="English").click()
    await expect(page.locator("[data-live-state]")).to_have_text("Live")


async def test_the_browsers_language_is_spoken_with_its_dates_and_numbers(
    chromium: Browser, web: WebServer, complaints: Complaints
) -> None:
    context = await chromium.new_context(locale="de-DE", timezone_id="Europe/Berlin", base_url=web.url)
    page = await context.new_page()
    complaints.watch(page)
    await page.goto(f"/?token={web.token()}")
    await expect(page.locator("[data-figure='success_rate'] [data-value]")).to_have_text(re.compile(r"\d\s%"))
    await expect(page.locator(".sections")).to_contain_text("Geschichten")
    await page.goto(CABLE)
    await expect(page.locator("#standing")).to_contain_text("0,82")
    await expect(page.locator(".kicker time").nth(1)).to_have_text(re.compile("^vor "))
    await context.close()


async def test_arabic_stands_right_in_a_page_that_reads_from_the_left(page: Page, web: WebServer) -> None:
    story = next(row for row in web.fake.room.stories if row["id"] == uid("cable"))
    story |= {"language": "ar", "title": "انقطاع كابل الإنترنت البحري في الجزر"}
    summary = next(row for row in web.fake.room.summaries if row["story_id"] == story["id"])
    summary |= {"language": "ar"}
    await page.goto(CABLE)
    assert await page.evaluate("getComputedStyle(document.querySelector('h1')).direction") == "rtl"
    assert await page.evaluate("getComputedStyle(document.querySelector('.summary')).direction") == "rtl"
    assert await page.evaluate("getComputedStyle(document.querySelector('main')).direction") == "ltr"
    title, kicker = await page.locator("h1").bounding_box(), await page.locator(".kicker").first.bounding_box()
    assert title
    assert kicker
    assert abs(title["x"] - kicker["x"]) < 1


async def test_the_layout_turns_round_for_a_page_that_reads_from_the_right(page: Page) -> None:
    await page.set_viewport_size({"width": 1280, "height": 900})
    for path in (CABLE, "/app/posts", "/app/budget", f"{CABLE}/edit"):
        await page.goto(path)
        await page.evaluate("document.documentElement.dir = 'rtl'")
        mark = await page.locator(".wordmark").bounding_box()
        menu = await page.locator(".menu").bounding_box()
        assert mark
        assert menu
        assert mark["x"] > menu["x"] + menu["width"]
        over = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, path
