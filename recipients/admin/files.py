"""Files that pages give (CSV, streamed, or a spreadsheet), and which pages take some: the server bounds them."""

import contextlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, StreamingHttpResponse

from recipients.csv_lines import csv_lines
from recipients.workbook import Rows, write_workbook

_SPREADSHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
View = TypeVar("View", bound=Callable[..., Any])


def csv_file(rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Return the rows, the head first; what is None is an empty cell."""
    return StreamingHttpResponse(csv_lines(rows, mark=True), content_type="text/csv; charset=utf-8")


def spreadsheet(sheets: Iterable[tuple[str, Rows]]) -> FileResponse:
    """Return the sheets, each a name and its rows with the head first; written to a file without a name before."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  the answer closes it
    write_workbook(file, sheets)
    file.seek(0)
    return FileResponse(file, content_type=_SPREADSHEET)


@contextlib.contextmanager
def on_disk(upload: UploadedFile[bytes]) -> Iterator[Path]:
    """Keep an upload on disk for a block: what reads lists goes through a file more than once."""
    with tempfile.NamedTemporaryFile() as file:
        for chunk in upload.chunks():
            file.write(chunk)
        file.flush()
        yield Path(file.name)


def takes_files(most: int) -> Callable[[View], View]:
    """Mark a view, a method too, that takes files of at most `most` bytes together."""

    def marked(view: View) -> View:
        view.takes_files = most  # type: ignore[attr-defined]  # wrappers copy what a view carries
        return view

    return marked


def most_bytes(view: Callable[..., Any]) -> int:
    """Return how many bytes of files a view takes, 0 for one without."""
    return int(getattr(view, "takes_files", 0))
