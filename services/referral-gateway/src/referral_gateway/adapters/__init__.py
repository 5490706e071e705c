"""Tables and what reads and writes them; the county's folder."""
