"""The energy interpreter, as it is used; how one is learned is in `jupyter_xai.training`."""
