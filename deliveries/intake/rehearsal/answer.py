"""What a rehearsal answers."""

from dataclasses import dataclass, field

from deliveries.errors import BundleError
from recipients.faults import Fault


@dataclass(frozen=True, slots=True)
class Mail:
    """One recipient's mail as it would go out."""

    to: str
    subject: str
    html: str
    text: str


@dataclass(slots=True)
class Rehearsal:
    """The answer of check_bundle (reference 4.3): counts of recipients, 0 where a bundle has none of that kind."""

    errors: list[BundleError] = field(default_factory=list)
    warning_faults: list[Fault] = field(default_factory=list)
    normal: int = 0
    test: int = 0
    bad: int = 0
    preview: list[Mail] = field(default_factory=list)

    @property
    def warnings(self) -> list[str]:
        """The warnings as sentences, in the language that is active."""
        return [fault.say() for fault in self.warning_faults]

    @property
    def accepted(self) -> bool:
        """Whether a run would accept the bundle."""
        return not self.errors

    @property
    def counted(self) -> bool:
        """Whether it came as far as the recipients: counts of 0 say nothing before."""
        return self.accepted or bool(self.normal or self.test or self.bad)

    def as_json(self) -> dict[str, object]:
        """Return it as `check_bundle --json` prints it (reference, Commands)."""
        keys = ("code", "file", "line", "element", "message")
        return {
            "accepted": self.accepted,
            "errors": [{key: getattr(error, key) for key in keys} for error in self.errors],
            "warnings": self.warnings,
            "recipients": {"normal": self.normal, "test": self.test, "bad": self.bad},
            "preview": [
                {"to": mail.to, "subject": mail.subject, "html": mail.html, "text": mail.text}
                for mail in self.preview
            ],
        }
