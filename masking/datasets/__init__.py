"""Data sets that no longer point at anybody: a treatment for each column, and how well they hide the people in them."""
