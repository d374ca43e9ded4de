"""What is wrong with an installation and what to do, a line each (reference, Commands: doctor)."""

from deliveries.health.doctor.examine import examine as examine
from deliveries.health.doctor.findings import Finding as Finding
from deliveries.health.doctor.findings import State as State
