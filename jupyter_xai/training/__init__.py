"""The concept-level energy interpreter: which prompt sentences caused which response sentences.

An energy network learns which pairs of prompt and response a model would write. It then guides the
training of an interpreter, which explains sentences without another query to the model.
"A concept level energy-based framework for interpreting black-box large language model responses"
(under review at ICLR 2026); it has no public code.
"""

from __future__ import annotations
