"""Each response sentence hangs on its own prompt sentence, also under a fixed response."""

import torch
import transformers

from jupyter_xai.models.tutor import FOLDER
from jupyter_xai.models.tutor.checks import Tutor
from jupyter_xai.models.tutor.published import TRAVEL

# Which sentence of the travel prompt (from 0) each of these answers.
EFFECTS = {
    "you really need a break": 0,
    "perfect place to rest": 1,
    "warm and sunny": 2,
    "far from the busy cities": 3,
    "budget is flexible": 4,
}


def test_deleting_a_wish_hits_its_own_response_sentence():
    model = transformers.AutoModelForCausalLM.from_pretrained(FOLDER, dtype=torch.float32)
    tutor = Tutor(model, transformers.AutoTokenizer.from_pretrained(FOLDER))
    prompt = TRAVEL
    answer = tutor.answers([prompt])[0]
    ids = tutor.response_ids(answer)
    masks = [[i != lost for i in range(5)] for lost in range(-1, 5)]
    whole, *without = tutor.score([(tutor.deleted(prompt, "sentence", m), ids) for m in masks])
    start = 0
    for i, sentence in enumerate(answer.rstrip(".").split(". ")):
        text = ("" if i == 0 else " ") + sentence + "."
        end = start + len(tutor.tokenizer.encode(text, add_special_tokens=False))
        drops = [float((whole.log_probs - s.log_probs)[start:end].sum()) for s in without]
        for words, wish in EFFECTS.items():
            if words in sentence:
                assert drops[wish] > 0.5
                assert drops[wish] > 5 * max(d for j, d in enumerate(drops) if j != wish)
        start = end
