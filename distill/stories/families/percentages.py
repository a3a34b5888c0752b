"""Percentages: parts of a hundred, discounts, tips, taxes, growth."""

from distill.stories.draws import money, one_of, percent, together, whole
from distill.stories.template import Template

PERCENTAGES = (
    Template(
        "students_with_pets",
        {
            "total": whole(20, 400, 5),
            "rate": percent(5, 95),
            "group feature": together(
                "students/ride the bus to school",
                "students/have a pet",
                "workers/live in the city",
                "visitors/are children",
                "guests/are vegetarian",
                "club members/play chess",
                "tennis players/are left-handed",
            ),
        },
        ask=(
            "There are {total} {group}, and {rate} of them {feature}. How many {group} {feature}?",
            "Out of {total} {group}, {rate} {feature}. How many {group} is that?",
            "{rate} of {total} {group} {feature}. How many of them {feature}?",
        ),
        solve=(("ans", "total * rate / 100", "So {=} {group} {feature}."),),
        check=("ans > 2",),
    ),
    Template(
        "discount_on_clothes",
        {
            "price": money(20, 200, 5),
            "rate": percent(5, 60),
            "thing": one_of("jacket", "dress", "sweater", "pair of boots", "raincoat", "handbag"),
        },
        ask=(
            "A {thing} costs {price}. During a sale it is {rate} off. How much does the {thing} cost in the "
            "sale?",
            "{who} buys a {thing} with a regular price of {price} at a {rate} discount. How many dollars "
            "does {he} pay?",
            "The price of a {thing} is {price}, but today the store takes {rate} off. What is the price "
            "today?",
        ),
        solve=(
            ("discount", "price * rate / 100", "The discount is {=$}."),
            ("ans", "price - discount", "The {thing} costs {=$}."),
        ),
    ),
    Template(
        "tip_on_a_meal",
        {
            "bill": money(20, 160, 2),
            "rate": percent(10, 25),
            "meal": one_of("lunch", "dinner", "breakfast", "brunch"),
        },
        ask=(
            "{who} has {meal} at a restaurant. The bill is {bill} and {he} leaves a {rate} tip. How much "
            "does {he} pay [in total|altogether]?",
            "The bill for {meal} comes to {bill}. {who} adds a tip of {rate}. How many dollars does {he} "
            "pay in all?",
            "After {meal} with friends, {who} pays the bill of {bill} and adds {rate} of it as a tip. How "
            "much does {he} spend in all?",
        ),
        solve=(
            ("tip", "bill * rate / 100", "The tip is {=$}."),
            ("ans", "bill + tip", "{who} pays {=$}."),
        ),
    ),
    Template(
        "sales_tax_on_two_items",
        {
            "a": money(10, 90),
            "b": money(10, 90),
            "rate": percent(4, 12, 1),
            "first second": together(
                "book/lamp", "chair/table", "hammer/drill", "kettle/toaster", "tent/sleeping bag"
            ),
        },
        ask=(
            "{who} buys a {first} for {a} and a {second} for {b}. A sales tax of {rate} is added. How much "
            "does {he} pay altogether?",
            "A {first} costs {a} and a {second} costs {b} before tax. If the tax is {rate}, how many "
            "dollars does {who} pay for both?",
        ),
        solve=(
            ("price_before_tax", "a + b", "Before tax the price is {=$}."),
            ("tax", "price_before_tax * rate / 100", "The tax is {=$}."),
            ("ans", "price_before_tax + tax", "{who} pays {=$}."),
        ),
        check=("b > a",),
    ),
    Template(
        "town_population_growth",
        {
            "people": whole(400, 9000, 100),
            "rate": percent(5, 40),
            "place": one_of("village", "town", "island"),
        },
        ask=(
            "A {place} had {people person} ten years ago. Since then the population has grown by {rate}. "
            "How many people live in the {place} now?",
            "The population of a {place} was {people}. It increased by {rate}. What is the population now?",
            "Ten years ago, {people person} lived in a {place}. Today there are {rate} more. How many "
            "people are there today?",
        ),
        solve=(
            ("new_people", "people * rate / 100", "There are {=} new people."),
            ("ans", "people + new_people", "Now {=} people live there."),
        ),
    ),
    Template(
        "rest_after_percent_is_given",
        {
            "total": whole(40, 600, 10),
            "rate": percent(10, 80),
            "item": one_of("stamp", "comic book", "coin", "baseball card", "fossil"),
        },
        ask=(
            "{who} owns {total item}. {he} gives {rate} of them to {friend}. How many {items} does {who} "
            "have left?",
            "{who} gave {rate} of {his} {total item} away. How many {items} did {he} keep?",
            "{who} decides to give {rate} of {his} {items} to a museum. {he} has {total} of them. How many "
            "{items} will {he} have after that?",
        ),
        solve=(
            ("{items}_given", "total * rate / 100", "{who} gives away {=} {items}."),
            ("ans", "total - {items}_given", "{who} has {=} {items} left."),
        ),
    ),
    Template(
        "test_score_percent_correct",
        {
            "right": whole(6, 95),
            "total": whole(20, 100, 5),
            "test": one_of("spelling test", "science quiz", "history exam", "math test", "driving test"),
        },
        ask=(
            "{who} answered {right} of {total} questions correctly on a {test}. What percent of the "
            "questions did {he} get right?",
            "On a {test} with {total question}, {who} got {right} right. What percentage did {he} answer "
            "correctly?",
        ),
        solve=(("ans", "right * 100 / total", "{who} got {=%} right."),),
        check=("right < total", "right * 3 > total", "total != 100"),
    ),
    Template(
        "commission_of_a_seller",
        {
            "base": money(200, 900, 50),
            "sales": money(1000, 9000, 100),
            "rate": percent(2, 12, 1),
            "thing": one_of("cars", "furniture", "computers", "insurance", "kitchens"),
        },
        ask=(
            "{who} sells {thing}. {he} earns {base} a week plus a commission of {rate} of {his} sales. Last "
            "week {he} sold {thing} for {sales}. How much did {he} earn?",
            "Each week {who} is paid {base} plus {rate} of the value of the {thing} {he} sells. In one week "
            "{he} sold {thing} worth {sales}. How many dollars did {he} earn that week?",
        ),
        solve=(
            ("commission", "sales * rate / 100", "The commission is {=$}."),
            ("ans", "base + commission", "{who} earned {=$}."),
        ),
    ),
    Template(
        "third_color_by_percentages",
        {
            "total": whole(60, 800, 20),
            "a": percent(10, 45),
            "b": percent(10, 45),
            "where thing x y z": together(
                "garden/flower/roses/tulips/lilies",
                "park/tree/oaks/maples/birches",
                "orchard/tree/apple trees/pear trees/plum trees",
                "parking lot/car/white/gray/red",
                "barn/chicken/brown/white/black",
            ),
        },
        ask=(
            "There are {total thing} in a {where}. {a} of them are {x}, {b} are {y}, and the rest are {z}. "
            "How many are {z}?",
            "A {where} has {total thing}: {a} are {x}, {b} are {y}, and all the others are {z}. How many "
            "{things} are {z}?",
        ),
        solve=(
            ("percent_{x}_and_{y}", "a + b", "Together {=%} of the {things} are {x} or {y}."),
            ("percent_{z}", "100 - percent_{x}_and_{y}", "That leaves {=%} of the {things}, which are {z}."),
            ("ans", "total * percent_{z} / 100", "So {=} {things} are {z}."),
        ),
    ),
    Template(
        "savings_account_interest",
        {"sum": money(200, 5000, 100), "rate": percent(2, 10, 1), "years": whole(2, 6)},
        ask=(
            "{who} puts {sum} into a savings account that pays {rate} simple interest per year on that "
            "amount. How much money is in the account after {years year}?",
            "A bank pays {rate} simple interest a year. {who} deposits {sum} and leaves it there for {years "
            "year}. How many dollars does {he} have in the account then?",
        ),
        solve=(
            ("interest_per_year", "sum * rate / 100", "The interest is {=$} a year."),
            ("interest", "interest_per_year * years", "Over that time it is {=$}."),
            ("ans", "sum + interest", "{who} then has {=$}."),
        ),
    ),
    Template(
        "shop_markup_per_item_total",
        {
            "cost": money(4, 30, 2),
            "rate": percent(20, 90, 10),
            "count": whole(5, 40, 5),
            "item": one_of("vase", "candle", "picture frame", "mirror", "mug"),
        },
        ask=(
            "A shop buys {items} for {cost} each and sells them at a price that is {rate} higher. How much "
            "profit does the shop make by selling {count item}?",
            "{who} buys {items} at {cost} each and adds {rate} to the price when {he} sells them. What is "
            "{his} profit, in dollars, on {count item}?",
        ),
        solve=(
            ("profit_per_{item}", "cost * rate / 100", "The profit on one {item} is {=$}."),
            ("ans", "profit_per_{item} * count", "On all of them the profit is {=$}."),
        ),
    ),
    Template(
        "phone_battery_drain",
        {
            "start": percent(60, 100, 5),
            "drop": percent(4, 15, 1),
            "hours": whole(2, 9),
            "device": one_of("phone", "tablet", "laptop", "camera"),
        },
        ask=(
            "{who}'s {device} battery is at {start}. While {he} uses it, the battery level drops by {drop} "
            "of the full charge every hour. What percent is left after {hours hour}?",
            "The battery of a {device} shows {start}. It loses {drop} of its full charge each hour. What "
            "percentage does it show after {hours hour}?",
        ),
        solve=(
            ("percent_used", "drop * hours", "The {device} uses {=%} of its charge."),
            ("ans", "start - percent_used", "The battery shows {=%}."),
        ),
    ),
    Template(
        "coupon_after_percentage",
        {
            "price": money(40, 300, 10),
            "rate": percent(10, 50, 5),
            "coupon": money(2, 20),
            "thing": one_of("microwave", "bookshelf", "vacuum cleaner", "printer", "coffee machine"),
        },
        ask=(
            "A {thing} costs {price}. The store takes {rate} off, and {who} also has a coupon for {coupon} "
            "off the reduced price. How much does {he} pay?",
            "{who} buys a {thing} that normally costs {price}. First {rate} is taken off the price, then a "
            "coupon takes off another {coupon}. How many dollars does {who} pay?",
            "The regular price of a {thing} is {price}. {who} gets {rate} off and then uses a coupon worth "
            "{coupon}. What does {he} pay in the end, in dollars?",
        ),
        solve=(
            ("discount", "price * rate / 100", "The discount is {=$}."),
            ("reduced_price", "price - discount", "The reduced price is {=$}."),
            ("ans", "reduced_price - coupon", "{who} pays {=$}."),
        ),
    ),
    Template(
        "juice_content_of_a_drink",
        {
            "rate": percent(10, 80, 5),
            "size": whole(200, 500, 50),
            "glasses": whole(2, 8),
            "drink part": together("fruit drink/juice", "punch/juice", "milkshake/milk", "smoothie/yogurt"),
        },
        ask=(
            "A {drink} is {rate} {part}. {who} fills {glasses glass} with {size milliliter} of the {drink} "
            "each. How many milliliters of {part} is that in total?",
            "{who} makes {glasses glass} of {drink}, each with {size milliliter}. If {rate} of the {drink} "
            "is {part}, how many milliliters of {part} does {he} need?",
        ),
        solve=(
            ("milliliters_of_{drink}", "glasses * size", "{who} makes {=} milliliters of {drink}."),
            ("ans", "milliliters_of_{drink} * rate / 100", "Of that, {=} milliliters are {part}."),
        ),
    ),
)
