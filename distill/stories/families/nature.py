"""Farms, animals and the outdoors; also stories told backwards, where the start is asked for."""

from distill.stories.draws import decimal, money, one_of, percent, times, together, whole
from distill.stories.template import Template

NATURE = (
    Template(
        "apples_before_giving_away",
        {
            "given": whole(5, 90),
            "left": whole(4, 120),
            "fruit": one_of("apple", "plum", "lemon", "walnut", "fig"),
        },
        ask=(
            "{who} picked some {fruits}. After {he} gave {given} of them to {friend}, {he} had {left} left. "
            "How many {fruits} did {who} pick?",
            "When {who} gave {friend} {given fruit}, {he} had {left fruit} left. How many {fruits} did "
            "{who} have at first?",
        ),
        solve=(("ans", "given + left", "{who} had {=} {fruits}."),),
    ),
    Template(
        "birds_fly_away",
        {
            "start": whole(18, 150),
            "gone": whole(5, 120),
            "animal place": together(
                "bird/in a tree",
                "duck/on a lake",
                "frog/by a pond",
                "butterfly/in a meadow",
                "seal/on a beach",
                "pigeon/on a roof",
            ),
        },
        ask=(
            "There were {start animal} {place}. Then {gone} of them left. How many {animals} stayed?",
            "Of {start animal} {place}, {gone} moved away when {who} came closer. How many {animals} "
            "remained?",
        ),
        solve=(("ans", "start - gone", "So {=} {animals} stayed."),),
    ),
    Template(
        "legs_on_a_farm",
        {
            "cows": whole(3, 40),
            "hens": whole(4, 60),
            "big small": together("cow/chicken", "horse/duck", "sheep/goose", "goat/turkey", "pig/hen"),
        },
        ask=(
            "A farmer has {cows big} and {hens small}. A {big} has four legs and a {small} has two. How "
            "many legs do all these animals have?",
            "On a farm there are {cows big} with 4 legs each and {hens small} with 2 legs each. How many "
            "legs are there in total?",
        ),
        solve=(
            ("legs_of_{bigs}", "cows * 4", "The {bigs} have {=} legs."),
            ("legs_of_{smalls}", "hens * 2", "The {smalls} have {=} legs."),
            ("ans", "legs_of_{bigs} + legs_of_{smalls}", "Together they have {=} legs."),
        ),
    ),
    Template(
        "trees_planted_and_lost",
        {
            "rows": whole(5, 30),
            "each": whole(6, 30),
            "lost": whole(4, 60),
            "new": whole(5, 80),
            "tree": one_of("pine", "oak", "maple", "olive tree", "spruce"),
        },
        ask=(
            "A forester plants {rows row} of {trees} with {each} in each row. A storm destroys {lost} of "
            "them, and the forester plants {new} new ones. How many {trees} are there in the end?",
            "In {rows row} there are {each tree} each. {lost} of the {trees} die in a dry summer, then "
            "{new} more are planted. How many {trees} are there now?",
        ),
        solve=(
            ("{trees}_planted", "rows * each", "At first there are {=} {trees}."),
            ("{trees}_left", "{trees}_planted - lost", "Then {=} {trees} are left."),
            ("ans", "{trees}_left + new", "In the end there are {=} {trees}."),
        ),
        check=("lost * 2 < rows * each", "lost != new"),
    ),
    Template(
        "hay_for_the_horses",
        {
            "bales": whole(60, 600),
            "horses": whole(3, 20),
            "each": whole(1, 4),
            "animal": one_of("horse", "cow", "elephant", "donkey", "llama"),
        },
        ask=(
            "A stable has {bales bale} of hay. There are {horses animal}, and each of them eats {each bale} "
            "a week. For how many weeks does the hay last?",
            "{horses animal} eat {each bale} of hay each per week. How many weeks do {bales bale} last them?",
        ),
        solve=(
            ("bales_per_week", "horses * each", "The {animals} eat {=} bales a week."),
            ("ans", "bales / bales_per_week", "The hay lasts {=} weeks."),
        ),
        check=("ans > 2", "each > 1", "ans < 52"),
    ),
    Template(
        "milk_of_the_cows_sold",
        {
            "cows": whole(4, 40),
            "liters": whole(8, 30),
            "kept": whole(5, 60),
            "price": money("0.50", 2, "0.25"),
            "animal": one_of("cow", "goat", "buffalo"),
        },
        ask=(
            "A farmer has {cows animal}. Each one gives {liters liter} of milk a day. The farmer keeps "
            "{kept liter} for the family and sells the rest for {price} a liter. How much money does the "
            "farmer make each day?",
            "On a farm, {cows animal} give {liters liter} of milk each per day. {kept liter} are used on "
            "the farm, and the rest is sold at {price} per liter. How many dollars does the milk bring in a "
            "day?",
        ),
        solve=(
            ("liters_of_milk", "cows * liters", "The {animals} give {=} liters."),
            ("liters_sold", "liters_of_milk - kept", "The farmer sells {=} liters."),
            ("ans", "liters_sold * price", "That makes {=$}."),
        ),
        check=("kept * 3 < liters_of_milk",),
    ),
    Template(
        "honey_from_hives",
        {
            "hives": whole(3, 30),
            "each": whole(8, 40),
            "jar": whole(2, 6),
            "bee": one_of("beekeeper", "farmer", "gardener"),
        },
        ask=(
            "A {bee} has {hives hive} that give {each pound} of honey each. The honey is filled into jars "
            "of {jar pound}. How many jars are filled?",
            "Each of a {bee}'s {hives} hives gives {each pound} of honey. If one jar holds {jar pound}, how "
            "many jars does the {bee} need?",
        ),
        solve=(
            ("pounds_of_honey", "hives * each", "There are {=} pounds of honey."),
            ("ans", "pounds_of_honey / jar", "That fills {=} jars."),
        ),
    ),
    Template(
        "plant_growth_weekly",
        {
            "start": whole(3, 30),
            "growth": whole(2, 9),
            "weeks": whole(3, 14),
            "plant": one_of("sunflower", "bamboo plant", "tomato plant", "vine", "young tree"),
        },
        ask=(
            "A {plant} is {start centimeter} tall and grows {growth centimeter} a week. How many "
            "centimeters tall is it after {weeks week}?",
            "{who} measures a {plant}: it is {start centimeter} tall. Every week it grows by {growth "
            "centimeter}. What is its height in centimeters {weeks week} later?",
        ),
        solve=(
            ("growth_in_centimeters", "growth * weeks", "It grows {=} centimeters."),
            ("ans", "start + growth_in_centimeters", "Then it is {=} centimeters tall."),
        ),
    ),
    Template(
        "cherries_picked_per_day",
        {
            "a": whole(12, 80),
            "b": whole(12, 80),
            "c": whole(12, 80),
            "buckets": whole(3, 12),
            "berry": one_of("cherry", "strawberry", "blueberry", "raspberry"),
            "unit": one_of("pound", "kilogram"),
        },
        ask=(
            "{who}'s family picks {a unit} of {berrys} on Friday, {b unit} on Saturday and {c unit} on "
            "Sunday. They fill all of them equally into {buckets basket}. How many {units} are in each "
            "basket?",
            "On three days {who} picks {a}, {b} and {c} {units} of {berrys}. {he} divides them all equally "
            "between {buckets basket}. How many {units} go into each basket?",
        ),
        solve=(
            ("{units}_of_{berrys}", "a + b + c", "In all there are {=} {units} of {berrys}."),
            ("ans", "{units}_of_{berrys} / buckets", "Each basket holds {=} {units}."),
        ),
    ),
    Template(
        "hike_of_three_days",
        {
            "total": whole(24, 90),
            "a": whole(6, 30),
            "b": whole(6, 30),
            "path": one_of("trail", "coast path", "pilgrim route", "canyon trail"),
        },
        ask=(
            "{who} hikes a {path} of {total mile} in three days. {he} walks {a mile} on the first day and "
            "{b mile} on the second. How many miles are left for the third day?",
            "A {path} is {total mile} long. On the first two days {who} hikes {a mile} and {b mile}. How "
            "many miles does {he} have to hike on the third and last day?",
        ),
        solve=(
            ("miles_hiked", "a + b", "In two days {who} hikes {=} miles."),
            ("ans", "total - miles_hiked", "For the third day {=} miles are left."),
        ),
        check=("a != b", "ans < 31", "ans > 3"),
    ),
    Template(
        "rabbits_double_and_given",
        {
            "start": whole(4, 40),
            "k": times(2, 4),
            "sold": whole(3, 60),
            "pet": one_of("rabbit", "guinea pig", "goldfish", "hamster", "snail"),
        },
        ask=(
            "{who} had {start pet} last year. This year {he} has {k} as many. If {he} gives {sold} of them "
            "to a pet shop, how many {pets} does {he} have left?",
            "The number of {pets} {who} keeps is now {k} what it was last year, when {he} had {start}. {he} "
            "gives away {sold} of them. How many {pets} remain?",
        ),
        solve=(
            ("{pets}_this_year", "start * k", "This year {who} has {=} {pets}."),
            ("ans", "{pets}_this_year - sold", "{he} has {=} {pets} left."),
        ),
    ),
    Template(
        "rainfall_of_four_weeks",
        {
            "a": decimal("0.5", "4.5", "0.5"),
            "b": decimal("0.5", "4.5", "0.5"),
            "land": one_of("the valley", "the desert", "a coastal town", "the hills"),
        },
        ask=(
            "In {land}, {a} inches of rain fell in May and {b} inches fell in June. How many inches of rain "
            "fell in the two months together?",
            "It rained {a} inches in {land} in the first week and {b} inches in the second week. How many "
            "inches of rain is that altogether?",
        ),
        solve=(("ans", "a + b", "Together {=.} inches of rain fell."),),
        check=("a != b", "a != 1", "b != 1"),
    ),
    Template(
        "dog_food_days",
        {"bag": whole(12, 120), "dogs": whole(2, 5), "pet": one_of("dog", "cat", "parrot", "hedgehog")},
        ask=(
            "A bag of food has {bag cup} of food in it. If {who}'s {pets} eat {dogs cup} a day in all, for "
            "how many days does the bag last?",
            "{who} feeds {his} {pets} {dogs cup} of food a day. How many days does a bag with {bag cup} "
            "last?",
        ),
        solve=(("ans", "bag / dogs", "The bag lasts {=} days."),),
        check=("ans > 3",),
    ),
    Template(
        "market_eggs_percent_broken",
        {
            "boxes": whole(5, 40),
            "each": whole(10, 30, 10),
            "rate": percent(5, 30, 5),
            "thing": one_of("egg", "flower pot", "jar of jam", "glass bottle"),
        },
        ask=(
            "A farmer takes {boxes box} with {each thing} each to the market. On the way {rate} of the "
            "{things} break. How many {things} are still whole?",
            "{boxes box} hold {each thing} each. {rate} of all the {things} get broken on a bumpy road. How "
            "many {things} are not broken?",
        ),
        solve=(
            ("{things}_in_all", "boxes * each", "There are {=} {things}."),
            ("{things}_broken", "{things}_in_all * rate / 100", "On the way {=} {things} break."),
            ("ans", "{things}_in_all - {things}_broken", "So {=} {things} are still whole."),
        ),
    ),
    Template(
        "chickens_eggs_times",
        {
            "hens": whole(5, 60),
            "eggs": whole(3, 6),
            "weeks": whole(2, 8),
            "bird": one_of("hen", "duck", "quail", "goose"),
        },
        ask=(
            "A {bird} on {who}'s farm lays {eggs egg} a week. {who} has {hens bird}. How many eggs do they "
            "lay in {weeks week}?",
            "How many eggs do {hens bird} lay in {weeks week} if each of them lays {eggs egg} per week?",
        ),
        solve=(
            ("eggs_per_week", "hens * eggs", "They lay {=} eggs a week."),
            ("ans", "eggs_per_week * weeks", "In that time they lay {=} eggs."),
        ),
    ),
)
