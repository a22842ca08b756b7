"""Media files as the house sees them: what they are, their sound, and a copy that browsers play."""

from ingest.access_copy import make_access_copy, make_layer_copy
from ingest.decode import PcmStream
from ingest.probe import probe, truncation
from ingest.speech import SAMPLE_RATE

__all__ = ["SAMPLE_RATE", "PcmStream", "make_access_copy", "make_layer_copy", "probe", "truncation"]
