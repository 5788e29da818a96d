"""Accounts over HTTP: added, changed, removed, and their secrets told to nobody."""

import base64
import logging
from typing import Any

import pytest

from pulse.social.channels.outcomes import Refused
from pulse.social.errors import ChannelRefused
from pulse.social.room import ChannelKind
from tests.doubles.service_http import ServiceHttp, problem
from tests.integration.social.desk import Desk

SECRET = "correct-horse-battery-staple"


async def test_channels_are_added_changed_and_removed(desk: Desk, http: ServiceHttp) -> None:
    request: dict[str, Any] = {
        "kind": "guarded",
        "name": "Main",
        "settings": {"server": "one"},
        "secret": SECRET,
    }
    created = await http.ask("POST", "/channels", desk.tenant, key="k", json=request)
    assert created.status_code == 201
    channel = created.json()
    assert channel["settings"] == {"server": "one", "account": "account at one"}
    assert channel["has_secret"] is True
    assert (await http.ask("POST", "/channels", desk.tenant, key="k", json=request)).json() == channel
    taken = problem(await http.ask("POST", "/channels", desk.tenant, json=request), 409)
    assert taken["code"] == "social.channel_exists"

    path = f"/channels/{channel['id']}"
    changed = await http.ask("PATCH", path, desk.tenant, json={"settings": {"server": "two"}, "niches": ["art"]})
    assert changed.json()["settings"] == {"server": "two", "account": "account at two"}
    assert (changed.json()["niches"], changed.json()["name"]) == (["art"], "Main")
    refused = problem(await http.ask("PATCH", path, desk.tenant, json={"settings": {"colour": "red"}}), 422)
    assert "colour is not a setting" in refused["detail"]
    problem(await http.ask("PATCH", path, desk.tenant, json={"settings": {"server": ""}}), 422)
    await desk.add_channel("Second")
    refused = problem(await http.ask("PATCH", path, desk.tenant, json={"name": "Second"}), 409)
    assert refused["code"] == "social.channel_exists"

    for incomplete in (
        {"kind": "guarded", "name": "No server", "secret": SECRET},
        {"kind": "guarded", "name": "No secret", "settings": {"server": "one"}},
        {"kind": "guarded", "name": "Odd", "settings": {"server": "one", "colour": "red"}, "secret": SECRET},
    ):
        refused = problem(await http.ask("POST", "/channels", desk.tenant, json=incomplete), 422)
        assert refused["code"] == "social.channel_incomplete"
    assert (await http.ask("DELETE", path, desk.tenant)).status_code == 204
    problem(await http.ask("DELETE", path, desk.tenant), 404)
    names = [channel["name"] for channel in (await http.ask("GET", "/channels", desk.tenant)).json()["channels"]]
    assert names == ["Second"]


async def test_autopilot_is_switched_for_a_niche(desk: Desk, http: ServiceHttp) -> None:
    path = "/publishing/technology"
    assert (await http.ask("GET", path, desk.tenant)).json() == {
        "niche": "technology",
        "autopilot": False,
        "daily_limit": 24,
    }
    answer = await http.ask("PUT", path, desk.tenant, json={"autopilot": True, "daily_limit": 3})
    assert answer.json() == (await http.ask("GET", path, desk.tenant)).json()
    problem(await http.ask("PUT", path, desk.tenant, json={"daily_limit": -1}), 422)
    await desk.add_channel()
    assert (await desk.posts()) == []
    await desk.draft()
    assert [post.state.value for post in await desk.posts()] == ["approved"]


async def test_a_secret_is_nowhere_in_clear_text(
    desk: Desk, http: ServiceHttp, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    new_secret = "entirely-different-words"
    request = {"kind": "guarded", "name": "Main", "settings": {"server": "one"}, "secret": SECRET}
    channel = (await http.ask("POST", "/channels", desk.tenant, key="k", json=request)).json()["id"]
    await http.ask("PATCH", f"/channels/{channel}", desk.tenant, json={"secret": new_secret})
    await http.ask("POST", "/channels", desk.tenant, json=request | {"secret": SECRET * 200})
    await http.ask("POST", "/channels", desk.tenant, json=request | {"secret": [SECRET]})
    await http.ask("POST", "/channels", desk.tenant, json=request | {"kind": "nothing"})

    async def refuse(_settings: Any, _secret: str) -> dict[str, str]:
        raise ChannelRefused("HTTP 401: wrong password")

    kinds: dict[str, ChannelKind] = desk.room.kinds  # type: ignore[assignment]
    good = kinds["guarded"]
    kinds["guarded"] = ChannelKind("guarded", good.settings, good.optional, good.secret, refuse, good.build)
    refused = await http.ask("POST", "/channels", desk.tenant, json=request | {"name": "Two"})
    assert problem(refused, 422)["code"] == "social.channel_refused"
    kinds["guarded"] = good

    post = await desk.ready()
    desk.platform.outcomes.extend([RuntimeError("the adapter broke"), Refused("c", "no", "Change it.")])
    await desk.deliver(post)
    assert desk.secrets == [new_secret]  # the channel itself gets it, and the new one
    for path in ("/channels", "/posts", f"/posts/{post}", f"/posts/{post}/why"):
        await http.ask("GET", path, desk.tenant)

    async with desk.room.database.transaction(desk.tenant) as tx:
        tables = await tx.rows(
            """SELECT table_schema || '.' || table_name AS name FROM information_schema.tables
               WHERE table_schema IN ('social', 'bus', 'storage', 'llm', 'news')"""
        )
        lines = [
            str(row["line"])
            for table in tables
            for row in await tx.rows(f"SELECT t::text AS line FROM {table['name']} AS t")
        ]
    stored = "\n".join(lines)
    assert "Main" in stored
    places = {"answers": "\n".join(http.answers), "database": stored, "log": caplog.text, "row": repr(desk.room)}
    for secret in (SECRET, new_secret):
        for form in (secret, secret.encode().hex(), base64.b64encode(secret.encode()).decode()):
            assert [place for place, text in places.items() if form in text] == []
