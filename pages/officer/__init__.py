"""The officer's console: what is due, requests and what is decided about them, and what else privacy officers run."""
