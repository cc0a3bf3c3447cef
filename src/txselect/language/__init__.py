"""Reading: from YAML files to checked rules, cases and patients, or every problem in them."""
