"""Where a courier is while an order runs, for the customer who waits for it, and coarsely and briefly for others."""
