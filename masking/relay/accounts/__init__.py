"""Accounts at switches and number providers: whom they are with, and the secrets that are shared with them."""
