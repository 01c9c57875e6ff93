"""Pictures that prove a delivery, without what cameras write into them, sealed piece by piece under a key of their own."""
