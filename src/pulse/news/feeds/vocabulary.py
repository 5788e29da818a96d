"""Names of elements as expat gives them, to what they mean; worked out once for all documents."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from pulse.news.feeds.elements import NAMESPACES, OTHER, Scope

Attributes = dict[str, str]
Handler = Callable[[Any, str, Attributes], None]
MAX_NAMES = 2_000
"""Names remembered; a hostile document has a new one in every tag."""


class Leaf(NamedTuple):
    """An element whose text is kept under `slot`."""

    slot: str
    is_text: bool
    """Its text is text (Atom), not HTML that was escaped once more (RSS)."""
    anywhere: bool
    """It counts at any depth of an entry."""


class Actions(dict[str, Leaf | Handler | None]):
    """Inside one scope: a leaf, a handler, or None for what is of no interest."""

    def __init__(self, words: "Vocabulary", scope: Scope, handlers: Mapping[str, Handler]) -> None:
        super().__init__()
        self._words, self._scope, self._handlers = words, scope, handlers

    def __missing__(self, name: str) -> Leaf | Handler | None:
        element = self._words[name]
        slot = self._scope.leaves.get(element)
        found: Leaf | Handler | None = None
        if slot is not None:
            found = Leaf(slot, element.startswith(("atom:", "xhtml:")), element.startswith("media:"))
        elif self._scope is not OTHER:
            found = self._handlers.get(element)
        if len(self) >= MAX_NAMES:
            self.clear()
        self[name] = found
        return found


class Vocabulary(dict[str, str]):
    """Names as expat gives them (`namespace local`, or `prefix:local`) to names with the usual prefix."""

    def __init__(self, separator: str, namespaces: Mapping[str, str]) -> None:
        super().__init__()
        self._separator = separator
        self._namespaces = namespaces
        self._actions: dict[int, Actions] = {}
        spaced = separator == " "
        self.base = "http://www.w3.org/XML/1998/namespace base" if spaced else "xml:base"
        self.language = "http://www.w3.org/XML/1998/namespace lang" if spaced else "xml:lang"
        self.about = "http://www.w3.org/1999/02/22-rdf-syntax-ns# about" if spaced else "rdf:about"

    def __missing__(self, name: str) -> str:
        space, _, local = name.rpartition(self._separator)
        if space and self._separator == ":":
            prefix: str | None = space.lower()
        else:
            prefix = self._namespaces.get(space.lower(), "?" if space else "")
        found = f"{prefix}:{local.lower()}" if prefix else local.lower()
        if len(self) >= MAX_NAMES:
            self.clear()
        self[name] = found
        return found

    def actions(self, scope: Scope, handlers: Mapping[str, Handler]) -> Actions:
        """Return what elements do in a scope."""
        actions = self._actions.get(id(scope))
        if actions is None:
            actions = self._actions[id(scope)] = Actions(self, scope, handlers)
        return actions

    def with_namespace(self, namespace: str, prefix: str) -> "Vocabulary":
        """Return a vocabulary, of one document, in which one more namespace has that prefix."""
        return Vocabulary(self._separator, {**self._namespaces, namespace.lower(): prefix})


_USUAL: Final = {True: Vocabulary(" ", NAMESPACES), False: Vocabulary(":", {})}


def vocabulary_for(*, namespaces: bool) -> Vocabulary:
    """Return the vocabulary that documents begin with; it is shared."""
    return _USUAL[namespaces]
