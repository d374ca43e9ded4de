"""What checking the meaning gathers: problems that end the run, warnings that it goes on with."""

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
    warning_faults: list[Fault] = field(default_factory=list)

    def refuse(self, key: str, path: str, /, **found: object) -> None:
        """Add a broken rule at an element to the problems."""
        self.problems.append(refused(key, self.instructions, path, **found))

    def warn(self, what: str | Fault, /, **found: object) -> None:
        """Add what was ignored or changed to the warnings of the run."""
        warning = what if isinstance(what, Fault) else Fault.of(what, **found)
        self.warning_faults.append(at(warning, self.instructions.file))
