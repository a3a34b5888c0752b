"""The stories themselves, one file for each family; `all` gathers them."""
