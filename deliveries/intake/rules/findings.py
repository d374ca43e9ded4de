"""What checking the meaning gathers: problems that end the run, warnings that it notes."""

from dataclasses import dataclass, field

from deliveries.errors import BundleError
from deliveries.intake.instructions import Instructions
from deliveries.intake.rules.references import References
from deliveries.intake.rules.sentences import refused


@dataclass(slots=True)
class Findings:
    """One bundle under judgement."""

    instructions: Instructions
    references: References
    problems: list[BundleError] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def refuse(self, code: str, path: str, /, **found: object) -> None:
        """Note a broken rule at an element."""
        self.problems.append(refused(code, self.instructions, path, **found))

    def note(self, sentence: str) -> None:
        """Note what was ignored or changed, for the run's log and report."""
        self.warnings.append(f"{self.instructions.file}: {sentence}")
