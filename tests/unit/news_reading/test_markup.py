"""HTML of strangers: what a reader would see of it, and what may be shown of it."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pulse.news.hidden import is_hidden_style
from pulse.news.markup import clean_html, one_line, plain_text

HIDDEN = """
<p hidden>SECRET</p>
<p hidden="">SECRET</p>
<p HIDDEN=hidden>SECRET</p>
<div style="display:none">SECRET</div>
<div style="DISPLAY : NONE !important">SECRET</div>
<div style='color:red;display:/**/none'>SECRET</div>
<div style="dis\\70 lay:none">SECRET</div>
<div style="display&#58;none">SECRET</div>
<div style=display:none>SECRET</div>
<div style="display:none" style="">SECRET</div>
<span style="visibility:hidden">SECRET</span>
<span style="opacity:0">SECRET</span>
<span style="opacity:.0;">SECRET</span>
<span style="font-size:0">SECRET</span>
<span style="font-size:0px">SECRET</span>
<span style="position:absolute;left:-9999px">SECRET</span>
<span style="text-indent:-9999em">SECRET</span>
<span style="clip:rect(0,0,0,0)">SECRET</span>
<span style="height:0;overflow:hidden">SECRET</span>
<span style="color:transparent">SECRET</span>
<span class="a sr-only b">SECRET</span>
<span class='screen-reader-text'>SECRET</span>
<span class=visually-hidden>SECRET</span>
<span class="d-none">SECRET</span>
<script>SECRET</script>
<SCRIPT type=x>var a = "</p>SECRET"</SCRIPT >
<style>SECRET</style>
<template><p>SECRET</p></template>
<noscript>SECRET</noscript>
<textarea>SECRET</textarea>
<select><option>SECRET</option></select>
<svg><text>SECRET</text></svg>
<iframe>SECRET</iframe>
<!-- SECRET -->
<!--> <!-- SECRET -->
<!SECRET>
<?php SECRET ?>
<div hidden><div><p>SECRET</div><b>SECRET</b></div>
<p style="display:none">SECRET<p>
<ul><li style="display:none">SECRET</li></ul>
<p title="SECRET"></p>
<img alt="a > b" src="SECRET">
<a href="x" title='>' hidden>SECRET</a>
"""


@pytest.mark.parametrize("markup", HIDDEN.strip().split("\n"))
def test_what_is_hidden_is_nowhere(markup: str) -> None:
    around = f"before {markup} after"
    assert " ".join(plain_text(around).split()) == "before after"
    text_of_html = re.sub(r"<[^>]*>", "", clean_html(around, "http://example.org/"))
    assert "SECRET" not in text_of_html


SHOWN = """
<div style="display:block">SEEN</div>
<div style="font-size:small">SEEN</div>
<div style="background-color:transparent">SEEN</div>
<div style="line-height:1">SEEN</div>
<div style="opacity:0.9">SEEN</div>
<div style="font-size:0.8em">SEEN</div>
<div class="hidden md:block">SEEN</div>
<div class="unhidden hidden-gem">SEEN</div>
<p>a hidden SEEN gem, and display:none in prose</p>
<embed src=x>SEEN
<object data=x>SEEN</object>
<p hidden>x<p>SEEN
<div><p hidden>x</div>SEEN
<input type=hidden value=x>SEEN
<b>SEEN
<p/>SEEN
</p></b></div>SEEN
<details><summary>x</summary>SEEN</details>
"""


@pytest.mark.parametrize("markup", SHOWN.strip().split("\n"))
def test_what_is_shown_stays(markup: str) -> None:
    assert "SEEN" in plain_text(markup)
    assert "SEEN" in clean_html(markup)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One\n two</p><p>three</p>", "One two\nthree"),
        ("one<br/>two<BR>three", "one\ntwo\nthree"),
        ("<ul><li>a</li><li>b</li></ul>c", "a\nb\nc"),
        ("<table><tr><td>1</td><td>2</td></tr><tr><th>3</th></tr></table>", "1 2\n3"),
        ("plain\n\n  text ", "plain\ntext"),
        ("a &lt;b&gt; &amp;amp; &nbsp; c", "a <b> &amp; c"),
        ("1 < 2 and 3 > 2 <3", "1 < 2 and 3 > 2 <3"),
        ("AT&T &unknown; &#8217;", "AT&T &unknown; ’"),
        ("<b>bo</b>ld", "bold"),
        ("zero\u200bwidth \u202etxet\u202c tag\U000e0041s so\xadft", "zerowidth txet tags soft"),
        ("\U0001f469\u200d\U0001f4bb stays", "\U0001f469\u200d\U0001f4bb stays"),
        ("", ""),
    ],
)
def test_text(markup: str, text: str) -> None:
    assert plain_text(markup) == text


def test_one_line() -> None:
    assert one_line("<p>a</p><p>b\nc</p>") == "a b c"


ATTACKS = (
    """
<img src=x onerror=alert(1)>
<a href="javascript:alert(1)">x</a>
<a href="JaVaScRiPt&#58;alert(1)">x</a>
<a href=" java&#10;script:alert(1)">x</a>
<a href="data:text/html,x">x</a>
<img src="data:image/svg+xml,x">
<svg><style><img src=x onerror=alert(1)></style></svg>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">
<noscript><p title="</noscript><img src=x onerror=alert(1)>">
<form action=x><input onfocus=alert(1) autofocus></form>
<p style="background:url(javascript:alert(1))">x
<iframe srcdoc="<script>alert(1)</script>"></iframe>
<base href="//evil/"><link rel=stylesheet href=x><meta http-equiv=refresh content=0>
<a href="x" onclick="alert(1)" target=_blank>x</a>
<<script>alert(1)//<</script>
<img """
    + "a='" * 3
    + """ src=x onerror=alert(1)>
<template><script>alert(1)</script></template>
<x/onmouseover=alert(1)>x
"""
)


class Elements(HTMLParser):
    """What a parser finds in sanitised HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += attrs


def assert_harmless(html: str) -> None:
    elements = Elements()
    elements.feed(html)
    assert not elements.names & {
        "script",
        "style",
        "iframe",
        "object",
        "svg",
        "math",
        "form",
        "input",
        "base",
        "meta",
        "link",
    }
    for name, value in elements.attributes:
        assert not name.startswith("on")
        assert name != "style"
        if name in ("href", "src", "cite"):
            assert value is not None
            assert value.startswith(("http://", "https://"))


@pytest.mark.parametrize("markup", ATTACKS.strip().split("\n"))
def test_attacks_come_out_harmless(markup: str) -> None:
    assert_harmless(clean_html(markup, "https://example.org/"))


PIECE_WORDS = """
<p> </p> <b> <div hidden> </div> <script> </script> <style> <!-- --> <a href=" "> ' > < = onerror= <svg> <math>
<![CDATA[ <textarea> &lt; &#x3c; javascript: text \x00 é <br/> </ <p style="display:none"> <template> <noscript>
<table> <td>
"""
PIECES = st.sampled_from(PIECE_WORDS.split())


@given(st.lists(PIECES | st.text(max_size=3), max_size=30))
def test_any_mixture_is_harmless(pieces: list[str]) -> None:
    markup = " ".join(pieces)
    assert_harmless(clean_html(markup, "http://h/"))
    assert "\n\n" not in plain_text(markup)
    assert_harmless(clean_html("".join(pieces)))


@given(st.text())
@example("<\xa0")
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean_html(text)
    assert clean_html(once) == once


@given(st.text())
def test_any_style(style: str) -> None:
    is_hidden_style(style)
