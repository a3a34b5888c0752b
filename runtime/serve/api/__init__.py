"""The HTTP side: what is asked, what is refused, and how replies are written."""
