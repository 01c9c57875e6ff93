"""The handover of an order: which courier has it, how far it is, and what each role may see of it meanwhile."""
