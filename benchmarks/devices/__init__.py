"""Devices that a bench stands in for: profiles, what holds a process to them, and what a machine meters."""
