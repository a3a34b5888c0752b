"""The gold teacher: a data set's own annotations become thoughts."""
