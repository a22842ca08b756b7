"""Media in: register, probe, decode, listen, detect language, keep."""

import os

# onnxruntime, which finds the speech, would report each run to its maker; it reads this before it starts
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
