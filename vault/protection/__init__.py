"""What stops somebody at once, and what tells that somebody took tokens: freezes and honey tokens."""
