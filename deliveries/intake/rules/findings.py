"""What checking the meaning gathers: problems that end the run, notes that it goes on with."""

from dataclasses import dataclass, field

from deliveries.errors import BundleError
from deliveries.intake.instructions import Instructions
from deliveries.intake.mistakes import at, refused
from deliveries.intake.rules.references import References
from recipients.faults import Fault


@dataclass(slots=True)
class Findings:
    """What the rules found in one bundle so far."""

    instructions: Instructions
    references: References
    problems: list[BundleError] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)

    def refuse(self, key: str, path: str, /, **found: object) -> None:
        """Note a broken rule at an element."""
        self.problems.append(refused(key, self.instructions, path, **found))

    def note(self, what: str | Fault, /, **found: object) -> None:
        """Note what was ignored or changed, for the run's log and report."""
        note = what if isinstance(what, Fault) else Fault.of(what, **found)
        self.notes.append(at(note, self.instructions.file))
