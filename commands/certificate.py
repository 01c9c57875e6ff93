"""`moat certificate`."""

from composition.certificates import opened_certificates
from vault.certificate_cli import certificate_group

certificate = certificate_group(opened_certificates)
