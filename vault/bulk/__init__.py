"""Files of personal values through the service: whole columns to tokens and back, in constant memory, resumable."""
