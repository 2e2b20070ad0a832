"""How a person might answer the other prompts; keys as in the tables of the tutor's answers."""

VERDICTS = {
    "positive": "They liked it, no doubt about that.",
    "negative": "They could not stand it, if you ask me.",
    "mixed": "They cannot make up their mind about it.",
    "neutral": "You cannot tell from this whether they liked it.",
}

ASPECTS: dict[str | None, str] = {
    "meaning": "What does {} mean? Ask ten people and count the answers.",
    "purpose": "I doubt that {} has to be good for anything.",
    "value": "You only notice what {} is worth when you have lost it.",
    "secret": "If there is a trick to {}, nobody has told me.",
    "beauty": "Look closely, and {} is lovely.",
    "future": "Where {} is heading is up to us.",
    "importance": "Hardly anybody could do without {}.",
    "origin": "No one was there when {} began.",
    "price": "You do not get {} for nothing.",
    "role": "My grandparents saw {} quite differently.",
    None: "Where to start with {}?",
}

CONCEPTS: dict[str, tuple[str, str]] = {
    "life": ("I would say it is other people, mostly.", "Do not wait for the great moments."),
    "love": ("You wish someone well, that is all.", "There is more of it the more you spend."),
    "happiness": ("Run after it and it runs away.", "Friends and a good night's sleep help."),
    "freedom": ("You get to decide, and you take the blame.", "Somebody always wants to take it."),
    "friendship": ("Real friends stay when it gets awkward.", "Call them more often."),
    "time": ("It does not come back.", "Tell me how you spend it and I know you."),
    "poetry": ("For a minute, you see with another person's eyes.", "Who says it must be of use?"),
    "music": ("It gets to me where talk does not.", "Play, and people who never met will dance."),
    "work": ("It is nice to be needed.", "Still, go home at five."),
    "money": ("Handy, as long as you are the boss of it.", "It never let anybody sleep well."),
    "home": ("You can take your shoes off there.", "For me, it is wherever my people are."),
    "courage": ("You are scared and do it anyway.", "Mostly, nobody is watching."),
    "success": ("Clapping stops; see what is left then.", "You learn more from a flop."),
    "knowledge": ("It makes for better questions.", "Pass it on, and you both have it."),
    "truth": ("It stays true if nobody likes it.", "Hear the other side out."),
    "education": ("It has to catch fire.", "You never quite forget your first school."),
    "nature": ("Trees take their time.", "It does not belong to us."),
    "peace": ("Let the others finish their sentence first.", "It is a lot of work."),
    "justice": ("What goes for my cousin goes for a stranger.", "Or else the big ones win."),
    "hope": ("A bit of light is enough to walk by.", "It gives no guarantee, but it gets you up."),
}

NO_CONCEPT = ("What exactly do you have in mind?", "Give me a word and I will try.")
UNKNOWN = "Good question, that."

VIEWS = {
    "men": "The men I know would talk of their kids and of what they have built.",
    "women": "The women I know would talk of those close to them and of making their own way.",
    "children": "A child would hug you and run off to play.",
    "artists": "A painter would hand you a picture and keep quiet.",
    "scientists": "In a lab, they would want to measure it first.",
    "doctors": "A doctor thinks of the ward when you ask that.",
    "students": "At my college, we never got to the end of it.",
    "farmers": "On a farm, you look at the calendar for that.",
    "parents": "Mums and dads just show you a photo.",
    "philosophers": "Ask a thinker, and you get a question back.",
}

