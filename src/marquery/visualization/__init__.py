"""Pictures for people: what each step did."""
