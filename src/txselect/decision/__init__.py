"""From a certified valuation to the decision that a user sees."""
