"""How well personal values are found and addresses blurred: scores on labelled texts, `make eval DATA=…`."""
