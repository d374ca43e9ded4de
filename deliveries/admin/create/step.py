"""What all five steps share: what was shown, what is wrong, and where a button leads."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from django.forms import Form
from django.http import HttpRequest
from unfold.widgets import INPUT_CLASSES

from deliveries.models import Delivery

# Widgets that are no box to type in: the class of one would draw a frame around them.
_OWN_LOOK: Final = frozenset({"radioselect", "checkbox", "hidden", "textarea"})


class Step:
    """What all steps share: the version that was shown, what is wrong, and the button that was pressed."""

    key: ClassVar[str] = ""

    def __init__(self, request: HttpRequest, row: Delivery) -> None:
        self.request, self.row = request, row
        self.problem = ""
        written = request.POST.get("version", "")
        self.version = int(written) if written.isdecimal() and len(written) < 10 else row.version  # noqa: PLR2004  of an integer
        self.pressed = request.POST.get("do", "next")
        self.form = self.make_form()
        for bound in self.form:
            if bound.field.widget.__class__.__module__.startswith("django.") and bound.widget_type not in _OWN_LOOK:
                bound.field.widget.attrs.setdefault("class", " ".join(INPUT_CLASSES))

    @property
    def given(self) -> Any:
        """Return what was posted, None where nothing was."""
        return self.request.POST if self.request.method == "POST" else None

    def make_form(self) -> Form:
        """Return the form, filled from the draft or with what was typed."""
        return Form(self.given)

    def valid(self) -> bool:
        return self.form.is_valid()

    def refuse(self, sentence: str) -> None:
        """Keep why it was not saved, to be shown above what stays typed."""
        self.problem = sentence

    def save(self) -> tuple[str, str]:
        """Save it; return a sentence if there is something to say, and an address if not the next step's."""
        return "", ""

    def goes_to(self, keys: Sequence[str]) -> str:
        """Return the step to which the pressed button leads."""
        return keys[min(keys.index(self.key) + 1, len(keys) - 1)] if self.pressed == "next" else self.key

    def facts(self) -> Mapping[str, Any]:
        """Return what the page shows beside its form."""
        return {}
