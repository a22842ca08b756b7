"""Voices: who speaks when in a recording, and which voices are whose."""
