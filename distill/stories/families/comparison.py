"""Comparison: more than, fewer than, times as many, differences and totals."""

from distill.stories.draws import money, one_of, part, times, together, whole
from distill.stories.template import Template

COMPARISON = (
    Template(
        "stickers_more_than_friend",
        {
            "mine": whole(15, 180),
            "more": whole(5, 90),
            "item": one_of("sticker", "stamp", "trading card", "seashell", "comic book"),
        },
        ask=(
            "{who} has {mine item}. {friend} has {more} more {items} than {who}. How many {items} does "
            "{friend} have?",
            "{friend} owns {more} more {items} than {who}, who owns {mine}. How many {items} does {friend} "
            "own?",
            "{friend} and {who} both collect {items}. {who} has {mine} of them so far, and {friend} has "
            "{more} more. How many are in {friend}'s collection?",
        ),
        solve=(("ans", "mine + more", "{friend} has {=} {items}."),),
    ),
    Template(
        "height_difference",
        {
            "tall": whole(60, 900),
            "short": whole(20, 800),
            "thing": one_of("tower", "skyscraper", "cliff", "waterfall", "bridge"),
        },
        ask=(
            "One {thing} is {tall foot} tall and another {thing} is {short foot} tall. How much taller, in "
            "feet, is the first {thing}?",
            "The taller of two {things} measures {tall foot}, the shorter one {short foot}. What is the "
            "difference in height, in feet?",
        ),
        solve=(("ans", "tall - short", "The difference is {=} feet."),),
        check=("short * 2 > tall",),
    ),
    Template(
        "fish_caught_times",
        {
            "mine": whole(3, 25),
            "k": times(2, 6),
            "catch act do": together(
                "fish/caught/catch",
                "mushroom/picked/pick",
                "bird/spotted/spot",
                "bug/found/find",
                "goal/scored/score",
            ),
        },
        ask=(
            "{who} {act} {mine catch}. {friend} {act} {k} as many. How many {catchs} did {friend} {do}?",
            "This season {friend} {act} {k} as many {catchs} as {who}. If {who} {act} {mine}, how many did "
            "{friend} {do}?",
        ),
        solve=(("ans", "mine * k", "{friend} {act} {=} {catchs}."),),
    ),
    Template(
        "books_read_together",
        {
            "mine": whole(4, 60),
            "k": times(2, 5),
            "unit act": together("book/read", "picture/drew", "song/learned", "poem/wrote", "puzzle/solved"),
        },
        ask=(
            "{who} {act} {mine unit} during the summer, and {friend} {act} {k} as many. How many {units} is "
            "that [altogether|for the two of them together]?",
            "Last year {who} {act} {mine unit}. {friend} {act} {k} as many {units} as {who}. What is the "
            "total for the two of them?",
            "{friend} {act} {k} as many {units} as {who} this year. If {who} {act} {mine}, how many {units} "
            "is that for both of them together?",
        ),
        solve=(
            ("{units}_of_{friend}", "mine * k", "{friend} {act} {=} {units}."),
            ("ans", "mine + {units}_of_{friend}", "Together that is {=} {units}."),
        ),
    ),
    Template(
        "boxes_sold_over_three_days",
        {
            "monday": whole(12, 90),
            "k": times(2, 4),
            "less": whole(3, 40),
            "thing": one_of("sandwich", "loaf", "pizza", "salad", "bowl of soup", "slice of pie"),
        },
        ask=(
            "A [cafe|deli|snack bar] sold {monday thing} on Monday. On Tuesday it sold {k} as many, and on "
            "Wednesday it sold {less} fewer than on Tuesday. How many {things} did it sell on Wednesday?",
            "On Monday {monday thing} were sold in a [cafe|school cafeteria]. Tuesday's sales were {k} as "
            "high as Monday's, and on Wednesday {less} fewer were sold than on Tuesday. How many {things} "
            "were sold on Wednesday?",
        ),
        solve=(
            ("{things}_on_tuesday", "monday * k", "On Tuesday {=} {things} were sold."),
            ("ans", "{things}_on_tuesday - less", "On Wednesday {=} {things} were sold."),
        ),
    ),
    Template(
        "three_people_points",
        {
            "first": whole(8, 60),
            "more": whole(2, 25),
            "k": times(2, 3),
            "game": one_of("basketball game", "card game", "video game", "quiz", "darts match"),
        },
        ask=(
            "In a {game}, {who} scored {first point}. {friend} scored {more} points more than {who}, and "
            "{third} scored {k} as many points as {friend}. How many points did {third} score?",
            "{third} scored {k} as many points as {friend} in a {game}. {friend} scored {more} more than "
            "{who}, and {who} scored {first point}. How many points did {third} score?",
            "How many points did {third} score in a {game}, if {who} scored {first}, {friend} scored {more} "
            "more than that, and {third} scored {k} as many as {friend}?",
        ),
        solve=(
            ("points_of_{friend}", "first + more", "{friend} scored {=} points."),
            ("ans", "points_of_{friend} * k", "{third} scored {=} points."),
        ),
    ),
    Template(
        "team_total_of_three",
        {
            "a": whole(10, 60),
            "less": whole(2, 30),
            "k": times(2, 4),
            "thing": one_of("can", "bottle", "coat", "toy", "old phone"),
            "why": one_of("food drive", "recycling week", "charity drive", "school project"),
        },
        ask=(
            "For a {why}, {who} collects {a thing}. {friend} collects {less} fewer than {who}, and {third} "
            "collects {k} as many as {who}. How many {things} do the three of them collect [in "
            "all|altogether]?",
            "{who}, {friend} and {third} collect {things} for a {why}. {who} brings {a}, {friend} brings "
            "{less} fewer than that, and {third} brings {k} as many as {who}. How many {things} do they "
            "bring in total?",
        ),
        solve=(
            ("{things}_of_{friend}", "a - less", "{friend} collects {=} {things}."),
            ("{things}_of_{third}", "a * k", "{third} collects {=} {things}."),
            ("ans", "a + {things}_of_{friend} + {things}_of_{third}", "Together they collect {=} {things}."),
        ),
    ),
    Template(
        "half_as_many_blue",
        {
            "red": whole(8, 120, 2),
            "share": part("1/2", "1/3", "1/4", "3/4"),
            "item c d": together(
                "marble/red/blue",
                "bead/green/white",
                "tile/black/yellow",
                "tulip/pink/orange",
                "bead/silver/gold",
            ),
        },
        ask=(
            "A bag has {red} {c} {items} and {share} as many {d} ones. How many {items} are in the bag "
            "altogether?",
            "{who} has {red} {c} {items} and {share} as many {d} {items}. How many {items} does {he} have "
            "in total?",
            "In {who}'s basket there are {red} {c} {items}. There are only {share} as many {d} ones. How "
            "many {items} are in the basket?",
        ),
        solve=(
            ("{d}_{items}", "red * share", "There are {=} {d} {items}."),
            ("ans", "red + {d}_{items}", "Altogether there are {=} {items}."),
        ),
    ),
    Template(
        "temperature_drop",
        {
            "noon": whole(40, 100),
            "drop": whole(5, 28),
            "time": one_of("midnight", "sunset", "the evening", "the next morning"),
        },
        ask=(
            "At noon the temperature was {noon degree}. By {time} it had fallen by {drop degree}. What was "
            "the temperature, in degrees, then?",
            "The temperature fell by {drop degree} between noon and {time}. It was {noon degree} at noon. "
            "How many degrees was it at the end?",
        ),
        solve=(("ans", "noon - drop", "The temperature was {=} degrees."),),
    ),
    Template(
        "steps_walked_three_times",
        {"a": whole(4000, 9000, 100), "less": whole(200, 1900, 100), "goal": whole(12000, 20000, 500)},
        ask=(
            "{who} wants to walk {goal step} over two days. On the first day {he} walks {a step}, and on "
            "the second day {he} walks {less} fewer than on the first. How many steps is {he} short of "
            "{his} goal?",
            "On Saturday {who} took {a step}. On Sunday {he} took {less} fewer steps than on Saturday. "
            "{his} goal for the weekend was {goal step}. By how many steps did {he} miss it?",
        ),
        solve=(
            ("steps_second_day", "a - less", "On the second day {who} walks {=} steps."),
            ("steps_both_days", "a + steps_second_day", "On both days that is {=} steps."),
            ("ans", "goal - steps_both_days", "{who} is short of {=} steps."),
        ),
    ),
    Template(
        "lengths_of_two_rivers",
        {"long": whole(120, 900, 2), "k": times(2, 4), "way": one_of("river", "road", "railway", "canal")},
        ask=(
            "A {way} is {long} miles long. That is {k} the length of a second {way}. How many miles long is "
            "the second {way}?",
            "One {way} is {k} as long as another. If the longer {way} is {long mile} long, how many miles "
            "long is the shorter one?",
        ),
        solve=(("ans", "long / k", "The shorter {way} is {=} miles long."),),
    ),
    Template(
        "siblings_savings_gap",
        {
            "a": money(30, 300),
            "spent": money(5, 80),
            "b": money(10, 150),
            "kin": one_of("brother", "sister", "cousin"),
        },
        ask=(
            "{who} has {a} and spends {spent}. {his} {kin} has {b}. How many dollars more than {his} {kin} "
            "does {who} have now?",
            "After {who} spent {spent} of {his} {a}, {he} still had more money than {his} {kin}, who had "
            "{b}. How many dollars more?",
            "{who} and {his} {kin} compare their savings. {who} had {a} but has just spent {spent}; {his} "
            "{kin} has {b}. By how many dollars is {who} still ahead?",
        ),
        solve=(
            ("money_left", "a - spent", "{who} has {=$} left."),
            ("ans", "money_left - b", "That is {=$} more than the {kin} has."),
        ),
    ),
    Template(
        "weights_of_pets",
        {
            "cat": whole(6, 15),
            "k": times(2, 6),
            "more": whole(2, 20),
            "big small": together("dog/cat", "pig/puppy", "goat/rabbit", "lamb/goose"),
        },
        ask=(
            "A {small} weighs {cat pound}. A {big} weighs {more} pounds more than {k} the weight of the "
            "{small}. How many pounds does the {big} weigh?",
            "The weight of a {big} is {k} the weight of a {small} plus {more} pounds. The {small} weighs "
            "{cat pound}. What is the weight of the {big} in pounds?",
        ),
        solve=(
            ("multiple_of_{small}", "cat * k", "{k} the weight of the {small} is {=} pounds."),
            ("ans", "multiple_of_{small} + more", "The {big} weighs {=} pounds."),
        ),
    ),
    Template(
        "visitors_over_a_weekend",
        {
            "sat": whole(120, 900, 5),
            "more": whole(20, 300, 5),
            "fee": money(2, 15),
            "place": one_of("museum", "castle", "botanical garden", "art gallery", "petting zoo"),
        },
        ask=(
            "{sat person} visited a {place} on Saturday, and {more} more people came on Sunday than on "
            "Saturday. Each visitor paid {fee}. How much money did the {place} take in over the weekend?",
            "A {place} had {sat visitor} on Saturday. On Sunday it had {more} more visitors than on "
            "Saturday. If a ticket costs {fee}, how many dollars did the {place} earn on both days together?",
        ),
        solve=(
            ("visitors_on_sunday", "sat + more", "On Sunday {=} people came."),
            ("visitors", "sat + visitors_on_sunday", "On both days {=} people came."),
            ("ans", "visitors * fee", "The {place} took in {=$}."),
        ),
    ),
    Template(
        "rainy_and_sunny_days",
        {
            "days": whole(28, 90),
            "rain": whole(4, 30),
            "more": whole(2, 12),
            "prep land": together("in/a village", "on/an island", "in/a harbor town", "in/a mountain valley"),
        },
        ask=(
            "{prep} {land}, {rain} of the last {days} days were rainy. The number of cloudy days was {more} "
            "higher than the number of rainy days, and all the other days were sunny. How many days were "
            "sunny?",
            "Over {days day}, {land} had {rain} rainy days and {more} more cloudy days than rainy ones. The "
            "remaining days were sunny. How many sunny days were there?",
        ),
        solve=(
            ("cloudy_days", "rain + more", "There were {=} cloudy days."),
            ("days_without_sun", "rain + cloudy_days", "Together {=} days were rainy or cloudy."),
            ("ans", "days - days_without_sun", "So {=} days were sunny."),
        ),
    ),
)
