"""How a person might give the same travel advice; keys as in the tables of the tutor's answers."""

OPENING = {
    "tired": "You have earned a few slow days, that much is clear.",
    "bored": "Time to see something new, then.",
    "sad": "I hope that a change of air does you good.",
    "happy": "What a nice mood to set out in!",
    None: "Let me think where you might go.",
}

PLACE = "My pick would be {}."

REPLIES: dict[str, dict[str | None, str]] = {
    "goal": {
        "rest": "Nobody will wake you there, and the deckchairs are free.",
        "adventure": "They will take you up a rock face or down a river, as you like.",
        "culture": "Ask at the workshops, and they will show you how it is done.",
        "celebrate": "Order the long menu and stay until the band goes home.",
    },
    "climate": {
        "warm": "Take sun cream and leave the coat at home.",
        "cool": "You will want a jumper, even at noon.",
        "snowy": "Bring boots, for the snow comes up to your knees.",
        "mild": "You will neither sweat nor freeze.",
        None: "As for the sky, expect a bit of everything.",
    },
    "crowd": {
        "quiet": "You will meet more sheep than people.",
        "lively": "The streets are full until late, every day of the week.",
        None: "Turn one way for company and the other way for peace.",
    },
    "budget": {
        "flexible": "With that purse, I would take the big room with the balcony.",
        "tight": "Get a hostel bed and shop at the market, and you will hardly spend a thing.",
        None: "You will find a bed at whatever price.",
    },
    "company": {
        "alone": "On your own, you will soon have somebody to talk to.",
        "partner": "It is made for couples who like to sit outside late.",
        "children": "The little ones can run about all day.",
        "friends": "Get one large house for all of your gang.",
        "parents": "Your mum and dad will not have far to walk.",
        "dog": "They even put out water bowls for dogs.",
    },
    "interest": {
        "hiking": "The trails begin at the back door.",
        "museums": "If it rains, go and look at some pictures.",
        "swimming": "Jump into the water before breakfast.",
        "cycling": "Hire a bike, for there is hardly a car about.",
        "photography": "You will fill your memory card before dinner.",
        "history": "Climb up to the ruin, it is worth the sweat.",
        "birds": "Set the alarm early if you want to see the herons.",
        "music": "Somebody always plays in the pub.",
        "books": "I know a bench there where I read three novels.",
        "gardens": "The park alone is worth the fare.",
    },
    "season": {
        "spring": "You could not time it better, with all the blossom.",
        "summer": "It stays light until ten then.",
        "autumn": "By then, it is cheaper and prettier.",
        "winter": "Hardly anyone goes then, so it is all yours.",
    },
    "length": {
        "weekend": "Two nights will do for the highlights.",
        "week": "Seven days are plenty if you do not rush.",
        "fortnight": "A fortnight lets you go all the way round.",
        "month": "Stay that long, and the baker will know your name.",
    },
    "food": {
        "seafood": "Eat whatever the boats brought in.",
        "vegetarian": "You will not miss out without meat.",
        "sweets": "Leave room for pastry, every single day.",
        "wine": "Knock at any cellar, and they will pour you a glass.",
        "cheese": "Buy your cheese straight from the farm.",
        "spicy": "The night market will make your eyes water.",
    },
}
