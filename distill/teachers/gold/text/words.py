"""Lists of English words that tell which words of a sentence may stand in a name."""

import keyword


def spread(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


STOP = spread(
    """a an the this that these those such same each every all both any some no not only just also even still
    already of to in on at by for from with without into onto over under during after before between through
    across against about around among within up down out off away back per than as if then so thus hence
    therefore because since when while where which who whom whose what how why and or but nor either neither
    plus minus times equals equal he she it they we you i him her them us his hers its their theirs our your
    my me himself herself themselves itself he's she's it's that's there's let's we're they're you're didn't
    doesn't don't there here now again later is are was were be been being am has have had having do does did
    done will would can could shall should may might must first firstly second secondly next finally lastly
    meaning means mean meant altogether together overall actually one's another other others else much many
    few lot lots amount number numbers value values find convert calculate determine let know we'll he'll
    she'll they'll i'm given according due make makes made get gets got take takes took give gives gave want
    wants wanted need needs needed become becomes became leave leaves go goes went going come comes came
    bring brings bringing brought put puts say says said see sees add adds added adding subtract subtracting
    subtracts multiply multiplying multiplied divide dividing divided combine combining combined calculating
    substituting finding express expressed answer equation following follows represent represents represented
    representing using use uses used able like would're total remaining left more less fewer extra additional
    rest whole entire full exactly approximately originally initially currently normally usually equally x y
    z s t d th st nd rd etc vs mr mrs ms dr ones one two three four five six seven eight nine ten eleven
    twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty hundred
    thousand half twice thrice double triple doubled tripled once third fourth fifth quarter dozen percent
    percentage dollar's equaling totaling getting leaving making giving end start beginning there'd isn't
    wasn't very too well instead however meanwhile similarly least most enough worth long old way far tall
    wide deep high ago different everything anything something everyone grand"""
)

# Words that say nothing about what a number counts.
CLOSED = spread(
    """a an the this that these those such same each every all both any some no not only just also even still already of
    to in on at by for from with without into onto over under during after before between through across against about
    around among within up down out off away back per than as if then so thus hence therefore because since when while
    where which who whom whose what how why and or but nor either neither he she it they we you i him her them us his hers
    its their theirs our your my me there here now again later is are was were be been being am has have had having do
    does did done will would can could shall should may might must first next finally mean means altogether together one
    another other much many few lot number amount get gets got take takes took give gives gave make makes made need needs
    total more less left remaining first find now if let total""",
)

PRONOUNS = spread("he she it they we you i who to will would can could must should may might")

# Verbs that are (almost) never the noun of a name.
VERBS = spread(
    """eat eats ate eaten buy buys bought sell sells sold earn earns earned pay pays paid spend spends spent
    spending save saved saves own owns owned collect collects collected receive receives received lose loses
    lost win won wins find found keep keeps kept send sent sends read reads write writes wrote written run
    ran runs walked walks travel travels traveled travelled drive drives drove driven ride rode finish
    finishes finished begin began begins start started starts stop stopped work worked works cook cooked bake
    bakes baked drink drank drinks planted pick picked picks sleep slept sleeps watch watched watches play
    plays played cost costed costs charge charged charges produce produces produced contain contains
    contained hold holds held weigh weighs weighed consist consists consume consumes consumed require
    requires required remain remains remained contribute contributed donate donates donated deliver delivered
    delivers share shared shares split cut cuts fill fills filled fit fits serve serves served order ordered
    orders attend attended invite invited perform performed complete completed completes reach reached
    reaches increase increases increased decrease decreased reduce reduced grow grows grew raise raised add
    live lives lived stay stayed feed feeds fed born think thinks thought ask asked asks tell told call
    called try tried tries turn turned turns use carry carried carries catch caught catches throw threw
    throws hit hits jump jumped jumps swim swam swims climb climbed climbs fly flew flies lay lays laid melt
    melted break broke broken breaks build built builds paint painted paints draw drew draws wear wore worn
    wash washed washes clean cleaned dry place placed score scored scores made pass passed passes miss missed
    misses fail failed help helped hire hired rent rented visit visited drop dropped drops fall fell falls
    open opened close closed remove removed removes replace replaced move moved return returned returns count
    counted counts expect expects plan plans planned decide decided choose chose chosen vote voted like liked
    prefer prefers love hate compare compared figure out account accounts enter entered leave exit exited
    gather gathered gathers convert happen happened happens include including includes included involve
    involved show shows showed represent set sets distribute distributed purchase purchased purchases using
    buying selling eating walking running working reading driving paying earning saving giving getting having
    doing losing covers cover covered last lasts lasted took taken wait waited waits stand stood sit sat put
    knows knew known learns learned studied studies study used types typed sing sang pull pulled push pushed
    bring gain gained gains equate totals totaled totalled combined become comprise given seen exceed exceeds
    owe owes owed borrow borrowed lend lent deposit deposited withdraw withdrew invest invested spread boils
    boil burns burned burn uses wants"""
)
# Words that are verbs after a pronoun, a name or "to", and nouns elsewhere.
EITHER = spread(
    """cost costs drink drinks run runs walk walks work works play plays score scores order orders charge
    charges share shares cut cuts plan plans paint watch watches ride rides drive increase decrease rent
    build fill help start finish stop cover plant plants water trip trips catch catches throw throws hit hits
    vote votes count study place places rate set sets jump jumps lives purchase purchases return returns
    break breaks deposit read drop drops turn turns last show shows call calls visit visits cook cooks pick
    picks reads climb climbs change changes use studies type types raise dry lay push sleep draw figure burn
    like lead miss"""
)

# Words that end like a verb or an adverb and are nouns or adjectives all the same.
LIKE_NOUNS = spread(
    """swimming wedding morning evening building buildings painting paintings clothing parking string ring rings
    king earring pudding ceiling topping frosting icing wing wings spring thing things drawing drawings
    savings earnings housing shipping bowling washing wrapping cutting sitting tutoring babysitting training
    lightning pressing dressing boxing baking cycling skiing sewing knitting fishing gardening camping bed
    beds red shed seed seeds weed weeds speed need breed bread colored fried used baked steamed stuffed
    family july jelly lily supply fly belly ally daily weekly monthly yearly hourly annual early italy
    assembly butterfly crawling healed injured infected unsold sugared advanced married retired discounted
    broken frozen unused remaining"""
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
