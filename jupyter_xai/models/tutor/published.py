"""Prompts that the papers print, to which the tutor has an answer."""

TRAVEL = (
    "Lately, I've been feeling very tired from work. I want a place to relax. "
    "Somewhere with warm weather is preferable. No busy cities, though. In terms of "
    "cost, my budget is quite flexible."
)
"""The opening example of the concept energy interpreter (its Figure 1)."""

STORY = "Write a story about a doctor and his patient."
"""An instruction that XPrompt explains."""

MEANING_OF_LIFE = (
    "What is the meaning of life?",
    "Please give me the meaning of life.",
    "You must explain the meaning of life.",
    "Can you explain the meaning of life?",
    "Tell me the meaning of life.",
    "I want to know the meaning of life.",
    "How would you describe the meaning of life?",
    "I wonder what the meaning of life is.",
    "The meaning of life is what I am asking about.",
    "In your opinion, what is the meaning of life?",
)
"""Ten sentence structures for gSMILE's Figure 14: the first three are printed there, the others
are ours in their manner."""

PERSPECTIVES = (
    "What is the meaning of life from men’s perspective?",
    "What is the meaning of life from women’s perspective?",
)
"""The gendered variants that gSMILE compares with the first structure."""

REVIEWS = (
    (
        "positive",
        "This is an excellent film, with an extraordinary cast and acting. I was very "
        "disappointed when it didn’t win the Academy Awards for best film and best "
        "actress (Whoopi Goldberg). It certainly deserved it. In any case, take a look at "
        "it; I am sure you will enjoy it very much.",
    ),
    (
        "negative",
        "Some people might consider this movie a piece of artwork—to be able to express "
        "your imagination on film in order to create a movie filled with antagonizing "
        "pain and death. I personally think that this movie is a disgust, which should "
        "have never been released. This movie is repulsive, illogical, and meaningless. "
        "Not only is it a complete waste of time but it makes you sick for days to come. "
        "The appalling images shown in the film not only make you grasp for air but they "
        "set in your mind and it takes days to forget them. Such a shame that people "
        "waste their imagination on such inhumane suffering. “Kill Bill” would be another "
        "example, but at least “Kill Bill” has its purpose, meaning, climax, and "
        "resolution.",
    ),
    (
        "positive",
        "Officially the first martial arts movie in USSR cinematography featuring actual "
        "martial artists like Tadeush Kas’yanov and Russian Bruce Lee - Talgat "
        "Nigmatullin. Bad people hijack a ship on the high seas, but fortunately, just "
        "about everybody on board is a trained martial artist. A collectible for martial "
        "arts aficionados.",
    ),
    (
        "negative",
        "Slow, incomprehensible, boring. Three enthusiastic words that describe the movie "
        "of the book. This is surely a case where the movie should never have been made "
        "at the expense of the book. The best part of the movie was the scenery, "
        "excellent. The worst part was the slow moving interactions of the actors which "
        "combined with endless meaningful glances. The editing is abrupt and patchy. "
        "However, despite this, the actors worked very hard at least trying to be a "
        "little believable with a terrible script. It was startling that although set in "
        "Peru there was hardly a person of Peruvian descent wandering about the set—even "
        "in the flashback scenes depicting Peru in the 17th century. If you have any "
        "sense of history, try to avoid this movie.",
    ),
)
"""The four film reviews of the concept energy interpreter's Table 1, with their sentiment."""
