"""What people have agreed to, refused and withdrawn, what follows from it, and who asks before using their data."""
