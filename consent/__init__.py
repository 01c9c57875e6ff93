"""Purposes, notices and consent: on what ground a personal value may be used."""
