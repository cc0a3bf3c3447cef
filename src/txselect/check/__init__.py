"""What holds of a rule set for every patient, and what its cases show of it."""
