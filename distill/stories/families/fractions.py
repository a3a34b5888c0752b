"""Fractions: parts of a whole, what remains, parts of parts."""

from distill.stories.draws import decimal, money, one_of, part, together, whole
from distill.stories.template import Template

FRACTIONS = (
    Template(
        "part_of_a_class",
        {
            "total": whole(12, 240),
            "share": part("1/2", "1/3", "1/4", "2/3", "3/4", "2/5", "3/5", "1/6", "5/6"),
            "group trait": together(
                "students in a school/wear glasses",
                "children at a camp/can swim",
                "people in a choir/sing soprano",
                "players in a club/are beginners",
                "cars in a garage/are electric",
                "trees in a park/are oaks",
            ),
        },
        ask=(
            "There are {total} {group}, and {share} of them {trait}. How many of them {trait}?",
            "Of the {total} {group}, {share} {trait}. How many is that?",
        ),
        solve=(("ans", "total * share", "So {=} of them {trait}."),),
    ),
    Template(
        "cake_pieces_remaining",
        {
            "pieces": whole(12, 96),
            "eaten": part("1/2", "1/3", "1/4", "2/3", "3/4", "3/8", "5/6"),
            "cake": one_of("cake", "lasagna", "pie", "chocolate bar", "sheet of brownies"),
        },
        ask=(
            "A large {cake} is cut into {pieces piece}. The guests eat {eaten} of the pieces. How many "
            "pieces are left?",
            "{who} cuts a {cake} into {pieces} equal pieces. If {eaten} of them get eaten, how many pieces "
            "remain?",
            "{who} cut a {cake} into {pieces} equal pieces, and after an hour {eaten} of them are gone. How "
            "many pieces are still there?",
        ),
        solve=(
            ("pieces_eaten", "pieces * eaten", "The guests eat {=} pieces."),
            ("ans", "pieces - pieces_eaten", "So {=} pieces are left."),
        ),
    ),
    Template(
        "half_of_the_rest",
        {
            "total": whole(24, 240),
            "first": part("1/2", "1/3", "1/4", "2/5"),
            "second": part("1/2", "1/3", "1/4", "2/3"),
            "item": one_of("balloon", "poster", "raffle ticket", "newspaper", "candle"),
        },
        ask=(
            "{who} has {total item} to sell. In the morning {he} sells {first} of them, and in the "
            "afternoon {he} sells {second} of the rest. How many {items} does {he} sell in the afternoon?",
            "{who} starts the day with {total item}. {he} sells {first} of them before lunch and {second} "
            "of the remaining ones after lunch. How many {items} are sold after lunch?",
        ),
        solve=(
            ("{items}_sold_first", "total * first", "First {who} sells {=} {items}."),
            ("{items}_remaining", "total - {items}_sold_first", "Then {he} has {=} {items}."),
            ("ans", "{items}_remaining * second", "After that {he} sells {=} {items}."),
        ),
    ),
    Template(
        "rope_cut_in_parts",
        {
            "length": whole(12, 180),
            "used": part("1/3", "1/4", "2/3", "3/4", "1/5", "3/5"),
            "thing": one_of("rope", "cable", "hose", "chain", "ribbon"),
        },
        ask=(
            "A {thing} is {length foot} long. {who} uses {used} of it. How many feet does {he} use?",
            "{who} cuts off {used} of a {thing} that is {length foot} long. How long, in feet, is the piece "
            "{he} cuts off?",
            "To fix a gate, {who} needs {used} of a {thing} of {length foot}. How many feet of {thing} is "
            "that?",
        ),
        solve=(("ans", "length * used", "{who} uses {=} feet."),),
    ),
    Template(
        "two_shares_of_an_orchard",
        {
            "total": whole(60, 600, 6),
            "a": part("1/2", "1/3", "1/4", "2/5"),
            "b": part("1/3", "1/4", "1/6", "1/5"),
            "place tree x y": together(
                "orchard/tree/apple trees/cherry trees",
                "park/tree/oaks/maples",
                "pond/fish/carp/goldfish",
                "garden/flower/roses/daisies",
            ),
        },
        ask=(
            "There are {total tree} in a {place}: {a} of them are {x} and {b} of them are {y}. How many {x} "
            "and {y} are there together?",
            "A {place} has {total tree}. {a} are {x} and {b} are {y}. How many {trees} are {x} or {y}?",
        ),
        solve=(
            ("number_of_{x}", "total * a", "There are {=} {x}."),
            ("number_of_{y}", "total * b", "There are {=} {y}."),
            ("ans", "number_of_{x} + number_of_{y}", "Together there are {=}."),
        ),
        check=("a > b",),
    ),
    Template(
        "flour_bags_fractional",
        {
            "bags": whole(4, 40),
            "weight": part("1/2", "3/4", "1/4", "2/3"),
            "stuff": one_of("rice", "flour", "sugar", "birdseed", "coffee"),
        },
        ask=(
            "A small bag holds {weight} of a pound of {stuff}. How many pounds of {stuff} are in {bags bag}?",
            "{who} buys {bags bag} of {stuff} with {weight} of a pound in each. How many pounds of {stuff} "
            "is that?",
        ),
        solve=(("ans", "bags * weight", "That is {=} pounds of {stuff}."),),
    ),
    Template(
        "garden_beds_two_crops",
        {
            "total": whole(24, 180),
            "share": part("1/3", "1/4", "2/5", "3/8", "2/3"),
            "each": whole(3, 12),
            "crop other": together("lettuce/carrots", "spinach/beans", "onions/peas", "cabbage/radishes"),
        },
        ask=(
            "A gardener plants {total row}. {share} of the rows are {crop} and all the others are {other}. "
            "Each row of {other} gives {each basket}. How many baskets of {other} does the gardener get?",
            "Of the {total} rows in a field, {share} are planted with {crop} and the rest with {other}. If "
            "every row of {other} fills {each basket}, how many baskets of {other} are there?",
        ),
        solve=(
            ("rows_of_{crop}", "total * share", "There are {=} rows of {crop}."),
            ("rows_of_{other}", "total - rows_of_{crop}", "There are {=} rows of {other}."),
            ("ans", "rows_of_{other} * each", "They fill {=} baskets."),
        ),
    ),
    Template(
        "phone_storage_photos",
        {
            "total": whole(32, 512, 16),
            "used": part("1/2", "1/4", "3/4", "3/8", "5/8"),
            "device": one_of("phone", "tablet", "laptop", "memory card"),
        },
        ask=(
            "{who}'s {device} has {total gigabyte} of storage, and {used} of it is full. How many gigabytes "
            "are still free?",
            "A {device} can store {total gigabyte}. If {used} of the storage is used, how many gigabytes "
            "are free?",
        ),
        solve=(
            ("gigabytes_used", "total * used", "So far {=} gigabytes are used."),
            ("ans", "total - gigabytes_used", "That leaves {=} gigabytes."),
        ),
    ),
    Template(
        "letters_of_a_mail_carrier",
        {
            "total": whole(60, 400, 4),
            "am": part("1/2", "1/4", "3/4", "2/5", "3/5"),
            "extra": whole(5, 60),
            "thing": one_of("letter", "package", "magazine", "postcard"),
        },
        ask=(
            "A mail carrier has {total thing} to deliver. By noon {am} of them are delivered. Then {extra} "
            "more are handed to the carrier. How many {things} are still to be delivered?",
            "In the morning a mail carrier delivers {am} of {total thing}. At noon another {extra thing} "
            "are added to the ones that are left. How many {things} does the carrier have to deliver in the "
            "afternoon?",
        ),
        solve=(
            ("{things}_delivered", "total * am", "By noon {=} {things} are delivered."),
            ("{things}_left", "total - {things}_delivered", "That leaves {=} {things}."),
            ("ans", "{things}_left + extra", "With the new ones there are {=} {things}."),
        ),
    ),
    Template(
        "trail_distance_still_ahead",
        {
            "goal": whole(12, 120),
            "done": part("1/2", "1/3", "2/3", "3/4", "5/6", "4/5"),
            "moved trail": together(
                "walked/hiking trail",
                "ridden/bike path",
                "skied/trail",
                "driven/country road",
                "paddled/river route",
            ),
        },
        ask=(
            "A {trail} is {goal mile} long. {who} has {moved} {done} of it. How many miles are still ahead "
            "of {him}?",
            "{who} has {moved} {done} of a {trail} of {goal mile}. How many miles does {he} still have to "
            "go?",
            "After a long morning {who} has {moved} {done} of a {trail}. The whole {trail} measures {goal "
            "mile}. How many miles remain?",
        ),
        solve=(
            ("miles_done", "goal * done", "{who} has done {=} miles."),
            ("ans", "goal - miles_done", "There are {=} miles ahead."),
        ),
    ),
    Template(
        "juice_glasses_from_bottles",
        {
            "bottles": whole(3, 30),
            "glass": part("1/4", "1/5", "1/6", "1/8"),
            "drink": one_of("apple juice", "milk", "grape juice", "iced tea", "water"),
        },
        ask=(
            "A glass holds {glass} of a liter. How many glasses can {who} fill from {bottles liter} of "
            "{drink}?",
            "{who} has {bottles liter} of {drink} and pours {glass} of a liter into each glass. How many "
            "glasses can {he} fill?",
        ),
        solve=(("ans", "bottles / glass", "{who} can fill {=} glasses."),),
    ),
    Template(
        "vote_shares_difference",
        {
            "votes": whole(60, 900, 10),
            "a": part("1/2", "2/5", "3/5", "1/3"),
            "b": part("1/3", "1/5", "1/4", "3/10"),
            "post": one_of("class president", "team captain", "mayor", "club treasurer"),
        },
        ask=(
            "In the election for {post}, {votes person} voted. {who} got {a} of the votes and {friend} got "
            "{b} of them. How many more votes did {who} get than {friend}?",
            "{votes} votes were cast for {post}: {a} of them for {who} and {b} for {friend}. By how many "
            "votes did {who} beat {friend}?",
        ),
        solve=(
            ("votes_for_{who}", "votes * a", "{who} got {=} votes."),
            ("votes_for_{friend}", "votes * b", "{friend} got {=} votes."),
            ("ans", "votes_for_{who} - votes_for_{friend}", "{who} got {=} votes more."),
        ),
    ),
    Template(
        "paint_mixed_half_cans",
        {"rooms": whole(3, 16), "each": decimal("0.5", "4.5", "0.5"), "have": whole(1, 12)},
        ask=(
            "{who} needs {each} gallons of paint for each of {rooms room}. {he} already has {have gallon}. "
            "How many more gallons of paint does {he} need?",
            "Painting one room takes {each} gallons of paint. {who} wants to paint {rooms room} and has "
            "{have gallon} at home. How many gallons must {he} still buy?",
        ),
        solve=(
            ("gallons_needed", "rooms * each", "The rooms take {=.} gallons."),
            ("ans", "gallons_needed - have", "{who} needs {=.} more gallons."),
        ),
        check=("each > 1",),
    ),
    Template(
        "seeds_in_pots_fraction",
        {
            "pots": whole(4, 24),
            "each": whole(3, 12),
            "sprout": part("1/2", "2/3", "3/4", "1/3"),
            "plant": one_of("sunflower", "bean", "pea", "pumpkin", "basil"),
        },
        ask=(
            "{who} plants {each} {plant} seeds in each of {pots pot}. Only {sprout} of the seeds sprout. "
            "How many seeds sprout?",
            "{who} has {pots pot} and puts {each} {plant} seeds into every pot. After two weeks {sprout} of "
            "all the seeds have sprouted. How many seeds have sprouted?",
        ),
        solve=(
            ("seeds", "pots * each", "{who} plants {=} seeds."),
            ("ans", "seeds * sprout", "Of these, {=} seeds sprout."),
        ),
    ),
    Template(
        "fraction_of_savings_spent",
        {
            "savings": money(24, 360, 6),
            "spent": part("1/2", "1/3", "1/4", "2/3", "3/4", "1/6"),
            "thing": one_of(
                "a video game", "a jacket", "new headphones", "a birthday present", "art supplies"
            ),
        },
        ask=(
            "{who} saved {savings}. {he} spent {spent} of it on {thing}. How many dollars did {he} spend?",
            "Of the {savings} that {who} saved, {he} used {spent} to buy {thing}. How much did {he} spend?",
            "{who} had {savings} in {his} savings box and took out {spent} of it for {thing}. How many "
            "dollars did {he} take out?",
        ),
        solve=(("ans", "savings * spent", "{who} spent {=$}."),),
    ),
)
