"""Downloads of a run: what was received (keys masked when it was kept), and the rows that were not loaded."""

from collections.abc import Iterator

from django.http import FileResponse, Http404, StreamingHttpResponse

from deliveries import conf
from deliveries.models import ProcessingRun, RowError
from recipients.in_chunks import in_chunks
from recipients.loading import fault_lines


def download(run: ProcessingRun, file_id: int) -> FileResponse:
    """Return one kept file of the run as an attachment; 404 when it is another run's, or past its keeping."""
    kept = run.files.filter(pk=file_id).first()
    if kept is None:
        raise Http404
    spool = conf.spool().resolve()
    place = kept.place.resolve()
    if not place.is_relative_to(spool) or not place.is_file():
        raise Http404
    response = FileResponse(
        place.open("rb"), as_attachment=True, filename=kept.name, content_type="application/octet-stream"
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


def row_errors(run: ProcessingRun) -> StreamingHttpResponse:
    """Return the row errors of a run as CSV, streamed."""
    response = StreamingHttpResponse(_lines(run), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="rows-{run.pk}.csv"'
    return response


def _lines(run: ProcessingRun) -> Iterator[str]:
    rows = in_chunks(RowError.objects.filter(run=run))
    return fault_lines((row.file, row.row_fault) for row in rows)
