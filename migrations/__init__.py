"""The schema's history. Revisions are applied by `moat migrate`, and at start on the embedded default."""
