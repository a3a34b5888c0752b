"""What `edgethought run` does: its folder, the stages in their order, and several runs beside each other."""
