"""Spaces: the SFTP server, what lies on it, and what is fetched from elsewhere (reference 1, 2.6)."""

from collections.abc import Mapping
from typing import Final

from recipients.faults import Sentence
from recipients.faults import marked as _

SENTENCES: Final[Mapping[str, Sentence]] = {
    # the line
    "SFTP_TIMEOUT": Sentence(_("%(host)s did not answer in time (%(what)s): look at the server or the line")),
    "SFTP_TIMEOUT.connect": Sentence(_("%(host)s did not answer in %(seconds)s s")),
    "SFTP_CUT": Sentence(_("the connection to %(host)s was lost (%(what)s): it is tried again")),
    "SFTP_CONNECT": Sentence(_("%(host)s can't be reached (%(words)s): is the server up?")),
    "SFTP_AUTH": Sentence(_("%(host)s refuses %(username)s: check the user name and the password or key")),
    "SFTP_CUT.busy": Sentence(
        _(
            "%(host)s closed the connection without an answer to the log-in: is it too busy (MaxStartups)? It is "
            "tried again"
        )
    ),
    "SFTP_AUTH.taken": Sentence(
        _("the user name %(username)s of the bundled server was another account's: choose another")
    ),
    "SFTP_AUTH.key": Sentence(_("the private key for %(host)s can't be read: give an unencrypted OpenSSH key")),
    "HOST_KEY_CHANGED": Sentence(
        _("%(host)s shows the host key %(key)s, pinned is %(pinned)s: ask the server's owner, then pin the new key")
    ),
    "HOST_KEY_CHANGED.none": Sentence(
        _("%(host)s shows the host key %(key)s, and none is pinned: ask the server's owner, then pin it")
    ),
    # one request
    "SFTP_MISSING": Sentence(_("%(what)s: is not there")),
    "SFTP_DENIED": Sentence(_("%(what)s: is not allowed to the SFTP user")),
    "SFTP_REFUSED": Sentence(_("%(what)s: the server says no (%(words)s)")),
    "SFTP_REFUSED.unreadable": Sentence(_("%(what)s: the server's answer can't be read")),
    "SFTP_REFUSED.in_the_way": Sentence(_("a folder or a link is where %(name)s belongs: move it away")),
    "request.write": Sentence(_("%(fault)s: give the SFTP user write permission")),
    "request.directory": Sentence(
        _("%(fault)s: make the directory, let the SFTP user list it, or correct the space's")
    ),
    "doing.greeting": Sentence(_("greeting")),
    "doing.looking": Sentence("%(name)s"),
    "doing.listing": Sentence(_("listing %(name)s")),
    "doing.opening": Sentence(_("opening %(name)s")),
    "doing.reading": Sentence(_("reading %(name)s")),
    "doing.writing": Sentence(_("writing %(name)s")),
    "doing.deleting": Sentence(_("deleting %(name)s")),
    "doing.renaming": Sentence(_("renaming %(name)s to %(new)s")),
    "doing.making": Sentence(_("making %(name)s")),
    # what lies there
    "AMBIGUOUS_NAMES": Sentence(
        _("%(file)s asks for %(name)s, and %(names)s are there side by side: leave one of them")
    ),
    "REF_MISSING.space": Sentence(
        _("%(file)s asks for %(name)s, which is not on the space: put every file before the semaphore")
    ),
    "REF_MISSING.case": Sentence(
        _(
            "%(file)s asks for %(name)s, which is not on the space (%(near)s is: mind the letter case): put every "
            "file before the semaphore"
        )
    ),
    "REF_MISSING.gone": Sentence(_("%(file)s was there and is gone: leave the files until the report is there")),
    "NOT_REGULAR_FILE": Sentence(_("%(file)s is a folder, a link or something else: put an ordinary file")),
    "NOT_REGULAR_FILE.wanted": Sentence(
        _("%(file)s asks for %(name)s, which is a folder, a link or something else: put an ordinary file")
    ),
    "BAD_REMOTE_NAME": Sentence(
        _(
            "the semaphore %(file)s has a name that is not allowed: use letters, digits, blanks and ._-+()@, at "
            "most 200 bytes"
        )
    ),
    "BND_NO_XML": Sentence(_("%(semaphore)s is there, %(file)s is not: put the XML before the semaphore")),
    "SFTP_CHANGED": Sentence(
        _("%(file)s changed while it was read, %(times)s times: put the semaphore when every file is whole")
    ),
    "SFTP_DENIED.file": Sentence(_("%(file)s can't be read (%(reason)s): give the SFTP user the right to read it")),
    # known clients and operators read this one word for word
    "SEMAPHORE_DENIED": Sentence("%(semaphore)s can't be deleted: give the SFTP user write permission"),
    # what a message includes, fetched while it is prepared
    "FETCH_TOO_LARGE": Sentence(_("“%(url)s” has more than %(most)s MB: make it smaller")),
    "FETCH_TOO_LARGE.together": Sentence(
        _("“%(url)s” is too much for one message: %(files)s files and %(most)s MB are the most")
    ),
    "FETCH_TYPE.image": Sentence(_("“%(url)s” is not a gif, jpg or png image")),
    "FETCH_TYPE.text": Sentence(_("“%(url)s” is not text: a content to include is HTML or plain text")),
    "FETCH_TYPE.charset": Sentence(_("“%(url)s” is not in the charset that its server declares (else UTF-8)")),
    "FETCH_TYPE.packed": Sentence(_("“%(url)s” came packed, which was not asked for")),
    "FETCH_FAILED": Sentence(_("“%(url)s” could not be fetched: %(words)s")),
    "FETCH_FAILED.redirects": Sentence(_("“%(url)s” was redirected more than %(most)s times")),
    "FETCH_FAILED.late": Sentence(_("“%(url)s” came too late")),
    "FETCH_FAILED.answer": Sentence(_("“%(url)s” answered %(status)s where 200 was expected")),
    "FETCH_FAILED.slow": Sentence(_("“%(url)s” did not come whole within %(seconds)s seconds")),
    "FETCH_FAILED.nothing": Sentence(_("“%(url)s” gave nothing")),
    "FETCH_FAILED.no_address": Sentence(_("“%(url)s” is on a host that has no address")),
    "FETCH_ADDRESS": Sentence(_("“%(url)s” leads to something that is not a plain https address")),
    "FETCH_HOST": Sentence(
        _("“%(url)s” is on a host that is not on the account's list: have it added by the operator")
    ),
    "FETCH_PRIVATE": Sentence(_("“%(url)s” is on a host of a private network, which is never asked")),
    # what the space shows
    "TOO_MANY_FILES": Sentence(
        _("more than %(most:,)s files are there, the rest is not looked at: clear the directory")
    ),
    "SFTP_ELSEWHERE": Sentence(
        _("no cluster runs beside the bundled SFTP server of this space: start runall there")
    ),
    "REPORT_DENIED": Sentence(_("a report can't be written: %(reason)s")),
}
