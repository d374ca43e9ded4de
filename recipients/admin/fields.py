"""Form fields that several pages share."""

from django.contrib.postgres.forms import SimpleArrayField
from django.forms import CharField
from django_stubs_ext import StrOrPromise
from unfold.widgets import UnfoldAdminTextareaWidget


def lines_field(label: StrOrPromise, help_text: StrOrPromise = "", *, rows: int = 3) -> SimpleArrayField:
    """Return a field for a list of texts, a line each."""
    return SimpleArrayField(
        CharField(),
        delimiter="\n",
        label=label,
        required=False,
        help_text=help_text,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": rows}),
    )
