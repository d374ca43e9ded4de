"""The field of the HTML editor: its script finds beside the text what it says to a person, in their language."""

import json
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as lazy
from django_stubs_ext import StrOrPromise

# Every phrase of CodeMirror's set-up, by the English that it asks for.
PHRASES: Final[dict[str, StrOrPromise]] = {
    "Fold line": lazy("Fold line"),
    "Unfold line": lazy("Unfold line"),
    "Folded lines": lazy("Folded lines"),
    "Unfolded lines": lazy("Unfolded lines"),
    "folded code": lazy("folded code"),
    "unfold": lazy("unfold"),
    "to": lazy("to"),
    "Find": lazy("Find"),
    "Replace": lazy("Replace"),
    "next": lazy("next"),
    "previous": lazy("previous"),
    "all": lazy("all"),
    "match case": lazy("match case"),
    "regexp": lazy("regexp"),
    "by word": lazy("by word"),
    "replace": lazy("replace"),
    "replace all": lazy("replace all"),
    "close": lazy("close"),
    "current match": lazy("current match"),
    "on line": lazy("on line"),
    "replaced match on line $": lazy("replaced match on line $"),
    "replaced $ matches": lazy("replaced $ matches"),
    "Go to line": lazy("Go to line"),
    "go": lazy("go"),
    "Completions": lazy("Completions"),
    "Control character": lazy("Control character"),
    "Selection deleted": lazy("Selection deleted"),
    "Diagnostics": lazy("Diagnostics"),
    "No diagnostics": lazy("No diagnostics"),
}


class HtmlEditor(forms.Textarea):
    """A box of text without its script; with it, an editor."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        words = json.dumps({english: str(words) for english, words in PHRASES.items()}, ensure_ascii=False)
        own = {"rows": 18, "data-editor": "html", "data-words": words, "spellcheck": "false"}
        context: dict[str, Any] = super().get_context(name, value, {**own, **(attrs or {})})
        return context
