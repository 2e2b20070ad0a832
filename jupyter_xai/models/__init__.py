"""What can be explained: one module a kind of model, all behind `jupyter_xai.models.base`."""
