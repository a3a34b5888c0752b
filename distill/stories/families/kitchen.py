"""Cooking and eating: recipes, portions, meals, calories."""

from distill.stories.draws import decimal, money, one_of, part, together, whole
from distill.stories.template import Template

KITCHEN = (
    Template(
        "eggs_for_several_cakes",
        {
            "each": whole(2, 6),
            "cakes": whole(3, 20),
            "dish": one_of("cake", "omelet", "batch of pancakes", "quiche", "pan of cornbread"),
        },
        ask=(
            "A recipe for one {dish} [needs|calls for] {each egg}. How many eggs does {who} need for {cakes "
            "dish}?",
            "{who} makes {cakes dish} for a [festival|party|family reunion] and uses {each egg} for each of "
            "them. How many eggs does {he} use?",
            "How many eggs go into {cakes dish} if it takes {each egg} to make one?",
        ),
        solve=(("ans", "cakes * each", "It takes {=} eggs."),),
    ),
    Template(
        "soup_portions",
        {
            "liters": whole(1200, 9600, 50),
            "bowl": whole(150, 400, 50),
            "food": one_of("soup", "stew", "chili", "porridge", "curry"),
        },
        ask=(
            "A pot holds {liters milliliter} of {food}. One bowl holds {bowl milliliter}. How many bowls of "
            "{food} can be filled?",
            "{who} cooks {liters milliliter} of {food} and serves it in bowls of {bowl milliliter}. How "
            "many bowls does {he} fill?",
            "A canteen has {liters milliliter} of {food} left. If every guest gets a bowl of {bowl "
            "milliliter}, for how many guests is that enough?",
        ),
        solve=(("ans", "liters / bowl", "So {=} bowls can be filled."),),
    ),
    Template(
        "recipe_scaled_up",
        {
            "cups": whole(2, 5),
            "serves": whole(2, 8),
            "guests": whole(10, 60),
            "dish stuff": together(
                "salad/beans", "pudding/milk", "risotto/rice", "pizza/flour", "soup/lentils"
            ),
        },
        ask=(
            "A {dish} for {serves person} takes {cups cup} of {stuff}. How many cups of {stuff} are needed "
            "for {guests person}?",
            "{who} uses {cups cup} of {stuff} to make {dish} for {serves person}. {he} expects {guests "
            "guest}. How many cups of {stuff} will {he} need?",
            "{who} looks up a recipe for {dish}: {cups cup} of {stuff} for {serves person}. How many cups "
            "of {stuff} does {he} need to feed {guests person}?",
        ),
        solve=(
            ("batches", "guests / serves", "{guests} people need {=} times the recipe."),
            ("ans", "batches * cups", "That takes {=} cups of {stuff}."),
        ),
        check=("batches > 1", "serves != cups"),
    ),
    Template(
        "calories_of_a_day",
        {"a": whole(250, 600, 10), "b": whole(400, 900, 10), "c": whole(400, 900, 10)},
        ask=(
            "{who} had a breakfast of {a calorie}, a lunch of {b calorie} and a dinner of {c calorie}. How "
            "many calories were there in the three meals together?",
            "In one day, {who} eats {a calorie} for breakfast, {b} for lunch and {c} for dinner. How many "
            "calories is that in total?",
        ),
        solve=(("ans", "a + b + c", "The three meals have {=} calories."),),
    ),
    Template(
        "sugar_left_after_baking",
        {
            "bags": whole(2, 5),
            "size": whole(500, 2000, 250),
            "each": whole(100, 400, 25),
            "cakes": whole(2, 12),
            "stuff thing": together(
                "sugar/cake", "flour/loaf", "butter/pie", "oatmeal/tray of cookies", "chocolate/dessert"
            ),
        },
        ask=(
            "{who} has {bags bag} of {stuff} with {size gram} each. {he} bakes {cakes thing}, and each "
            "{thing} takes {each gram} of {stuff}. How many grams of {stuff} are left?",
            "A {thing} takes {each gram} of {stuff}. {who} buys {bags bag} of {stuff}, {size gram} each, "
            "and makes {cakes thing}. How many grams of {stuff} does {he} have left?",
            "In the pantry of a bakery there are {bags bag} of {stuff}, each of {size gram}. {who} makes "
            "{cakes thing} and uses {each gram} of {stuff} for each one. How many grams remain in the "
            "pantry?",
        ),
        solve=(
            ("grams_of_{stuff}", "bags * size", "{who} has {=} grams of {stuff}."),
            ("grams_used", "cakes * each", "{he} uses {=} grams."),
            ("ans", "grams_of_{stuff} - grams_used", "So {=} grams are left."),
        ),
    ),
    Template(
        "restaurant_burgers_revenue",
        {
            "burgers": whole(20, 150),
            "price": money(6, 15),
            "fries": whole(15, 120),
            "low": money(2, 5),
            "main side": together(
                "burger/portion of fries", "pizza/salad", "burrito/lemonade", "noodle dish/spring roll"
            ),
        },
        ask=(
            "On Friday a restaurant sells {burgers main} at {price} each and {fries side} at {low} each. "
            "How much money does it take in from both?",
            "A restaurant charges {price} for a {main} and {low} for a {side}. On one evening it sells "
            "{burgers main} and {fries side}. How many dollars does it make with them?",
            "{who} runs a food stand. A {main} costs {price} there and a {side} costs {low}. Today {he} "
            "sold {burgers main} and {fries side}. How many dollars did {he} take in?",
        ),
        solve=(
            ("{main}_money", "burgers * price", "The {mains} bring in {=$}."),
            ("{side}_money", "fries * low", "The {sides} bring in {=$}."),
            ("ans", "{main}_money + {side}_money", "Together that is {=$}."),
        ),
    ),
    Template(
        "coffee_cups_per_month",
        {
            "cups": whole(2, 6),
            "spoons": whole(2, 4),
            "days": whole(10, 60, 5),
            "drink stuff": together("coffee/sugar", "tea/honey", "cocoa/cocoa powder", "milk/syrup"),
        },
        ask=(
            "{who} drinks {cups cup} of {drink} a day and puts {spoons spoon} of {stuff} in each cup. How "
            "many spoons of {stuff} does {he} use in {days day}?",
            "Every cup of {drink} that {who} drinks has {spoons spoon} of {stuff} in it. {he} drinks {cups "
            "cup} a day. How many spoons of {stuff} is that in {days day}?",
            "How many spoons of {stuff} does {who} need for {days day} if {he} drinks {cups cup} of {drink} "
            "a day with {spoons spoon} of {stuff} in each?",
        ),
        solve=(
            ("spoons_per_day", "cups * spoons", "Each day {who} uses {=} spoons."),
            ("ans", "spoons_per_day * days", "In that time {he} uses {=} spoons."),
        ),
    ),
    Template(
        "ice_cream_part_vanilla",
        {
            "cones": whole(30, 240, 6),
            "share": part("1/2", "1/3", "1/4", "2/3", "1/6"),
            "price": money(2, 5),
            "a b": together("vanilla/chocolate", "strawberry/lemon", "mint/caramel", "mango/coconut"),
        },
        ask=(
            "An ice cream van sells {cones} cones for {price} each. {share} of them are {a} cones. How much "
            "money does the van make with the {a} cones?",
            "{share} of the {cones} ice cream cones sold at a fair are {a} cones. A cone costs {price}. How "
            "many dollars do people pay for {a} cones?",
        ),
        solve=(
            ("{a}_cones", "cones * share", "There are {=} {a} cones."),
            ("ans", "{a}_cones * price", "They cost {=$}."),
        ),
    ),
    Template(
        "lunch_boxes_items_each",
        {
            "kids": whole(2, 6),
            "days": whole(5, 20, 5),
            "fruit": whole(1, 3),
            "sandwich": whole(2, 3),
            "meal": one_of("lunch box", "snack bag", "picnic box"),
        },
        ask=(
            "{who} packs a {meal} for each of {his} {kids} children on {days} school days. Each {meal} has "
            "{sandwich sandwich} and {fruit piece of fruit} in it. How many sandwiches and pieces of fruit "
            "does {he} pack altogether?",
            "Each {meal} that {who} packs holds {sandwich sandwich} and {fruit piece of fruit}. {he} packs "
            "one for each of {kids child} on {days day}. How many sandwiches and pieces of fruit is that in "
            "all?",
        ),
        solve=(
            ("items_per_{meal}", "sandwich + fruit", "Each {meal} has {=} items."),
            ("items_per_day", "items_per_{meal} * kids", "A day takes {=} items."),
            ("ans", "items_per_day * days", "Altogether {who} packs {=} items."),
        ),
    ),
    Template(
        "buffet_slices_not_used",
        {
            "slices": whole(10, 30, 2),
            "loaves": whole(3, 12),
            "left": whole(4, 40),
            "bread": one_of("loaf of bread", "block of cheese", "pack of ham", "fruit cake"),
        },
        ask=(
            "{who} buys {loaves bread} for a buffet. There are {slices slice} in each. At the end of the "
            "evening {left slice} are left. How many slices were eaten?",
            "For a buffet there are {loaves bread}, each with {slices slice}. The guests leave {left "
            "slice}. How many slices do they eat?",
        ),
        solve=(
            ("slices_in_all", "slices * loaves", "There are {=} slices."),
            ("ans", "slices_in_all - left", "So {=} slices were eaten."),
        ),
        check=("left * 2 < slices_in_all",),
    ),
    Template(
        "chef_hours_potatoes",
        {
            "rate": whole(2, 6),
            "minutes": whole(5, 30, 5),
            "cooks": whole(2, 6),
            "veg": one_of("potato", "carrot", "onion", "apple", "orange"),
        },
        ask=(
            "A cook peels {rate veg} a minute. How many {vegs} do {cooks cook} peel in {minutes minute} at "
            "this speed?",
            "{cooks cook} peel {vegs} for {minutes minute}. Each of them peels {rate veg} a minute. How "
            "many {vegs} do they peel?",
            "In a big kitchen, {cooks cook} stand side by side and peel {vegs}, each at a speed of {rate "
            "veg} a minute. How many {vegs} are peeled after {minutes minute}?",
        ),
        solve=(
            ("{vegs}_per_minute", "rate * cooks", "Together they peel {=} {vegs} a minute."),
            ("ans", "{vegs}_per_minute * minutes", "In that time they peel {=} {vegs}."),
        ),
    ),
    Template(
        "half_eaten_dumplings",
        {
            "made": whole(24, 160, 2),
            "share": part("1/2", "1/4", "1/3", "3/4"),
            "people": whole(2, 8),
            "food": one_of("dumpling", "meatball", "samosa", "taco", "pierogi"),
        },
        ask=(
            "{who} makes {made food} and freezes {share} of them. The rest is shared equally by {people "
            "person}. How many {foods} does each person get?",
            "Of {made food}, {who} puts {share} into the freezer and divides the others equally among "
            "{people guest}. How many {foods} does every guest get?",
            "{who} cooks {made food} for a dinner. {share} of them go into the freezer for later, and "
            "{people person} share the others equally. How many {foods} are there for each person?",
        ),
        solve=(
            ("{foods}_frozen", "made * share", "{who} freezes {=} {foods}."),
            ("{foods}_to_eat", "made - {foods}_frozen", "There are {=} {foods} to eat."),
            ("ans", "{foods}_to_eat / people", "Each one gets {=} {foods}."),
        ),
        check=("ans > 1",),
    ),
    Template(
        "spice_jars_weight",
        {
            "sack": decimal("1.5", "12", "0.5"),
            "jars": whole(2, 20),
            "spice": one_of("pepper", "paprika", "cinnamon", "salt", "dried mint"),
        },
        ask=(
            "{who} divides {sack} kilograms of {spice} equally between {jars jar}. How many kilograms of "
            "{spice} are in each jar?",
            "{jars jar} are filled equally with {sack} kilograms of {spice}. How many kilograms does one "
            "jar hold?",
        ),
        solve=(("ans", "sack / jars", "Each jar holds {=.} kilograms."),),
        check=("sack < jars",),
    ),
)
