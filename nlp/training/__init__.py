"""Scripts that make what nlp/ ships: models and tables. Run by `make models`, never imported by the product."""
