"""At home: shopping lists, bills, water and light, presents, moving."""

from distill.stories.draws import money, one_of, part, percent, together, whole
from distill.stories.template import Template

HOME = (
    Template(
        "laundry_loads_per_month",
        {
            "loads": whole(3, 9),
            "weeks": whole(4, 30),
            "machine": one_of("washing machine", "dishwasher", "dryer"),
        },
        ask=(
            "{who}'s family runs the {machine} {loads} times a week. How many times does it run in {weeks "
            "week}?",
            "The {machine} in {who}'s home runs {loads} times every week. How often does it run in {weeks "
            "week}?",
        ),
        solve=(("ans", "loads * weeks", "It runs {=} times."),),
    ),
    Template(
        "attic_boxes_carried_down",
        {
            "first": whole(6, 60),
            "second": whole(6, 60),
            "thing": one_of("box", "book", "jar", "toy", "photo", "record"),
            "room other": together("attic/cellar", "garage/shed", "bedroom/hall"),
        },
        ask=(
            "While cleaning up, {who} finds {first thing} in the {room} and {second} more in the {other}. "
            "How many {things} does {he} find in all?",
            "{who} brings {first thing} from the {room} and {second thing} from the {other}. How many "
            "{things} does {he} bring altogether?",
            "There were {first thing} in {who}'s {room} and {second} in the {other}. {who} carried them all "
            "to the living room. How many {things} did {he} carry there?",
        ),
        solve=(("ans", "first + second", "{who} has {=} {things} in all."),),
        check=("first != second",),
    ),
    Template(
        "electric_bill_two_months",
        {
            "old": money(40, 180),
            "new": money(30, 170),
            "kind": one_of("electric bill", "water bill", "phone bill", "heating bill"),
        },
        ask=(
            "{who}'s {kind} was {old} in March and {new} in April. How much less did {he} pay in April?",
            "In March {who} paid {old} for the {kind}; in April it was only {new}. By how many dollars did "
            "the {kind} go down?",
            "How much lower was {who}'s {kind} in April, at {new}, than in March, when it was {old}?",
        ),
        solve=(("ans", "old - new", "The {kind} went down by {=$}."),),
        check=("new * 2 > old",),
    ),
    Template(
        "candles_burning_hours",
        {
            "hours": whole(36, 240),
            "each": whole(3, 24),
            "light": one_of("candle", "bottle of lamp oil", "lantern battery", "torch"),
        },
        ask=(
            "One {light} lasts {each hour}. {who} needs light for {hours hour}. How many {lights} does {he} "
            "need?",
            "How many {lights} are used up in {hours hour} if each of them lasts {each hour}?",
            "{who} wants to have light for {hours hour} in a row, but one {light} is used up after {each "
            "hour}. How many {lights} should {he} get?",
        ),
        solve=(("ans", "hours / each", "It takes {=} {lights}."),),
        check=("ans > 2",),
    ),
    Template(
        "photos_printed_and_framed",
        {
            "photos": whole(20, 150),
            "price": money("0.10", "0.50", "0.05"),
            "frames": whole(2, 8),
            "frame": money(4, 15),
        },
        ask=(
            "{who} has {photos photo} printed at {price} each and buys {frames frame} at {frame} each. How "
            "much does {he} pay in total?",
            "Printing one photo costs {price}. {who} prints {photos} photos and puts some of them into "
            "{frames} new frames, which cost {frame} each. How many dollars does {he} spend on prints and "
            "frames?",
            "After a wedding, {who} orders {photos} prints for {price} apiece and {frames frame} for "
            "{frame} apiece. What does the whole order cost in dollars?",
        ),
        solve=(
            ("cost_of_prints", "photos * price", "The prints cost {=$}."),
            ("cost_of_frames", "frames * frame", "The frames cost {=$}."),
            ("ans", "cost_of_prints + cost_of_frames", "Together that is {=$}."),
        ),
    ),
    Template(
        "shower_water_saved_weekly",
        {
            "long": whole(10, 25),
            "short": whole(4, 12),
            "rate": whole(2, 4),
            "days": whole(5, 30, 5),
            "unit": one_of("gallon", "liter"),
        },
        ask=(
            "{who} used to shower for {long minute} a day. Now {he} showers for only {short minute}. The "
            "shower uses {rate unit} of water a minute. How many {units} of water does {he} save in {days "
            "day}?",
            "A shower uses {rate unit} of water per minute. {who} cuts {his} daily shower from {long} to "
            "{short} minutes. How many {units} does {he} save in {days day}?",
            "Every minute, {who}'s shower uses {rate unit} of water. {he} now takes {short minute} a day in "
            "the shower instead of {long}. How many {units} is {he} saving over {days day}?",
        ),
        solve=(
            ("minutes_saved", "long - short", "Each day {who} saves {=} minutes."),
            ("{units}_saved_per_day", "minutes_saved * rate", "That is {=} {units} a day."),
            ("ans", "{units}_saved_per_day * days", "In that time {who} saves {=} {units}."),
        ),
    ),
    Template(
        "wallpaper_rolls_and_price",
        {
            "rooms": whole(2, 6),
            "rolls": whole(4, 12),
            "have": whole(3, 12),
            "price": money(12, 45),
            "stuff": one_of("wallpaper", "carpet", "insulation", "curtain fabric"),
        },
        ask=(
            "{who} wants to redo {rooms room}. Each room takes {rolls roll} of {stuff}, and {he} already "
            "has {have roll}. A roll costs {price}. How much does {he} spend on the rolls that {he} still "
            "needs?",
            "For each of {rooms room} {who} needs {rolls roll} of {stuff}. {have roll} are left over from "
            "last year, and new rolls cost {price} each. How many dollars does {who} have to spend?",
        ),
        solve=(
            ("rolls_needed", "rooms * rolls", "The rooms take {=} rolls."),
            ("rolls_to_buy", "rolls_needed - have", "{who} has to buy {=} rolls."),
            ("ans", "rolls_to_buy * price", "They cost {=$}."),
        ),
    ),
    Template(
        "moving_boxes_van_trips",
        {
            "rooms": whole(3, 8),
            "each": whole(6, 20),
            "extra": whole(4, 30),
            "van": whole(8, 30),
            "home": one_of("an apartment", "a house", "an office", "a shop"),
        },
        ask=(
            "{who} moves out of {home} with {rooms room}. There are {each box} in every room and {extra} "
            "more in the basement. A van takes {van box} at a time. How many trips does the van make?",
            "{home} has {rooms room}, each with {each} packed boxes, and another {extra box} in the "
            "basement. If a van carries {van box} on every trip, how many trips are needed?",
            "Before a move, {who} packs {each box} in each of {rooms room} and another {extra} in the "
            "basement. The van has space for {van box}. How many full loads are there?",
        ),
        solve=(
            ("boxes_in_rooms", "rooms * each", "The rooms hold {=} boxes."),
            ("boxes", "boxes_in_rooms + extra", "With the basement there are {=} boxes."),
            ("ans", "boxes / van", "The van makes {=} trips."),
        ),
    ),
    Template(
        "birthday_presents_budget_left",
        {
            "budget": money(60, 400, 5),
            "kids": whole(2, 7),
            "gift": money(8, 45),
            "cake": money(10, 45),
            "feast": one_of("Christmas", "the school party", "a family reunion", "Children's Day"),
        },
        ask=(
            "{who} has {budget} to spend for {feast}. {he} buys a {gift} present for each of {kids child} "
            "and a cake for {cake}. How much of the money is left?",
            "For {feast}, {who} buys {kids present} at {gift} each and a cake for {cake}. {he} started with "
            "{budget}. How many dollars does {he} have left?",
            "{who} plans {feast}. {his} budget is {budget}. A cake costs {cake}, and {kids present} at "
            "{gift} each are needed. How much of the budget remains?",
        ),
        solve=(
            ("cost_of_presents", "kids * gift", "The presents cost {=$}."),
            ("cost_in_all", "cost_of_presents + cake", "With the cake it is {=$}."),
            ("ans", "budget - cost_in_all", "{who} has {=$} left."),
        ),
    ),
    Template(
        "pocket_money_part_then_weeks",
        {
            "weekly": money(6, 30),
            "share": part("1/2", "1/3", "2/3", "1/4", "3/4"),
            "weeks": whole(3, 20),
            "kin": one_of("parents", "grandmother", "uncle", "aunt"),
        },
        ask=(
            "Every week {who} gets {weekly} of pocket money from {his} {kin}. {he} saves {share} of it. How "
            "much has {he} saved after {weeks week}?",
            "{who}'s {kin} [will give|promised to give] {him} {weekly} a week. If {he} always saves {share} "
            "of the money, how many dollars does {he} save in {weeks week}?",
            "{who} puts {share} of {his} pocket money into a jar every week. {his} {kin} gave {him} "
            "{weekly} a week for {weeks week}. How many dollars ended up in the jar?",
        ),
        solve=(
            ("saved_per_week", "weekly * share", "Each week {who} saves {=$}."),
            ("ans", "saved_per_week * weeks", "In that time {he} saves {=$}."),
        ),
    ),
    Template(
        "sale_price_of_several",
        {
            "price": money(60, 400, 10),
            "first": percent(10, 40, 10),
            "count": whole(2, 5),
            "thing": one_of("lamp", "garden chair", "rug", "mirror", "fan"),
        },
        ask=(
            "A {thing} costs {price}. In a sale the price drops by {first}. {who} buys {count thing} in the "
            "sale. How much does {he} pay?",
            "{who} buys {count thing} during a sale that takes {first} off the usual price of {price} for "
            "each. How many dollars does {he} pay in total?",
            "{who} needs {count thing}. They normally cost {price} apiece, but this week they are {first} "
            "cheaper. How much will {who} spend?",
        ),
        solve=(
            ("discount", "price * first / 100", "The discount is {=$}."),
            ("sale_price", "price - discount", "In the sale a {thing} costs {=$}."),
            ("ans", "sale_price * count", "{who} pays {=$}."),
        ),
    ),
    Template(
        "juice_profit_over_days",
        {
            "cost": money("0.50", 4, "0.25"),
            "price": money("1.50", 9, "0.50"),
            "sold": whole(12, 90),
            "days": whole(3, 14),
            "ware": one_of("smoothie", "waffle", "paper kite", "crepe", "pretzel", "bunch of daisies"),
        },
        ask=(
            "It costs {who} {cost} to make a {ware}, and {he} sells it for {price}. {he} sells {sold ware} "
            "a day. How much profit does {he} make in {days day}?",
            "{who} sells {wares} at {price} each. Making one costs {cost}. If {he} sells {sold} a day, what "
            "is {his} profit for {days day}, in dollars?",
        ),
        solve=(
            ("profit_per_{ware}", "price - cost", "On each {ware} {who} makes {=$}."),
            ("profit_per_day", "profit_per_{ware} * sold", "In a day that is {=$}."),
            ("ans", "profit_per_day * days", "In all the profit is {=$}."),
        ),
        check=("price > 2 * cost", "price - cost != 1"),
    ),
)
