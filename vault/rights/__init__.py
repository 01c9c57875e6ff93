"""What a person's rights take of the vault: counting what is held, giving all of it out, putting it right, disposing of it."""
