"""A SIP redirect server: a switch asks it by an INVITE where a call goes, and it answers 302 with whom to call."""
