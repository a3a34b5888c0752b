"""Lists of English words that tell which words of a sentence may stand in a name."""

import keyword


def spread(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


# Words that say nothing about what a number counts.
CLOSED = spread(
    """a an the this that these those such same each every all both any some no not only just also even still
    already of to in on at by for from with without into onto over under during after before between through
    across against about around among within up down out off away back per than as if then so thus hence
    therefore because since when while where which who whom whose what how why and or but nor either neither
    he she it they we you i him her them us his hers its their theirs our your my me there here now again
    later is are was were be been being am has have had having do does did done will would can could shall
    should may might must first next finally mean means altogether together one another other much many few
    lot number amount get gets got take takes took give gives gave make makes made need needs total more less
    left remaining find let"""
)

STOP = CLOSED | spread(
    """plus minus times equals equal himself herself themselves itself he's she's it's that's there's let's
    we're they're you're didn't doesn't don't firstly second secondly lastly meaning meant overall actually
    one's others else lots numbers value values convert calculate determine know we'll he'll she'll they'll
    i'm given according due want wants wanted needed become becomes became leave leaves go goes went going
    come comes came bring brings bringing brought put puts say says said see sees add adds added adding
    subtract subtracting subtracts multiply multiplying multiplied divide dividing divided combine combining
    combined calculating substituting finding express expressed answer equation following follows represent
    represents represented representing using use uses used able like would're fewer extra additional rest
    whole entire full exactly approximately originally initially currently normally usually equally x y z s t
    d th st nd rd etc vs mr mrs ms dr ones two three four five six seven eight nine ten eleven twelve
    thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty hundred thousand
    half twice thrice double triple doubled tripled once third fourth fifth quarter dozen percent percentage
    dollar's equaling totaling getting leaving making giving end start beginning there'd isn't wasn't very
    too well instead however meanwhile similarly least most enough worth long old way far tall wide deep high
    ago different everything anything something everyone grand"""
)

PRONOUNS = spread("he she it they we you i who to will would can could must should may might")

# Verbs that are (almost) never the noun of a name; forms in -ed and -ing never are, listed or not.
VERBS = spread(
    """eat eats ate eaten buy buys bought sell sells sold earn earns pay pays paid spend spends spent save
    saves own owns collect collects receive receives lose loses lost win won wins found keep keeps kept send
    sent sends write writes wrote written ran travel travels drives drove driven rode finishes begin began
    begins starts bake bakes drank slept sleeps produce produces contain contains hold holds held weigh
    weighs consist consists consume consumes require requires remain remains contribute donate donates
    deliver delivers split fills fit fits serve serves attend invite perform complete completes reach reaches
    increases reduce grow grows grew live stay feed feeds fed born think thinks thought ask asks tell told
    try tries carry carries caught threw swim swam swims flew flies lays laid melt broke built builds paints
    drew draws wear wore worn wash washes clean pass passes misses fail hire fall fell falls open close
    remove removes replace move counts expect expects decide choose chose chosen prefer prefers love hate
    compare account accounts enter exit gather gathers happen happens include includes involve distribute
    covers lasts taken wait waits stand stood sit sat knows knew known learns sing sang pull gain gains
    equate totals comprise seen exceeds owe owes owed borrow lend lent withdraw withdrew invest spread boils
    boil burns"""
)
# Words that are verbs after a pronoun, a name or "to", and nouns elsewhere.
EITHER = spread(
    """cost costs drink drinks run runs walks work works play plays score scores order orders charge charges
    share shares cut cuts plan plans paint watch watches ride drive increase decrease rent build fill help
    finish stop cover catch catches throw throws hit hits vote count study place set sets jump jumps lives
    purchase purchases return returns break breaks deposit read drop drops turn turns last show shows call
    visit cook pick picks reads climb climbs studies types raise dry lay push sleep draw figure burn miss"""
)

# Words in -ed, -ing or -ly that are nouns or adjectives all the same.
LIKE_NOUNS = spread(
    """swimming wedding morning evening building painting clothing parking string earring pudding ceiling
    topping frosting icing spring thing drawing housing shipping bowling washing wrapping cutting sitting
    tutoring babysitting training lightning pressing dressing boxing baking cycling skiing sewing knitting
    fishing gardening camping speed breed colored fried baked steamed stuffed family jelly supply belly daily
    weekly monthly yearly hourly early italy assembly butterfly crawling healed injured infected sugared
    advanced married retired discounted unused"""
)
ORDINALS = spread("first second third fourth fifth sixth seventh eighth ninth tenth last")

# What a sum of money is, by the verb of its sentence.
MONEY = {
    **dict.fromkeys(spread("earn earns earned earning make makes made making"), "earnings"),
    **dict.fromkeys(
        spread("cost costs costing price priced buy buys bought buying purchase purchased"), "cost"
    ),
    **dict.fromkeys(spread("spend spends spent spending"), "spent"),
    **dict.fromkeys(spread("save saves saved saving savings"), "saved"),
    **dict.fromkeys(spread("pay pays paid paying owe owes"), "payment"),
    **dict.fromkeys(spread("charge charges charged"), "charge"),
    **dict.fromkeys(spread("sell sells sold selling sale sales"), "sales"),
    **dict.fromkeys(spread("profit profits"), "profit"),
    **dict.fromkeys(spread("discount discounted"), "discount"),
    **dict.fromkeys(spread("tax taxes"), "tax"),
    **dict.fromkeys(spread("tip tips tipped"), "tip"),
    **dict.fromkeys(spread("receive receives received"), "received"),
    **dict.fromkeys(spread("give gives gave given donate donates donated"), "given"),
    **dict.fromkeys(spread("lose loses lost losing"), "lost"),
    **dict.fromkeys(spread("need needs needed"), "needed"),
}

MONEY_NOUNS = spread(
    """cost price profit bill savings discount salary income tax tip rent fee allowance budget revenue earnings
    payment debt wage pay change balance expenses refund deposit loan interest commission value"""
)
KIN = spread(
    """brother brothers sister sisters mom mother dad father parent parents friend friends wife husband son sons
    daughter daughters cousin cousins uncle aunt grandmother grandfather grandparents grandma grandpa
    roommate boss neighbor neighbors family teacher classmates coworkers twin niece nephew"""
)
TOTAL = spread("everything grand total totals altogether together combined sum overall totaling all")
LEFT = spread("left remaining remain remains remained leftover leaving leaves rest")
MORE = spread("more additional extra")
FEWER = spread("less fewer")
MEASURES = spread(
    """dollars dollar cents cent minutes minute hours hour days day weeks week months month years year seconds
    second miles mile feet foot ft inches inch meters meter m cm km kilometers kilometer yards yard pounds
    pound lbs kg kgs grams gram g ounces ounce oz gallons gallon liters liter ml cups cup percent units unit
    times mph degrees points square cubic sq people calories tons ton"""
)
SHORT_UNITS = {
    "ft": "feet", "oz": "ounces", "lbs": "pounds", "kgs": "kg", "m": "meters", "g": "grams", "mins": "minutes",
    "hrs": "hours", "hr": "hours", "min": "minutes", "l": "liters",
}  # fmt: skip

# Never a name: Python's words, what programs have built in, and the solver's own targets.
RESERVED = spread(
    """ans answer result solution print sum min max abs round len range int float str list dict set tuple sorted
    zip map filter all any pow divmod enumerate bool type id input open iter next hash hex oct bin ord chr
    math sympy fractions datetime date time collections itertools random statistics decimal sys os pi e i n
    lambda"""
) | frozenset(word.lower() for word in keyword.kwlist)
