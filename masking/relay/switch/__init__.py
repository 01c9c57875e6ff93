"""What a switch asks of the relay, and what it tells: for `deploy/kamailio`, and for any switch that speaks HTTP."""
