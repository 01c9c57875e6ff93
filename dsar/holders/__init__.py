"""Who holds data of people: parts of this service, and systems beside it."""
