"""One tamper-evident log of every act, disclosure and refusal."""
