"""What the relay keeps of people, as retention looks at it and ends it."""
