"""What is to be known of a delivery before it goes out: fine, worth a look, or in its way (reference 5.1)."""

from deliveries.sending.lifecycle.preflight.findings import Finding as Finding
from deliveries.sending.lifecycle.preflight.findings import Level as Level
from deliveries.sending.lifecycle.preflight.report import Report as Report
from deliveries.sending.lifecycle.preflight.report import preflight as preflight
