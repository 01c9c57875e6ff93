"""Pages for people: HTML over what the packages do. An edge over all of them; nobody but the composition imports it."""
