"""What every part hands to the next: problems, rationales, outcomes, manifests, errors, whole files."""
