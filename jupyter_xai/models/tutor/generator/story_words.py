"""The wordings of stories: pairs of roles that imply each other, places, moods."""

PAIRS: tuple[tuple[tuple[str, str], tuple[str, str]], ...] = (
    (
        ("doctor", "The doctor worked late every night and never lost patience."),
        ("patient", "The patient was afraid of needles but tried to be brave."),
    ),
    (
        ("teacher", "The teacher drew whole planets on the blackboard."),
        ("student", "The student asked more questions than there were answers."),
    ),
    (
        ("king", "The king was tired of wearing a heavy crown."),
        ("queen", "The queen knew every secret door in the castle."),
    ),
    (
        ("hunter", "The hunter walked for days without firing a shot."),
        ("wolf", "The wolf watched from behind the trees."),
    ),
    (
        ("baker", "The baker got up at three in the morning to heat the oven."),
        ("customer", "The customer came every day for the same warm roll."),
    ),
    (
        ("captain", "The captain could read the stars like a book."),
        ("sailor", "The sailor sang while he tied the ropes."),
    ),
    (
        ("lawyer", "The lawyer read every line of every page."),
        ("client", "The client had only one wish, which was to be believed."),
    ),
    (
        ("painter", "The painter mixed a blue that nobody had seen before."),
        ("model", "The model sat still and thought of the sea."),
    ),
    (
        ("gardener", "The gardener talked to the plants when nobody was near."),
        ("rose", "The rose opened only in the early morning."),
    ),
    (
        ("detective", "The detective noticed the dust on the clock."),
        ("thief", "The thief had left nothing behind but a glove."),
    ),
    (
        ("magician", "The magician could make a coin sing."),
        ("rabbit", "The rabbit was the clever half of the show."),
    ),
    (
        ("pilot", "The pilot loved the silence above the clouds."),
        ("passenger", "The passenger held a letter in both hands."),
    ),
    (
        ("nurse", "The nurse knew all the names on the ward."),
        ("baby", "The baby smiled for the first time that night."),
    ),
    (
        ("fisherman", "The fisherman went out before the sun was up."),
        ("fish", "The fish was older than the boat."),
    ),
    (
        ("writer", "The writer had not finished a page in a year."),
        ("reader", "The reader wrote long letters in green ink."),
    ),
    (
        ("shepherd", "The shepherd counted in a language of his own."),
        ("sheep", "The sheep always found the hole in the fence."),
    ),
    (
        ("knight", "The knight had a shining sword and wet boots."),
        ("dragon", "The dragon only wanted to be left in peace."),
    ),
    (
        ("waiter", "The waiter never wrote anything down."),
        ("guest", "The guest ordered a soup that was not on the menu."),
    ),
    (
        ("coach", "The coach had a whistle and a soft heart."),
        ("athlete", "The athlete ran as if the ground were burning."),
    ),
    (
        ("farmer", "The farmer looked at the sky and shook his head."),
        ("cow", "The cow stood in the road and did not move."),
    ),
    (
        ("mother", "The mother hid her worries in a drawer."),
        ("daughter", "The daughter had packed her bag long ago."),
    ),
    (
        ("conductor", "The conductor raised his hand, and the hall fell silent."),
        ("orchestra", "The orchestra played as if it were one person."),
    ),
    (
        ("spider", "The spider repaired its web every evening."),
        ("fly", "The fly buzzed around the lamp and felt safe."),
    ),
    (
        ("robot", "The robot had learned everything except how to laugh."),
        ("inventor", "The inventor kept a spare heart in the workshop."),
    ),
)

STRANGERS = (
    "This is the story of two strangers.",
    "One of them talked a great deal.",
    "The other one liked to listen.",
)

PLACES: dict[str | None, tuple[str, str]] = {
    "island": ("on an island", "It happened on an island with a single tree."),
    "village": ("in a village", "It happened in a village at the end of a long road."),
    "forest": ("in a forest", "It happened in a forest where the light was green."),
    "desert": ("in a desert", "It happened in a desert, far from any well."),
    "castle": ("in a castle", "It happened in a castle with a hundred cold rooms."),
    "lighthouse": ("in a lighthouse", "It happened in a lighthouse, while a storm was rising."),
    "train": ("on a train", "It happened on a train that ran through the night."),
    "city": ("in a city", "It happened in a city that never slept."),
    "mountain": ("on a mountain", "It happened on a mountain, high above the clouds."),
    None: ("", "It happened in a place where everybody knew everybody."),
}

MOODS: dict[str | None, tuple[tuple[str, ...], str]] = {
    "funny": (
        ("funny", "humorous", "comical"),
        "Then a chicken walked in, and they laughed until they cried.",
    ),
    "sad": (
        ("sad", "tragic", "melancholy"),
        "One winter they had to say goodbye, and they never met again.",
    ),
    "happy": (
        ("happy", "cheerful", "joyful"),
        "In the end, they became friends for life and danced until morning.",
    ),
    "scary": (
        ("scary", "spooky", "creepy"),
        "That night the lights went out, and something knocked three times.",
    ),
    "romantic": (("romantic", "tender"), "Slowly, without a word, they fell in love."),
    None: ((), "What they learned from each other, they never forgot."),
}

HERO_FRAMES = (
    "Write a story about {a} and {b}.",
    "Tell me a story about {a} and {b}.",
    "Please write a story about {a} and {b}.",
    "I would like to read a story about {a} and {b}.",
    "Make up a story about {a} and {b}.",
    "Write a short story about {a} and {b}.",
    "Can you tell me a story about {a} and {b}?",
    "Write a story in which {a} meets {b}.",
    "Invent a story with {a} and {b}.",
    "Write something about {a} and {b}.",
)

LONE_FRAMES = (
    "Write a story about {a}.",
    "Tell me a story about {a}.",
    "Please write a story about {a}.",
    "I would like to read a story about {a}.",
    "Make up a story about {a}.",
)

OPENERS = (
    "Write a story.",
    "Tell me a story.",
    "I would like to read a story.",
    "Make up a story for us.",
    "Please write a short story.",
)

SEPARATE = (
    "It should be about {a}.",
    "One of the characters is {a}.",
    "The hero is {a}.",
    "There should be {a} in it.",
    "Somewhere in it, there is {a}.",
    "It needs {a}.",
    "I want to hear about {a}.",
)

PLACE_FRAMES = (
    "It should happen {}.",
    "It takes place {}.",
    "Set it {}.",
    "Let it happen {}.",
    "The story should be set {}.",
)

MOOD_FRAMES = (
    "It should be {}.",
    "Make it {}.",
    "The tone should be {}.",
    "I want something {}.",
    "Please keep it {}.",
)

DISTRACTORS = (
    "It is for my niece.",
    "I will read it aloud tonight.",
    "Thank you in advance.",
    "I cannot sleep.",
    "We have a reading evening on Friday.",
    "I like your stories.",
    "My battery is almost empty.",
    "It is raining outside.",
    "I have a cup of tea on the table.",
    "My sister will listen as well.",
    "I asked for one last week, too.",
    "It does not have to be long.",
)
