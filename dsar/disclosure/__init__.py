"""What a person gets who asks what is held of them."""
