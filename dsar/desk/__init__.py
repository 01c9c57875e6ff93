"""The request desk: what was asked, by when it is due, who decides, and what became of it."""
