"""Made-up people and their orders: what the tour, the demo service and the measurements run on. Nobody here exists."""
