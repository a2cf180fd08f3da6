"""One module per command (or pair of commands); each parses its options and calls `app.compose`."""
