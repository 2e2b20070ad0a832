"""Methods that follow the gradient of an answer back to the prompt's tokens."""
