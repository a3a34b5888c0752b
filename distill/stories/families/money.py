"""Money: buying, change, earning, saving and selling."""

from distill.stories.draws import money, one_of, times, together, whole
from distill.stories.template import Template

MONEY = (
    Template(
        "tickets_for_a_group",
        {
            "people": whole(3, 30),
            "price": money(4, 35),
            "event": one_of("concert", "play", "baseball game", "magic show", "movie", "circus"),
        },
        ask=(
            "A ticket for the {event} costs {price}. How much do {people person} pay [together|in total]?",
            "{people person} go to a {event}. If each ticket costs {price}, how much do they spend on "
            "tickets [altogether|in all]?",
            "{who} buys {people ticket} for a {event} at {price} each. How many dollars does {he} pay?",
        ),
        solve=(("ans", "people * price", "The tickets cost {=$}."),),
    ),
    Template(
        "money_left_after_one_purchase",
        {
            "budget": money(20, 150),
            "cost": money(6, 120),
            "thing": one_of(
                "a backpack", "a pair of shoes", "a scarf", "a lamp", "a board game", "a watch", "a cookbook"
            ),
        },
        ask=(
            "{who} goes to the store with {budget}. {he} buys {thing} for {cost}. How much money does {he} "
            "have left?",
            "{who} had {budget} before {he} paid {cost} for {thing}. How much does {he} have now?",
            "After spending {cost} of {his} {budget} on {thing}, how many dollars does {who} still have?",
        ),
        solve=(("ans", "budget - cost", "{who} has {=$} left."),),
        check=("cost * 4 > budget",),
    ),
    Template(
        "change_from_a_bill",
        {
            "count": whole(2, 9),
            "price": money("0.50", "4.75", "0.25"),
            "bill": money(10, 50, 10),
            "snack": one_of(
                "juice box", "sandwich", "ice cream cone", "bagel", "notebook", "pretzel", "postcard"
            ),
        },
        ask=(
            "{who} buys {count snack} that cost {price} each. {he} pays with a {bill} bill. How much change "
            "does {he} get?",
            "A {snack} costs {price}. {who} takes {count} of them and hands the cashier a {bill} bill. How "
            "many dollars of change should {he} get back?",
        ),
        solve=(
            ("cost", "count * price", "The {snacks} cost {=$}."),
            ("ans", "bill - cost", "{who} gets {=$} back."),
        ),
        check=("price != 1", "bill != 30", "bill != 40", "cost * 3 > bill"),
    ),
    Template(
        "two_kinds_of_tickets",
        {
            "adults": whole(2, 12),
            "kids": whole(2, 20),
            "high": money(8, 25),
            "low": money(3, 15),
            "place": one_of("zoo", "aquarium", "amusement park", "science museum", "water park"),
        },
        ask=(
            "At the {place}, an adult ticket costs {high} and a child ticket costs {low}. How much does a "
            "group of {adults adult} and {kids child} pay?",
            "A group of {adults adult} and {kids child} visits the {place}. Tickets are {high} for adults "
            "and {low} for children. What is the total cost of the tickets in dollars?",
        ),
        solve=(
            ("adult_tickets", "adults * high", "The adults pay {=$}."),
            ("child_tickets", "kids * low", "The children pay {=$}."),
            ("ans", "adult_tickets + child_tickets", "Together they pay {=$}."),
        ),
        check=("high > low",),
    ),
    Template(
        "hourly_pay_with_tip",
        {
            "wage": money(9, 24),
            "hours": whole(3, 9),
            "tips": money(8, 60),
            "job": one_of("waiter", "barber", "barista", "taxi driver", "tour guide"),
        },
        ask=(
            "{who} works as a {job} and earns {wage} an hour. On [Friday|Saturday|Monday] {he} worked "
            "{hours hour} and also got {tips} in tips. How much did {he} earn that day?",
            "As a {job}, {who} is paid {wage} per hour. Yesterday {he} worked for {hours hour} and received "
            "{tips} in tips as well. How many dollars did {he} make yesterday?",
            "On a busy day, {who} worked {hours hour} as a {job}. {his} pay is {wage} an hour, and the "
            "customers gave {him} {tips} in tips. How much money did {he} take home?",
        ),
        solve=(
            ("wages", "wage * hours", "For the hours {who} gets {=$}."),
            ("ans", "wages + tips", "With tips {who} earned {=$}."),
        ),
    ),
    Template(
        "saving_for_something_weekly",
        {
            "goal": money(60, 600, 5),
            "have": money(5, 200, 5),
            "weekly": money(5, 40, 5),
            "thing": one_of("bicycle", "guitar", "skateboard", "camera", "telescope", "drum set"),
        },
        ask=(
            "{who} wants to buy a {thing} that costs {goal}. {he} already has {have} and saves {weekly} "
            "every week. In how many weeks will {he} have enough money?",
            "A {thing} costs {goal}. {who} has saved {have} so far, and {he} puts aside {weekly} each week. "
            "How many weeks does {he} still have to save?",
            "{who} has {have} in {his} piggy bank and adds {weekly} every week. How many weeks will it take "
            "until {he} can pay for a {thing} that costs {goal}?",
        ),
        solve=(
            ("money_needed", "goal - have", "{who} still needs {=$}."),
            ("ans", "money_needed / weekly", "That takes {=} weeks."),
        ),
        check=("ans > 2",),
    ),
    Template(
        "lemonade_stand_profit",
        {
            "cups": whole(12, 90),
            "price": money("0.50", 3, "0.25"),
            "cost": money(4, 40),
            "drink": one_of("lemonade", "iced tea", "hot chocolate", "orange juice"),
        },
        ask=(
            "{who} sells {drink} at {price} a cup. {he} spent {cost} on [supplies|ingredients] and sold "
            "{cups cup}. How much profit did {he} make?",
            "For {his} {drink} stand, {who} bought supplies for {cost}. Then {he} sold {cups cup} for "
            "{price} each. How many dollars of profit did the stand make?",
            "{who} opened a {drink} stand. {cups cup} were sold at {price} each, but the supplies had cost "
            "{cost}. What was the profit in dollars?",
        ),
        solve=(
            ("sales", "cups * price", "{who} takes in {=$}."),
            ("ans", "sales - cost", "The profit is {=$}."),
        ),
        check=("ans > 5", "price != 1"),
    ),
    Template(
        "three_friends_split_the_bill",
        {
            "first": money(8, 40),
            "second": money(8, 40),
            "people": whole(3, 6),
            "meal extra": together(
                "pizzas/drinks", "burgers/desserts", "main dishes/starters", "noodles/spring rolls"
            ),
        },
        ask=(
            "{people friend} have dinner together. The {meal} cost {first} and the {extra} cost {second}. "
            "If they split the bill equally, how much does each of them pay?",
            "{who} and {his} friends are a group of {people person}. They order {meal} for {first} and "
            "{extra} for {second}, and everyone pays the same amount. How much does each person pay?",
        ),
        solve=(
            ("bill", "first + second", "The bill is {=$}."),
            ("ans", "bill / people", "Each one pays {=$}."),
        ),
        check=("first > second", "ans > 4"),
    ),
    Template(
        "unit_price_then_more",
        {
            "count": whole(3, 12),
            "total": money(3, 48),
            "more": whole(5, 30),
            "fruit": one_of("avocado", "pineapple", "grapefruit", "coconut", "mango"),
        },
        ask=(
            "{count fruit} cost {total}. At that price, how much do {more fruit} cost?",
            "{who} pays {total} for {count fruit}. How many dollars would {he} pay for {more fruit} at the "
            "same price?",
        ),
        solve=(
            ("price_of_one_{fruit}", "total / count", "One {fruit} costs {=$}."),
            ("ans", "price_of_one_{fruit} * more", "{more fruit} cost {=$}."),
        ),
        check=("total > count", "total <= 4 * count", "more != count"),
    ),
    Template(
        "shirts_and_pants_outfit",
        {
            "shirts": whole(2, 6),
            "price": money(8, 30),
            "k": times(2, 3),
            "wear": one_of("jacket", "dress", "coat", "suit"),
        },
        ask=(
            "{who} buys {shirts shirt} for {price} each and one {wear} that costs {k} as much as a single "
            "shirt. How much does {he} spend in all?",
            "A shirt costs {price}, and a {wear} costs {k} as much. How much do {shirts shirt} and one "
            "{wear} cost [together|altogether]?",
        ),
        solve=(
            ("cost_of_shirts", "shirts * price", "The shirts cost {=$}."),
            ("cost_of_{wear}", "price * k", "The {wear} costs {=$}."),
            ("ans", "cost_of_shirts + cost_of_{wear}", "Everything together costs {=$}."),
        ),
    ),
    Template(
        "gift_from_grandparents_and_chores",
        {
            "gift": money(10, 60, 5),
            "chores": whole(3, 12),
            "each": money(2, 8),
            "chore": one_of(
                "washing cars", "mowing lawns", "walking dogs", "raking yards", "cleaning windows"
            ),
        },
        ask=(
            "{who} gets {gift} from {his} grandparents. {he} also earns money by {chore}: {each} for each "
            "job, and {he} does {chores job}. How much money does {he} have [now|in total]?",
            "By {chore}, {who} makes {each} a job. This month {he} did {chores job}, and {his} grandparents "
            "gave {him} {gift} as well. How many dollars did {he} get this month?",
        ),
        solve=(
            ("earned", "each * chores", "{who} earns {=$} by {chore}."),
            ("ans", "gift + earned", "In total {he} has {=$}."),
        ),
    ),
    Template(
        "market_vegetables_by_weight",
        {
            "first": whole(2, 9),
            "second": whole(2, 9),
            "a": money("0.50", 4, "0.50"),
            "b": money("0.50", 4, "0.50"),
            "veg other": together("carrots/potatoes", "onions/tomatoes", "beans/peppers", "leeks/cucumbers"),
        },
        ask=(
            "{who} buys {first pound} of {veg} at {a} a pound and {second pound} of {other} at {b} a pound. "
            "How much does {he} pay in total?",
            "At the market, {veg} cost {a} per pound and {other} cost {b} per pound. What is the price of "
            "{first pound} of {veg} and {second pound} of {other} together, in dollars?",
        ),
        solve=(
            ("cost_of_{veg}", "first * a", "The {veg} cost {=$}."),
            ("cost_of_{other}", "second * b", "The {other} cost {=$}."),
            ("ans", "cost_of_{veg} + cost_of_{other}", "Together that is {=$}."),
        ),
        check=("a != b",),
    ),
    Template(
        "coins_in_a_piggy_bank",
        {"quarters": whole(4, 40, 4), "dimes": whole(10, 60, 10)},
        ask=(
            "{who} opens {his} piggy bank and finds {quarters quarter} and {dimes dime}. A quarter is worth "
            "25 cents and a dime is worth 10 cents. How many cents does {who} have?",
            "There are {quarters} quarters and {dimes} dimes in {who}'s piggy bank. A quarter is 25 cents, "
            "a dime is 10 cents. How many cents is that altogether?",
        ),
        solve=(
            ("cents_in_quarters", "quarters * 25", "The quarters are worth {=} cents."),
            ("cents_in_dimes", "dimes * 10", "The dimes are worth {=} cents."),
            ("ans", "cents_in_quarters + cents_in_dimes", "Altogether there are {=} cents."),
        ),
    ),
    Template(
        "raise_in_wage_over_hours",
        {
            "wage": money(10, 25),
            "more": money(1, 6),
            "hours": whole(10, 40, 5),
            "work": one_of("bakery", "garage", "bookstore", "hotel", "warehouse"),
        },
        ask=(
            "{who} earned {wage} an hour at the {work}. Now {he} gets {more} more per hour. How much does "
            "{he} earn in a week of {hours hour}?",
            "At the {work}, {who}'s pay of {wage} an hour goes up by {more} an hour. How many dollars does "
            "{he} now make for {hours hour} of work?",
        ),
        solve=(
            ("new_wage", "wage + more", "{who} now earns {=$} an hour."),
            ("ans", "new_wage * hours", "For the week that is {=$}."),
        ),
    ),
)
