"""What couriers may be shown in a shift, as each tenant declares it."""
