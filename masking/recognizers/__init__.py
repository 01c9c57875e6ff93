"""The recognizers for whoever runs presidio: one that plugs into any AnalyzerEngine and finds exactly what Moat finds."""
