"""Messages between the parties of an order, sealed by one device for another; nobody here can read them."""
