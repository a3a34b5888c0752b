"""Steps that only some ways of making a student need."""