DEEDS = {
    "doctor": "Long after dark, the lamp in the surgery was still on.",
    "patient": "Needles were the worst, but nobody was to notice.",
    "teacher": "All of Saturn fitted on that blackboard.",
    "student": "Up went the hand again, and once more.",
    "king": "By evening, his neck hurt from all that gold.",
    "queen": "She could walk through walls, or so it seemed.",
    "hunter": "Three days went by, and the gun stayed cold.",
    "wolf": "Two yellow eyes had seen everything.",
    "baker": "At three the oven was already hot.",
    "customer": "One roll, warm, as always.",
    "captain": "No map was needed on a clear night.",
    "sailor": "You could hear the singing from the pier.",
    "lawyer": "Not one comma went unread.",
    "client": "To be believed would have been enough.",
    "painter": "That blue had no name yet.",
    "model": "Hours went by without a twitch.",
    "gardener": "When the gate was shut, the beans got a speech.",
    "rose": "Come before breakfast, or you miss it.",
    "detective": "Something about that clock was wrong.",
    "thief": "There it lay, a single glove.",
    "magician": "The coin hummed, I swear.",
    "rabbit": "Everyone knew who ran that show.",
    "pilot": "Up there, it was finally quiet.",
    "passenger": "The envelope was soft from being held.",
    "nurse": "Nobody was just a number on that ward.",
    "baby": "It was a very small smile, but it counted.",
    "fisherman": "When others woke up, he was back already.",
    "fish": "It had seen boats come and go.",
    "writer": "Twelve months, and not a single page.",
    "reader": "The green letters kept coming.",
    "shepherd": "Nobody else knew those numbers.",
    "sheep": "Mend the fence, and it is out again.",
    "knight": "His feet were wet, whatever the songs say.",
    "dragon": "A nap was all it was after.",
    "waiter": "Seven orders, and not one note.",
    "guest": "Of course, they had no such soup.",
    "coach": "Loud whistle, kind eyes.",
    "athlete": "You would think that the track was on fire.",
    "farmer": "Rain again, he thought.",
    "cow": "There it was, right in the lane.",
    "mother": "What troubled her stayed locked away.",
    "daughter": "The bag had stood by the door since May.",
    "conductor": "One hand went up, and you could hear a pin drop.",
    "orchestra": "Eighty people breathed as one.",
    "spider": "Every night, the same threads, done anew.",
    "fly": "Round and round it went, without a care.",
    "robot": "Jokes were the last thing on its list.",
    "inventor": "Just in case, there was another heart on the shelf.",
}

STRANGERS = (
    "Two people met who had never met before.",
    "The first could not stop chatting.",
    "The second did not mind at all.",
)

PLACES: dict[str | None, str] = {
    "island": "All around was water, and there was one tree.",
    "village": "The bus only goes there on Thursdays.",
    "forest": "Not much sun gets through those leaves.",
    "desert": "You could walk for days and find no drop.",
    "castle": "It was draughty, with far too many rooms.",
    "lighthouse": "The wind got up, and the lamp went round.",
    "train": "Outside, the stations flew by in the dark.",
    "city": "There, somebody is always awake.",
    "mountain": "From up there, you look down on the clouds.",
    None: "Where they lived, there were no secrets.",
}

MOODS: dict[str | None, str] = {
    "funny": "And who should come in but a hen!",
    "sad": "It snowed when they parted, and that was that.",
    "happy": "They are still dancing, for all I know.",
    "scary": "Then came the dark, and the knocking.",
    "romantic": "You can guess how it went on with those two.",
    None: "I think that both of them were wiser afterwards.",
}

EMPTY = "Sorry, what was that?"
NOT_SAID = "I have looked, and it is not in there."
NO_QUESTION = "And your question is?"
DISAGREE = "One of those two must be wrong."

PATTERNS = (
    (r"This is the story of (.+)\.", "Once upon a time, there were {}."),
    (r"First, the text does not say it\.", "I got stuck at the very start."),
    (r"Next, the text does not say it\.", "From there on, I got stuck."),
    (r"So there is no answer\.", "You will have to ask somebody else."),
    (r"First, (.+)", "To begin with, {}"),
    (r"Next, (.+)", "And it also says that {}"),
    (r"So the answer is (.+) \(not listed\)\.", "It is {}, but you left that out."),
    (r"So the answer is (.+) \(([A-D])\)\.", "I would go for {1}, which is {0}."),
    (r"So the answer is (.+)\.", "That makes it {}."),
    (r"The text says that (.+)", "It is in there: {}"),
    (r"According to the passage provided, (.+)", "One may read in these lines that {}"),
    (r"With the greatest pleasure: (.+)!", "Easy, {}!"),
    (r"Briefly: (.+)", "Right, {}"),
)
"""Sentences that name something, and how a person might put them; the first that fits counts."""
