"""The sections of `methods.py`: each measures one method or one family of methods."""
