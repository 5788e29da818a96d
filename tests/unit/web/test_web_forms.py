"""What a form sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from pulse.http.errors import BodyTooLarge
from pulse.web.errors import BadForm
from pulse.web.forms import Form, read


def request(body: bytes, kind: str = "application/x-www-form-urlencoded") -> Request:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"content-type", kind.encode("latin-1"))]}
    return Request(scope, receive)


def multipart(*parts: str) -> Request:
    body = "".join(f"--b\r\nContent-Disposition: form-data; {part}\r\n" for part in parts) + "--b--\r\n"
    return request(body.encode(), "multipart/form-data; boundary=b")


async def test_fields_come_as_they_were_typed() -> None:
    form = await read(request(b"a=%20x%20&b=1&b=2&c=&%C3%BC=na%C3%AFve"), 1_000)
    assert (form.text("a"), form.all("b"), form.text("c", "d"), form.text("ü")) == ("x", ["1", "2"], "", "naïve")


async def test_a_file_comes_as_its_text() -> None:
    form = await read(
        multipart(
            'name="niche"\r\n\r\ntech', 'name="file"; filename="ü.opml"\r\nContent-Type: text/xml\r\n\r\n<a>ü</a>\r\n'
        ),
        1_000,
    )
    assert (form.text("niche"), form.text("file")) == ("tech", "<a>ü</a>")


async def test_more_than_the_limit_is_not_read() -> None:
    with pytest.raises(BodyTooLarge):
        await read(request(b"a=" + b"x" * 100), 50)


async def test_an_endless_body_is_cut_off() -> None:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"x" * 1_000, "more_body": True}

    with pytest.raises(BodyTooLarge):
        await read(Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive), 10_000)


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
async def test_only_forms_are_forms(kind: str) -> None:
    with pytest.raises(BadForm):
        await read(request(b"{}", kind), 100)


async def test_too_many_fields_are_refused() -> None:
    with pytest.raises(BadForm):
        await read(request(b"&".join(b"a=1" for _ in range(300))), 10_000)


@given(
    st.binary(max_size=300), st.sampled_from(["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
)
async def test_no_bytes_make_it_crash(body: bytes, kind: str) -> None:
    try:
        form = await read(request(body, kind), 1_000)
    except BadForm:
        return
    assert isinstance(form.text("a"), str)


def test_numbers_have_bounds() -> None:
    assert Form([("n", "7")]).number("n", "it", least=0, most=10) == 7
    for value in ("11", "-1", "x", "", "1e3", "٣", "9999999999999"):
        with pytest.raises(BadForm, match=r"it must be a whole number from 0 to 10"):
            Form([("n", value)]).number("n", "it", least=0, most=10)


def test_what_must_not_be_empty_is_named() -> None:
    with pytest.raises(BadForm, match="the title is missing"):
        Form([("title", "  ")]).needed("title", "the title")
