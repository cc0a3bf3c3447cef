"""What the program speaks about: vocabulary, conditions, rules, profiles and patients."""
