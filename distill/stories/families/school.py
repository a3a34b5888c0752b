"""School and clubs: pupils, groups, points, averages."""

from distill.stories.draws import money, one_of, percent, times, whole
from distill.stories.template import Template

SCHOOL = (
    Template(
        "boys_and_girls_in_a_grade",
        {
            "total": whole(40, 400),
            "girls": whole(15, 260),
            "group": one_of(
                "the fifth grade", "a school choir", "a summer camp", "a swimming club", "the marching band"
            ),
        },
        ask=(
            "There are {total child} in {group}. {girls} of them are girls. How many are boys?",
            "{group} has {total} members, and {girls} of them are girls. How many boys are there?",
        ),
        solve=(("ans", "total - girls", "There are {=} boys."),),
        check=("girls * 3 > total",),
    ),
    Template(
        "two_buildings_pupils_added",
        {
            "a": whole(80, 700),
            "b": whole(60, 600),
            "place": one_of(
                "school", "college", "music academy", "language school", "ballet academy", "cooking school"
            ),
        },
        ask=(
            "A {place} has {a student} in its old building and {b} in its new one. How many students does "
            "the {place} have [in total|altogether]?",
            "In a {place}, {a student} study in the morning and {b} others study in the evening. How many "
            "students is that altogether?",
        ),
        solve=(("ans", "a + b", "The {place} has {=} students."),),
        check=("a != b",),
    ),
    Template(
        "teams_from_a_class",
        {
            "students": whole(16, 120),
            "team": whole(3, 12),
            "event": one_of("sports day", "science project", "debate contest", "treasure hunt", "relay race"),
        },
        ask=(
            "For a {event}, {students} students form teams of {team}. How many teams are there?",
            "{students} students take part in a {event}. Each team has {team student}. How many teams take "
            "part?",
            "A teacher splits {students} students into teams for a {event}. If there are {team student} in "
            "each team, how many teams does the teacher get?",
        ),
        solve=(("ans", "students / team", "There are {=} teams."),),
        check=("ans > 2",),
    ),
    Template(
        "average_of_three_tests",
        {
            "a": whole(60, 100),
            "b": whole(60, 100),
            "c": whole(60, 100),
            "subject": one_of("math", "science", "history", "English", "geography"),
        },
        ask=(
            "{who} scored {a}, {b} and {c} on three {subject} tests. What is {his} average score?",
            "On {his} three {subject} tests, {who} got {a point}, {b point} and {c point}. What was {his} "
            "average number of points per test?",
            "What is the average of {who}'s three {subject} tests if {he} got {a point} on the first, {b} "
            "on the second and {c} on the third?",
        ),
        solve=(
            ("points", "a + b + c", "In all {who} got {=} points."),
            ("ans", "points / 3", "The average is {=} points."),
        ),
        check=("a != b", "b != c", "a != c"),
    ),
    Template(
        "needed_score_for_an_average",
        {
            "goal": whole(75, 95),
            "a": whole(60, 100),
            "b": whole(60, 100),
            "game": one_of("bowling", "archery", "golf putting", "trivia", "gymnastics"),
        },
        ask=(
            "{who} wants to average {goal point} over three rounds of {game}. {he} got {a} in the first "
            "round and {b} in the second. How many points does {he} need in the third round?",
            "In the first two of three {game} rounds, {who} got {a} and {b} points. How many points in the "
            "third round give {him} an average of exactly {goal} for the three rounds?",
        ),
        solve=(
            ("points_needed", "goal * 3", "For the average {who} needs {=} points in all."),
            ("points_so_far", "a + b", "So far {he} has {=} points."),
            ("ans", "points_needed - points_so_far", "{he} needs {=} points."),
        ),
        check=("a != b", "ans <= 100", "ans >= 50"),
    ),
    Template(
        "field_trip_cost_per_student",
        {
            "bus": money(120, 600, 10),
            "entry": money(4, 20),
            "students": whole(15, 60),
            "place": one_of("planetarium", "farm", "theater", "nature park", "newspaper office"),
        },
        ask=(
            "A class of {students student} goes to a {place}. The bus costs {bus} for the whole class, and "
            "entry is {entry} for each student. If the bus is shared equally, how much does each student "
            "pay altogether?",
            "{students} students share the cost of a bus to a {place}, which is {bus}. Each of them also "
            "pays {entry} to get in. How many dollars does one student pay in total?",
        ),
        solve=(
            ("bus_per_student", "bus / students", "Each student pays {=$} for the bus."),
            ("ans", "bus_per_student + entry", "Altogether each student pays {=$}."),
        ),
    ),
    Template(
        "pencils_used_up_over_months",
        {
            "start": whole(200, 1500, 10),
            "use": whole(8, 60),
            "months": whole(3, 11),
            "supply": one_of("pencil", "sheet of colored paper", "stick of chalk", "glue stick", "test tube"),
        },
        ask=(
            "At the start of the school year there are {start supply} in the storeroom. Each month {use} of "
            "them are used. How many are left after {months month}?",
            "A school uses {use supply} every month. It had {start} of them in September. How many did it "
            "still have after {months month}?",
        ),
        solve=(
            ("{supplys}_used", "use * months", "In that time {=} are used."),
            ("ans", "start - {supplys}_used", "So {=} are left."),
        ),
    ),
    Template(
        "spelling_words_points_lost",
        {
            "right": whole(10, 40),
            "plus": whole(3, 10),
            "wrong": whole(2, 12),
            "minus": whole(1, 4),
            "contest": one_of("quiz show", "spelling contest", "math contest", "geography bowl"),
        },
        ask=(
            "In a {contest}, a right answer gives {plus point} and a wrong answer takes away {minus point}. "
            "{who} has {right} right answers and {wrong} wrong ones. How many points does {he} have?",
            "{who} answers {right question} right and {wrong} wrong in a {contest}. For each right answer "
            "{he} gets {plus point}; for each wrong one {he} loses {minus}. What is {his} score?",
        ),
        solve=(
            ("points_won", "right * plus", "{who} wins {=} points."),
            ("points_lost", "wrong * minus", "{he} loses {=} points."),
            ("ans", "points_won - points_lost", "{his} score is {=} points."),
        ),
        check=("plus > minus", "minus > 1"),
    ),
    Template(
        "absent_part_of_classes",
        {
            "classes": whole(3, 12),
            "each": whole(20, 32),
            "sick": whole(4, 40),
            "illness": one_of("the flu", "a cold", "chicken pox", "a stomach bug"),
        },
        ask=(
            "A school has {classes class} with {each student} in each. Today {sick student} are at home "
            "with {illness}. How many students are at school?",
            "{sick student} of a school have {illness} and stay at home. The school has {classes class} of "
            "{each student}. How many students come to school?",
            "{classes class} with {each student} each belong to a school. If {sick} of the students are "
            "missing because of {illness}, how many are there today?",
        ),
        solve=(
            ("students", "classes * each", "The school has {=} students."),
            ("ans", "students - sick", "So {=} students are at school."),
        ),
        check=("sick * 3 < students",),
    ),
    Template(
        "play_tickets_percentage_unsold",
        {
            "rows": whole(8, 25),
            "seats": whole(10, 30, 2),
            "rate": percent(40, 95, 5),
            "show": one_of("play", "concert", "talent show", "dance show", "puppet show"),
        },
        ask=(
            "The school theater has {rows row} with {seats seat} each. For the {show}, {rate} of the seats "
            "are taken. How many seats are taken?",
            "A {show} takes place in a hall with {rows row} of {seats seat}. If {rate} of all seats are "
            "sold, how many seats are sold?",
        ),
        solve=(
            ("all_seats", "rows * seats", "The theater has {=} seats."),
            ("ans", "all_seats * rate / 100", "So {=} seats are taken."),
        ),
    ),
    Template(
        "fundraiser_goal_remaining",
        {
            "goal": money(300, 1500, 50),
            "bars": whole(20, 120),
            "price": money(2, 5),
            "gift": money(20, 200, 10),
            "ware": one_of("chocolate bar", "calendar", "cupcake", "t-shirt", "bag of popcorn"),
        },
        ask=(
            "A class wants to raise {goal}. The students sell {bars ware} at {price} each, and a parent "
            "donates {gift}. How much money do they still need?",
            "To reach {goal}, a class sells {bars ware} for {price} apiece and gets a donation of {gift}. "
            "How many dollars are still missing?",
            "The {wares} that a class sells cost {price} each, and {bars} of them have been sold. There was "
            "also a gift of {gift}. How much more money does the class need to reach {goal}?",
        ),
        solve=(
            ("money_from_{wares}", "bars * price", "The {wares} bring in {=$}."),
            ("money_so_far", "money_from_{wares} + gift", "So far the class has {=$}."),
            ("ans", "goal - money_so_far", "The class still needs {=$}."),
        ),
    ),
    Template(
        "lockers_keys_times_floors",
        {
            "floors": whole(2, 5),
            "halls": whole(2, 6),
            "lockers": whole(12, 60, 2),
            "taken": whole(30, 200),
            "thing": one_of("locker", "coat hook", "mailbox"),
        },
        ask=(
            "A school has {floors floor} with {halls} hallways on each, and every hallway has {lockers "
            "thing}. {taken} of the {things} are in use. How many {things} are free?",
            "On each of the {floors} floors of a school there are {halls} hallways with {lockers thing} "
            "each. If {taken thing} are in use, how many are not?",
        ),
        solve=(
            ("hallways", "floors * halls", "The school has {=} hallways."),
            ("{things}_in_all", "hallways * lockers", "There are {=} {things}."),
            ("ans", "{things}_in_all - taken", "So {=} {things} are free."),
        ),
    ),
    Template(
        "ratio_of_two_groups",
        {
            "adults": whole(2, 20),
            "k": times(3, 12),
            "camp": one_of("school trip", "hiking trip", "ski trip", "canoe tour"),
        },
        ask=(
            "On a {camp} there are {k} as many children as adults. {adults adult} take part. How many "
            "people take part altogether?",
            "{adults adult} go on a {camp}, and there are {k} as many children as adults. How many people "
            "is that in total?",
        ),
        solve=(
            ("children", "adults * k", "There are {=} children."),
            ("ans", "adults + children", "Altogether there are {=} people."),
        ),
    ),
    Template(
        "buses_for_a_trip",
        {
            "classes": whole(3, 12),
            "pupils": whole(18, 32),
            "seats": whole(24, 60, 2),
            "place": one_of("the zoo", "the museum", "the aquarium", "a castle", "the science center"),
        },
        ask=(
            "{classes class} with {pupils student} each go on a trip to {place}. One bus takes {seats "
            "student}. How many buses do they fill?",
            "A school takes {classes class} to {place}. There are {pupils student} in every class, and each "
            "bus seats exactly {seats student}. How many buses are filled?",
        ),
        solve=(
            ("students", "classes * pupils", "There are {=} students."),
            ("ans", "students / seats", "They fill {=} buses."),
        ),
        check=("ans > 1", "seats > pupils"),
    ),
)
