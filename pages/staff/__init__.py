"""Staff: people of a tenant who work on its pages; how they enrol, sign in and are let go."""
