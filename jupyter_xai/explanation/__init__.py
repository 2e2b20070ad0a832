"""The result as data: record, scores [n, m + 1], intervals.

Reading, ranking, saving, packing, and drawing without a kernel (``render``). Asks no model.
"""
