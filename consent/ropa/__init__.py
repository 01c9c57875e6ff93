"""The record of processing activities, made from the catalogue."""
