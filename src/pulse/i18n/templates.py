"""Texts in templates: `_("text")`, `count("one", "many", number)`, and the filter `translated` for values."""

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from pulse.i18n.translator import Translator


def install(env: Environment, of: Callable[[Context], Translator]) -> None:
    """Give the templates the words of the language that `of` finds for what is being rendered."""

    @pass_context
    def say(context: Context, text: str, **values: Any) -> Markup:
        # Only constants of the templates come here: they, and their translations, may hold HTML of ours.
        shown = Markup(of(context).text(text))  # noqa: S704
        return shown % {name: escape(value) for name, value in values.items()} if values else shown

    @pass_context
    def count(context: Context, one: str, many: str, number: int) -> str:
        return of(context).count(one, many, number)

    @pass_context
    def translated(context: Context, text: str) -> str:
        return of(context).text(text)

    env.globals |= {"_": say, "count": count}
    env.filters["translated"] = translated
