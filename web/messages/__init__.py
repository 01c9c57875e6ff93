"""Messages to people: what they say in each language, and the ways by which they leave."""
