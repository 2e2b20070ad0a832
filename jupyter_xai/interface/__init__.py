"""What a person touches. Thin: every verb hands on to a room below.

``widget`` draws results live, ``commands`` are magics and terminal.
"""
