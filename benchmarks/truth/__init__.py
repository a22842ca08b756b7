"""What `fidelity.py` measures: sound whose truth is known, who hears it, and a table for each question."""
