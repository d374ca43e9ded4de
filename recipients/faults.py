"""What went wrong, as data until somebody reads it (reference 4.1): a key of the catalogue and its values.

A key is a code (`CSV_QUOTE`), or a code and which of its sentences (`CSV_QUOTE.never`). Keys in small letters are
parts of sentences, or frames around another fault, whose code they keep.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import get_language, gettext

HIDDEN: Final = "…"
_LONGEST: Final = 80  # characters of a value that was found somewhere
_LONGEST_WORDS: Final = 300  # of what another program said
_WORDS: Final = "words"
_LISTED: Final = 40  # names in a sentence
_NAMED: Final = re.compile(r"%\((\w+)")


def marked(text: str) -> str:
    """Return the text as it is; imported as `_` it marks what is translated later, when settings are read."""
    return text


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text` holds `%(name)s` for values, `%(name:,)s` for numbers with thousands marks.

    It is translated when it is said; one that is not marked for translation is said to the letter in every
    language, as clients match on it. `personal` names the values that are hidden from who may not see people.
    """

    text: str
    personal: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """The values that it is made of."""
        return frozenset(_NAMED.findall(self.text))


CATALOGUE: Final[dict[str, Sentence]] = {}


def register(sentences: Mapping[str, Sentence]) -> None:
    """Add an app's sentences; a key is there once."""
    twice = sentences.keys() & CATALOGUE.keys()
    if twice:
        raise ValueError(f"in the catalogue twice: {sorted(twice)}")
    CATALOGUE.update(sentences)


def showable(text: str, longest: int = _LONGEST) -> str:
    """Return foreign text as a sentence may show it: on one line, what is not printable written out, cut."""
    short = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[: longest + 1])
    return short if len(short) <= longest else f"{short[: longest - 1]}…"


@dataclass(frozen=True)
class Fault:
    """One mistake or note: make it by `Fault.of`, read it by `say`."""

    key: str
    params: Mapping[str, Any]

    __slots__ = ("key", "params")

    def __hash__(self) -> int:
        return hash(self.key)

    @classmethod
    def of(cls, key: str, /, **params: Any) -> "Fault":
        """Return a fault of the catalogue, text among its values made showable. Raises KeyError for a wrong key."""
        missing = CATALOGUE[key].names - params.keys()
        if missing:
            raise KeyError(f"{key} needs {sorted(missing)}")
        return cls(key, {name: _json_value(name, value) for name, value in params.items()})

    @classmethod
    def written(cls, text: str, code: str = "") -> "Fault":
        """Return what was put into words elsewhere, or by an older release: it is read as it stands."""
        return cls("written", {"text": text, "code": code})

    @property
    def code(self) -> str:
        """What decides: the code without its variant, that of the fault inside a frame, "" for a note."""
        inner = self.params.get("fault")
        if isinstance(inner, Fault):
            return inner.code
        return str(self.params["code"]) if self.key == "written" else self.key.partition(".")[0]

    def say(self, *, people: bool = True) -> str:
        """Return the sentence in the language that is active; without `people` personal values are hidden."""
        if self.key == "written":
            return str(self.params["text"]) if people else masked(str(self.params["text"]))
        sentence = CATALOGUE.get(self.key)
        if sentence is None:  # of a release whose sentence is gone
            return f"{self.code}: {_listed([_value_shown(value, people=people) for value in self.params.values()])}"
        hidden = frozenset() if people else sentence.personal
        return gettext(sentence.text) % _Values(self.params, hidden, people)

    def __str__(self) -> str:
        return self.say()

    def as_json(self) -> dict[str, Any]:
        """Return what a row keeps."""
        return {"key": self.key, "params": {name: _json(value) for name, value in self.params.items()}}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any] | str) -> "Fault":
        """Return what a row kept; a string is a sentence of an older release."""
        if isinstance(kept, str):
            return cls.written(kept)
        return cls(kept["key"], {name: _unjson(value) for name, value in kept["params"].items()})


def say(kept: Mapping[str, Any] | str | None, *, people: bool = True) -> str:
    """Return the sentence of a fault that a row keeps, "" where it keeps none."""
    return Fault.from_json(kept).say(people=people) if kept else ""


class _Values:
    """What a sentence is filled with: a value by its name, put as the reader's language has it."""

    def __init__(self, params: Mapping[str, Any], hidden: frozenset[str], people: bool) -> None:  # noqa: FBT001
        self._params, self._hidden, self._people = params, hidden, people

    def __getitem__(self, wanted: str) -> str:
        name, _, form = wanted.partition(":")
        if name in self._hidden:
            return HIDDEN
        value = self._params.get(name, "")
        if form and isinstance(value, int):
            grouped = f"{value:{form}}"
            return grouped.replace(",", ".") if (get_language() or "").startswith("it") else grouped
        return _value_shown(value, people=self._people)


def _json_value(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return showable(value, _LONGEST_WORDS if name == _WORDS else _LONGEST)
    if isinstance(value, Sequence):
        return [_json_value(name, each) for each in value]
    return value


def _value_shown(value: Any, *, people: bool) -> str:
    if isinstance(value, Fault):
        return value.say(people=people)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _listed([_value_shown(each, people=people) for each in value])
    return str(value)


def _listed(names: Sequence[str]) -> str:
    first = ", ".join(names[:_LISTED])
    more = len(names) - _LISTED
    return gettext("%(names)s and %(more)s more") % {"names": first, "more": more} if more > 0 else first


def _json(value: Any) -> Any:
    if isinstance(value, Fault):
        return value.as_json()
    return [_json(each) for each in value] if isinstance(value, list) else value


def _unjson(value: Any) -> Any:
    if isinstance(value, dict):
        return Fault.from_json(value)
    return [_unjson(each) for each in value] if isinstance(value, list) else value


# Sentences of older releases hold values between quotes; a list without names in its first row has people there.
_QUOTED: Final = re.compile(r"""(?<!\w)['"“«].*['"”»](?!\w)""", re.DOTALL)
_COLUMNS: Final = re.compile(
    r"(?<=has no field ).*(?=: its fields are)|(?<=columns found: ).*(?=; add it)"
    r"|(?<=the column ).*(?= stands twice)",
    re.DOTALL,
)
_ADDRESS: Final = re.compile(r"[^\s,;:<>]+@[^\s,;:<>]+")


def masked(text: str) -> str:
    """Return a sentence that was kept in words without what it quotes, and without addresses."""
    for pattern in (_COLUMNS, _QUOTED, _ADDRESS):
        text = pattern.sub(HIDDEN, text)
    return text
