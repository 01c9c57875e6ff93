"""What nobody needs any more is destroyed when it is due."""
