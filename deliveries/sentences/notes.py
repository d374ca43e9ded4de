"""What a run notes and goes on: the warnings of its page, its report and its rehearsal (reference 2, 4.2)."""

from collections.abc import Mapping
from typing import Final

from recipients.faults import Sentence
from recipients.faults import marked as _

SENTENCES: Final[Mapping[str, Sentence]] = {
    "note.rendering": Sentence(_("rendering is not enabled: the attribute of <test> is ignored")),
    "note.overridden_normal": Sentence(_("new_recipients overrides the filter %(id)s of <normal>")),
    "note.overridden_test": Sentence(_("test_recipients overrides the filter %(id)s of <test>")),
    "note.schedule_past": Sentence(_("schedule %(schedule)s is past: sent at once")),
    "note.report_test_only": Sentence(_("schedule_report: only a test delivery is made, no report is planned")),
    "note.report_stranger": Sentence(
        _("schedule_report: “%(address)s” is not a user of this account, no report goes there"),
        personal=frozenset({"address"}),
    ),
    "note.report_nobody": Sentence(_("schedule_report: nobody is left to report to, no report is planned")),
    "note.web_version": Sentence(
        _("${web_version}$ leads to no page, since there is no <publish_on_web/>: add it")
    ),
    "note.bad_rows": Sentence(_("%(bad)s and left out; the first, %(first)s")),
    "note.ignored": Sentence(_("%(ignored)s test recipients beyond %(most)s are ignored")),
    "note.no_test": Sentence(_("the test recipients are nobody, no test delivery is made")),
    "ARCHIVE_DENIED": Sentence(
        _("ARCHIVE_DENIED: %(name)s stays on the space (%(reason)s): give the SFTP user write permission")
    ),
    "ARCHIVE_DENIED.away": Sentence(_("ARCHIVE_DENIED: the files stay on the space (%(reason)s)")),
}
