"""What `huiying doctor` looks at: a module for each set, one for what both need, and how a check is run."""
