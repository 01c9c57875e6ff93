"""The auditor's desk: what the log says, what proves it, and exports to check elsewhere."""
