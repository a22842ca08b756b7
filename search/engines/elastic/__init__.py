"""Elasticsearch, for the archive that outgrows one machine: the same answers from a cluster."""
