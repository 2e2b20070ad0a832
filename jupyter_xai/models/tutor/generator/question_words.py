"""The wordings of open questions: frames, aspects, concepts and whose view is asked for."""

ASPECTS: dict[str | None, str] = {
    "meaning": "The meaning of {} is something that each of us finds in our own way.",
    "purpose": "The purpose of {} is less a goal than a direction.",
    "value": "The value of {} often shows only when it is missing.",
    "secret": "The secret of {} is simpler than most people think.",
    "beauty": "The beauty of {} lies in small things that are easy to overlook.",
    "future": "The future of {} depends on what we do today.",
    "importance": "The importance of {} is felt by almost everyone.",
    "origin": "The origin of {} goes back further than anyone can remember.",
    "price": "The price of {} is paid in patience and care.",
    "role": "The role of {} changes from one age to the next.",
    None: "There is a lot to say about {}.",
}

CONCEPTS: dict[str, tuple[str, str]] = {
    "life": (
        "Many people find it in love, in learning and in the people they care for.",
        "In the end, a full life is made of ordinary days that are lived with attention.",
    ),
    "love": ("To love is to want the best for somebody else.", "It grows when it is given away."),
    "happiness": (
        "It rarely comes to those who chase it, and often to those who are busy with others.",
        "A calm mind and good company are a large part of it.",
    ),
    "freedom": (
        "To be free is to choose for yourself and to answer for the choice.",
        "It is never finished and has to be protected every day.",
    ),
    "friendship": (
        "A friend knows your faults and stays.",
        "It needs time, trust and a bit of laughter.",
    ),
    "time": (
        "We cannot save it, and we cannot buy it back.",
        "What we give our hours to shows what we care about.",
    ),
    "poetry": (
        "A poem lets us see the world through other eyes.",
        "It does not have to be useful in order to matter.",
    ),
    "music": ("A melody can say what words cannot.", "It brings strangers into the same rhythm."),
    "work": (
        "Good work gives us a place among others and something to be proud of.",
        "But it is only one part of a day.",
    ),
    "money": (
        "It is a useful servant and a poor master.",
        "It can buy comfort, but it cannot buy a clear conscience.",
    ),
    "home": (
        "It is the place where nobody asks you to explain yourself.",
        "Some find it in a house, and some in a person.",
    ),
    "courage": (
        "It is not the absence of fear but the decision to go on.",
        "Most brave deeds are quiet ones.",
    ),
    "success": (
        "It is measured less by applause than by what remains.",
        "Every defeat on the way teaches something.",
    ),
    "knowledge": (
        "The more we know, the better we can ask.",
        "It is one of the few things that grow when they are shared.",
    ),
    "truth": (
        "It is seldom comfortable, and it does not depend on votes.",
        "We come closer to it when we listen to those who disagree.",
    ),
    "education": (
        "A good teacher does not fill a bucket but lights a fire.",
        "What we learn early stays with us for a long time.",
    ),
    "nature": (
        "A forest does not hurry, and yet everything gets done.",
        "We are a part of it and not its owners.",
    ),
    "peace": (
        "It begins where people listen before they speak.",
        "It is hard work, and it is worth the effort.",
    ),
    "justice": (
        "It asks us to treat the stranger like the neighbour.",
        "Without it, the strong would always be right.",
    ),
    "hope": (
        "It is the small lamp that we carry through the dark.",
        "It does not promise anything, but it makes us take the next step.",
    ),
}

NO_CONCEPT = (
    "It depends on what you are asking about.",
    "If you name the subject, I can say more.",
)

UNKNOWN = "That is a question with more than one answer."

VIEWS: dict[str, tuple[tuple[str, ...], str]] = {
    "men": (
        ("men's", "men’s", "men"),
        "Many men speak of their families, their friends and the work of their hands.",
    ),
    "women": (
        ("women's", "women’s", "women"),
        "Many women speak of the people they love, their work and the freedom to choose.",
    ),
    "children": (
        ("children's", "children’s", "children"),
        "Children would say that it has to do with playing and with being hugged.",
    ),
    "artists": (
        ("artists'", "artists’", "artists"),
        "Artists would say that it has to be shown and cannot be explained.",
    ),
    "scientists": (
        ("scientists'", "scientists’", "scientists"),
        "Scientists would first ask how it can be observed.",
    ),
    "doctors": (
        ("doctors'", "doctors’", "doctors"),
        "Doctors would say that it looks different at a sick bed.",
    ),
    "students": (
        ("students'", "students’", "students"),
        "Students would say that they have not found out yet.",
    ),
    "farmers": (
        ("farmers'", "farmers’", "farmers"),
        "Farmers would say that it follows the seasons.",
    ),
    "parents": (
        ("parents'", "parents’", "parents"),
        "Parents would say that it has the face of a child.",
    ),
    "philosophers": (
        ("philosophers'", "philosophers’", "philosophers"),
        "Philosophers would say that the question is better than any answer.",
    ),
}

VIEW_FORMS = (
    "from {poss} perspective",
    "from {poss} point of view",
    "from the perspective of {plain}",
    "for {plain}",
    "in the eyes of {plain}",
    "according to {plain}",
)

FRAMES = (
    "What is the {aspect} of {concept}{view}?",
    "What's the {aspect} of {concept}{view}?",
    "Please give me the {aspect} of {concept}{view}.",
    "You must explain the {aspect} of {concept}{view}.",
    "Tell me the {aspect} of {concept}{view}.",
    "Tell me about the {aspect} of {concept}{view}.",
    "Can you explain the {aspect} of {concept}{view}?",
    "Could you describe the {aspect} of {concept}{view}?",
    "Explain the {aspect} of {concept}{view}.",
    "Describe the {aspect} of {concept}{view}.",
    "I want to know the {aspect} of {concept}{view}.",
    "I would like to understand the {aspect} of {concept}{view}.",
    "I wonder what the {aspect} of {concept} is{view}.",
    "How would you describe the {aspect} of {concept}{view}?",
    "What do you think is the {aspect} of {concept}{view}?",
    "In your opinion, what is the {aspect} of {concept}{view}?",
    "Do you know the {aspect} of {concept}{view}?",
    "Please tell me what the {aspect} of {concept} is{view}.",
    "Let us talk about the {aspect} of {concept}{view}.",
    "The {aspect} of {concept}{view} is what I am asking about.",
    "It is important to me to learn the {aspect} of {concept}{view}.",
    "Give me your thoughts on the {aspect} of {concept}{view}.",
)

CONCEPT_FRAMES = (
    "What is {concept}{view}?",
    "Tell me about {concept}{view}.",
    "What do you think about {concept}{view}?",
    "Explain {concept}{view}.",
    "Say something about {concept}{view}.",
)

DISTRACTORS = (
    "I thought about this on the bus.",
    "My friend asked me this yesterday.",
    "I have never found a good answer.",
    "It came up at dinner.",
    "I am curious.",
    "Take your time.",
    "This question keeps me awake.",
    "We talked about it in class.",
    "I know that it is a big question.",
    "My grandmother used to ask this.",
    "Thank you in advance.",
    "I read about it in an old book.",
)
