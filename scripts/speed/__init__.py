"""Speed beside other libraries, and where the time goes; no part of the product."""
