"""`moat consent`."""

from composition.catalogue import opened_catalogues
from consent.cli import consent_group

consent = consent_group(opened_catalogues)
