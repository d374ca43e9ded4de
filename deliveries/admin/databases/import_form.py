"""What an import is asked: the list, and what to do with its rows (reference 3.3)."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from unfold.widgets import INPUT_CLASSES, UnfoldAdminSelectWidget

from recipients import conf as limits
from recipients.loading.modes import Mode


class ImportForm(forms.Form):
    """The list, and what to do with its rows."""

    file = forms.FileField(
        label=lazy("CSV, zip or XLSX"), widget=forms.ClearableFileInput(attrs={"class": " ".join(INPUT_CLASSES)})
    )
    mode = forms.ChoiceField(
        label=lazy("What to do"),
        widget=UnfoldAdminSelectWidget,
        initial=Mode.INSERT_NEW,  # the same list twice puts nobody there twice
        choices=[
            (Mode.INSERT, lazy("Add all rows")),
            (Mode.INSERT_NEW, lazy("Add those who are not there yet")),
            (Mode.UPDATE, lazy("Update those who are there")),
            (Mode.REPLACE, lazy("Replace everybody by this list")),
            (Mode.DELETE, lazy("Delete those who are in this list")),
        ],
    )

    def clean_file(self) -> Any:
        """Refuse what no list may be."""
        file = self.cleaned_data["file"]
        if file.size > limits.MAX_CSV_BYTES:
            raise forms.ValidationError(_("The file is larger than 2 GB."))
        return file
