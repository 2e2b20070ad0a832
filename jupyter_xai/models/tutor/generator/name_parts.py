"""The parts of which names and values are made: a first half and a second half.

Each half is one token. So a held-out name is a new pair of well-known tokens, and to recall it is
to copy two tokens, whatever they are. First halves begin without a vowel where an article precedes.
"""

PERSONS = (
    """
    Ten Cor Dor Fen Jas Lor Nor Ros Sal Tam Ver Zan Bran Cal Dan Fal Hol Jun Kir Lan Mor Per Sim Tor
    Val Wen Yor Bas Gun Vik
    """,
    "vin win ric per mund bert mir ko ry belle vard zo ley",
)
TOWNS = (
    """
    Lund Ash Brook Carn Dun Frost Glen King Lake Mill New Oak Pine Quarry Red Stone Thorn Vale West
    Black Fair Bridge Hill Wind
    """,
    "by ford ham burg field gate moor view brook hurst mouth bury",
)
VALLEYS = (
    "Nur Kav Sur Tol Gal Hest Jor Lum Mad Pav Ron Sel Zet Vol Cam Wes Kol Rav Yel",
    "mark via shire rand quist berg",
)
JOBS = (
    """
    clock glass rope candle basket saddle barrel button carpet bell boat brush chair drum flag hat
    lamp knife mirror paper shoe sail tile toy wheel wig wire net lock kite
    """,
    "maker seller mender painter cleaner trader carver collector",
)
PETS = (
    """
    grey spotted lazy tiny brown striped white shy noisy fat clever blind young wild fluffy tame
    """,
    """
    cat dog parrot hamster rabbit turtle snake goat pony canary lizard ferret goose duck mouse
    donkey
    """,
)
FOODS = (
    """
    plum onion cheese bean cherry lemon potato pear honey nut carrot mushroom tomato fish rice
    pumpkin
    """,
    "soup cake pie salad bread stew pancakes dumplings pudding noodles",
)
COLOURS = (
    "dark pale light deep bright dusty soft rich faded warm",
    "red blue green yellow purple orange pink silver violet gold",
)
INSTRUMENTS = (
    "wooden silver glass bass double tiny folk steel reed brass church toy",
    "flute harp drum horn violin guitar piano trumpet fiddle whistle",
)

SYLLABLES = """
ba be bi bo bu ca co da de di do fa fe fi fo ga ge go ha he hi ho ka ke ki ko la le li lo ma me mi
mo na ne ni no pa pe pi po ra re ri ro sa se si so ta te ti to va ve vi vo wa we za ze zo
"""
