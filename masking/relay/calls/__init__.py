"""What the relay keeps of calls: records without numbers, the sealed stream that a law asks for, figures, and signs of
abuse."""
