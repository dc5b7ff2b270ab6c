"""What is handed back: graded submissions as JSON, for Gradescope and PrairieLearn, as tables, and as pages."""
