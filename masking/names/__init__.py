"""Names of people in running Chinese text: three small sequence labellers, and a judge of what they say."""
