"""What travellers are told: a sentence for every wish, and one where a main wish is missing."""

OPENING = {
    "tired": "It sounds as if you really need a break.",
    "bored": "It sounds as if you need a change of scene.",
    "sad": "I am sorry that things have not been easy lately.",
    "happy": "It is lovely to hear that you are in such good spirits.",
    None: "I am happy to help you plan a trip.",
}

PLACES: dict[tuple[str | None, str | None], str] = {
    ("warm", "quiet"): "the small island of La Gomera",
    ("warm", "lively"): "Barcelona",
    ("warm", None): "the south of Portugal",
    ("cool", "quiet"): "the Scottish Highlands",
    ("cool", "lively"): "Copenhagen",
    ("cool", None): "the west of Ireland",
    ("snowy", "quiet"): "a little village in Lapland",
    ("snowy", "lively"): "Innsbruck",
    ("snowy", None): "the Swiss Alps",
    ("mild", "quiet"): "the Azores",
    ("mild", "lively"): "Lisbon",
    ("mild", None): "the coast of Brittany",
    (None, "quiet"): "the lakes of Slovenia",
    (None, "lively"): "Berlin",
    (None, None): "the north of Italy",
}

REPLIES: dict[str, dict[str | None, str]] = {
    "goal": {
        "rest": "It is a perfect place to rest, with long walks and lazy afternoons.",
        "adventure": "There is plenty of adventure, from climbing to rafting.",
        "culture": "You can get to know the local culture in its markets and workshops.",
        "celebrate": "It is a fine place to celebrate, with music and dinners under the stars.",
    },
    "climate": {
        "warm": "The weather there is warm and sunny for most of the year.",
        "cool": "The air there stays cool and fresh, even in the middle of the day.",
        "snowy": "There is deep snow for many months, and the air is clear and cold.",
        "mild": "The weather there is mild, neither too hot nor too cold.",
        None: "The weather there changes often, so pack a little of everything.",
    },
    "crowd": {
        "quiet": (
            "It is far from the busy cities, and you will hear little more than birds and wind."
        ),
        "lively": "There is always something going on, by day and by night.",
        None: "You will find both quiet corners and lively streets.",
    },
    "budget": {
        "flexible": (
            "Since your budget is flexible, you could stay in a charming hotel with a view."
        ),
        "tight": (
            "To keep the costs low, you could stay in a simple guesthouse and cook for yourself."
        ),
        None: "There are rooms for every budget, from simple to grand.",
    },
    "company": {
        "alone": "Travelling alone is easy there, because people are open and friendly.",
        "partner": "The two of you will love the long evenings on the terrace.",
        "children": "Your children will have plenty of space to play.",
        "friends": "With your friends, you could share a big house.",
        "parents": "Your parents will be glad that everything is close by.",
        "dog": "Your dog will be welcome almost everywhere.",
    },
    "interest": {
        "hiking": "For hiking, there are marked paths that start right behind the houses.",
        "museums": "For rainy days, there are a few fine museums.",
        "swimming": "You can go swimming in clear water every morning.",
        "cycling": "You can rent a bicycle and explore the area on quiet roads.",
        "photography": "Bring your camera, because the light in the evening is wonderful.",
        "history": "If you love history, visit the old castle above the town.",
        "birds": "Early in the morning, you can watch many rare birds.",
        "music": "On most evenings, you can hear live music in a small bar.",
        "books": "Take a good book with you, because there are many lovely places to read.",
        "gardens": "Do not miss the gardens, which are full of old trees and flowers.",
    },
    "season": {
        "spring": "Spring is a good choice, because everything is in bloom.",
        "summer": "In summer, the days are long and bright.",
        "autumn": "In autumn, the light is golden and the prices fall.",
        "winter": "In winter, you will have many places to yourself.",
    },
    "length": {
        "weekend": "A few days are enough to see the best of it.",
        "week": "One week gives you time to see a lot without any hurry.",
        "fortnight": "In two weeks, you can explore the whole region.",
        "month": "With a whole month, you can live almost like a local.",
    },
    "food": {
        "seafood": "The fish is excellent and comes fresh from the water.",
        "vegetarian": "Most restaurants have good dishes without meat.",
        "sweets": "The cakes in the little cafes are famous.",
        "wine": "You can taste good local wine in the old cellars.",
        "cheese": "Try the local cheese, which is made on small farms.",
        "spicy": "If you like spicy food, try the stalls at the market.",
    },
}
