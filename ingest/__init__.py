"""Media in: register, probe, decode, listen, detect language, keep."""
