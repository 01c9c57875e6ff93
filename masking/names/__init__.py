"""Names of people and places in running Chinese text: three small sequence labellers, and a judge of what they say."""
