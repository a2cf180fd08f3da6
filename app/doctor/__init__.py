"""What `huiying doctor` looks at: one module per set, what both have in common, and how a check is run."""
