"""The field of the HTML editor: its script finds beside the text what it says to a person, in their language."""

import json
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

# Every phrase of CodeMirror's set-up, as it asks for it.
PHRASES: Final = (
    gettext_noop("Fold line"),
    gettext_noop("Unfold line"),
    gettext_noop("Folded lines"),
    gettext_noop("Unfolded lines"),
    gettext_noop("folded code"),
    gettext_noop("unfold"),
    gettext_noop("to"),
    gettext_noop("Find"),
    gettext_noop("Replace"),
    gettext_noop("next"),
    gettext_noop("previous"),
    gettext_noop("all"),
    gettext_noop("match case"),
    gettext_noop("regexp"),
    gettext_noop("by word"),
    gettext_noop("replace"),
    gettext_noop("replace all"),
    gettext_noop("close"),
    gettext_noop("current match"),
    gettext_noop("on line"),
    gettext_noop("replaced match on line $"),
    gettext_noop("replaced $ matches"),
    gettext_noop("Go to line"),
    gettext_noop("go"),
    gettext_noop("Completions"),
    gettext_noop("Control character"),
    gettext_noop("Selection deleted"),
    gettext_noop("Diagnostics"),
    gettext_noop("No diagnostics"),
)


class HtmlEditor(forms.Textarea):
    """A box of text without its script; with it, an editor."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        words = json.dumps({phrase: _(phrase) for phrase in PHRASES}, ensure_ascii=False)
        own = {"rows": 18, "data-editor": "html", "data-words": words, "spellcheck": "false"}
        context: dict[str, Any] = super().get_context(name, value, {**own, **(attrs or {})})
        return context
