"""Finding personal values in free text: contact details, identity numbers, accounts, devices and places, by their shape."""
