"""Time and ages: minutes, hours, days and weeks, and how old people are, were and will be."""

from distill.stories.draws import money, one_of, part, times, together, whole
from distill.stories.template import Template

TIMES = (
    Template(
        "practice_minutes_in_a_week",
        {
            "minutes": whole(15, 90, 5),
            "skill": one_of("the piano", "the violin", "the drums", "the flute", "the trumpet"),
        },
        ask=(
            "{who} practices {skill} for {minutes minute} every day. How many minutes does {he} practice in "
            "a week?",
            "If {who} plays {skill} for {minutes minute} a day, how many minutes is that in one week?",
            "{who} never misses a day with {skill}: {he} plays for {minutes minute} daily. How many minutes "
            "does {he} play from Monday to Sunday?",
        ),
        solve=(("ans", "minutes * 7", "In a week {who} practices {=} minutes."),),
    ),
    Template(
        "hours_in_days_of_a_storm",
        {
            "days": whole(2, 14),
            "event": one_of(
                "a storm",
                "a space flight",
                "a power cut",
                "a chess marathon",
                "a sailing race",
                "a music festival",
            ),
        },
        ask=(
            "How many hours does {event} last if it goes on for exactly {days day}?",
            "{event} goes on for {days} full days. How many hours is that?",
        ),
        solve=(("ans", "days * 24", "That is {=} hours."),),
    ),
    Template(
        "weeks_until_holiday",
        {"days": whole(14, 210, 7)},
        ask=(
            "There are {days day} until the [summer vacation|school trip|big race|wedding of {who}'s aunt]. "
            "How many weeks is that?",
            "{who} counts {days day} until {his} next [birthday|swimming contest|visit to the dentist]. How "
            "many weeks does {he} have to wait?",
            "{who}'s vacation is {days day} away. In how many weeks does it start?",
        ),
        solve=(("ans", "days / 7", "That is {=} weeks."),),
    ),
    Template(
        "age_in_some_years",
        {
            "age": whole(5, 60),
            "years": whole(3, 25),
            "kin": one_of("uncle", "teacher", "neighbor", "coach", "aunt"),
        },
        ask=(
            "{who} is {age year} old. How old will {he} be in {years year}?",
            "{who}'s {kin} turned {age} today. What age will the {kin} reach {years year} from now?",
            "If {who} is {age} now, how old will {he} be {years year} from now?",
        ),
        solve=(("ans", "age + years", "At that time the age is {=} years."),),
    ),
    Template(
        "sum_of_ages_sister",
        {"age": whole(6, 30), "gap": whole(2, 12), "kin": one_of("sister", "brother", "cousin")},
        ask=(
            "{who} is {age year} old. {his} {kin} is {gap year} older than {him}. What is the sum of their "
            "ages?",
            "{who}'s {kin} is {gap year} older than {who}, who is {age}. How many years old are they "
            "together?",
            "What do the ages of {who} and {his} {kin} add up to if {who} is {age year} old and the {kin} "
            "is {gap year} older?",
        ),
        solve=(
            ("age_of_{kin}", "age + gap", "The {kin} is {=} years old."),
            ("ans", "age + age_of_{kin}", "Together they are {=} years old."),
        ),
    ),
    Template(
        "mother_age_times_minus",
        {
            "age": whole(4, 14),
            "k": times(3, 5),
            "years": whole(2, 12),
            "elder": one_of("mother", "father", "aunt", "uncle"),
        },
        ask=(
            "{who} is {age year} old and {his} {elder} is {k} as old. How old will the {elder} be in {years "
            "year}?",
            "{who}'s {elder} is {k} as old as {who}. {who} is {age} now. How old will {his} {elder} be "
            "{years year} from now?",
            "{who} turned {age} today. {his} {elder} is exactly {k} as old. What will the age of the "
            "{elder} be in {years year}?",
        ),
        solve=(
            ("age_of_{elder}", "age * k", "The {elder} is {=} years old."),
            ("ans", "age_of_{elder} + years", "In {years year} the {elder} will be {=}."),
        ),
        check=("age_of_{elder} >= 24", "age_of_{elder} <= 60"),
    ),
    Template(
        "three_generations",
        {"age": whole(5, 16), "k": times(2, 4), "gap": whole(22, 34), "years": whole(1, 9)},
        ask=(
            "{who}'s mother is {k} as old as {who}, and {who}'s grandmother is {gap} years older than the "
            "mother. {who} is {age year} old. How old was the grandmother {years year} ago?",
            "{who} is {age year} old. {his} mother is {k} as old as {he} is, and {his} grandmother is {gap "
            "year} older than {his} mother. How old was {his} grandmother {years year} ago?",
        ),
        solve=(
            ("age_of_mother", "age * k", "The mother is {=} years old."),
            ("age_of_grandmother", "age_of_mother + gap", "The grandmother is {=} years old."),
            ("ans", "age_of_grandmother - years", "She was {=} years old then."),
        ),
        check=("age_of_mother >= age + 20", "age_of_mother <= 50"),
    ),
    Template(
        "homework_subjects_hours",
        {
            "a": whole(15, 60, 5),
            "b": whole(15, 60, 5),
            "days": whole(3, 6),
            "x y": together("math/reading", "science/spelling", "history/French", "art/geography"),
        },
        ask=(
            "Every school day {who} spends {a minute} on {x} homework and {b minute} on {y} homework. How "
            "many minutes of homework is that in {days} school days?",
            "{who} works on {x} for {a minute} and on {y} for {b minute} each afternoon. How many minutes "
            "does {he} work on both in {days} afternoons?",
            "How many minutes does {who} spend on homework in {days day} if {x} takes {him} {a minute} a "
            "day and {y} takes {b minute} a day?",
        ),
        solve=(
            ("minutes_per_day", "a + b", "Each day {who} works {=} minutes."),
            ("ans", "minutes_per_day * days", "Altogether that is {=} minutes."),
        ),
        check=("a != b",),
    ),
    Template(
        "movie_marathon_minutes",
        {
            "films": whole(2, 4),
            "length": whole(80, 150, 5),
            "pause": whole(10, 45, 5),
            "kind": one_of("superhero", "science fiction", "comedy", "pirate", "space"),
        },
        ask=(
            "{who} watches {films} {kind} movies of {length minute} each. Between the movies {he} takes "
            "breaks that add up to {pause minute}. How many minutes does it all take?",
            "A {kind} movie night has {films} movies, each {length minute} long, and breaks of {pause "
            "minute} in total. How many minutes long is the movie night?",
            "{who} invites friends to see {films} {kind} movies in a row. Every movie runs for {length "
            "minute}, and there are breaks of {pause minute} altogether. How many minutes does the evening "
            "last?",
        ),
        solve=(
            ("minutes_of_movies", "films * length", "The movies take {=} minutes."),
            ("ans", "minutes_of_movies + pause", "With the breaks that is {=} minutes."),
        ),
    ),
    Template(
        "commute_hours_per_week",
        {
            "way": whole(10, 90, 5),
            "days": whole(3, 6),
            "ride": one_of("bus", "train", "bicycle", "subway", "car"),
        },
        ask=(
            "{who} goes to work by {ride}. The ride takes {way minute} each way, and {he} goes there and "
            "back {days day} a week. How many hours a week does {he} spend on the way?",
            "It takes {who} {way minute} to get to work by {ride} and just as long to get home. {he} works "
            "{days day} a week. How many hours does {he} travel each week?",
            "By {ride}, {who} needs {way minute} from home to work and the same time back. How many hours "
            "on the road is that in a week with {days} working days?",
        ),
        solve=(
            ("minutes_per_day", "way * 2", "Each day {who} travels {=} minutes."),
            ("minutes_per_week", "minutes_per_day * days", "In a week that is {=} minutes."),
            ("ans", "minutes_per_week / 60", "That is {=.} hours."),
        ),
    ),
    Template(
        "calendar_months_subscription",
        {
            "fee": money(5, 45),
            "years": whole(2, 6),
            "service": one_of("gym membership", "music service", "newspaper", "movie channel", "dance class"),
        },
        ask=(
            "A {service} costs {fee} a month. How much does {who} pay in {years year}?",
            "{who} pays {fee} every month for a {service}. How many dollars does {he} spend on it in {years "
            "year}?",
            "{who} signs up for a {service} that costs {fee} a month. What will {he} have paid after {years "
            "year}?",
        ),
        solve=(
            ("months", "years * 12", "That is {=} months."),
            ("ans", "months * fee", "{who} pays {=$}."),
        ),
    ),
    Template(
        "television_less_than_allowed",
        {
            "limit": whole(8, 20),
            "day": whole(30, 120, 10),
            "days": whole(3, 7),
            "what": one_of("television", "cartoons", "videos", "nature films"),
        },
        ask=(
            "{who} may watch {limit hour} of {what} a week. So far {he} has watched {day minute} on each of "
            "{days day}. How many minutes may {he} still watch this week?",
            "{who}'s limit is {limit hour} of {what} in a week. {he} watched {day minute} a day for {days "
            "day}. How many minutes are left for the rest of the week?",
            "{who} and {his} parents agreed on {limit hour} of {what} a week. {he} has already had {day "
            "minute} a day for {days day}. How many minutes does {he} have left?",
        ),
        solve=(
            ("minutes_allowed", "limit * 60", "{who} may watch {=} minutes."),
            ("minutes_watched", "day * days", "{he} has watched {=} minutes."),
            ("ans", "minutes_allowed - minutes_watched", "So {=} minutes are left."),
        ),
        check=("days < 7",),
    ),
    Template(
        "sleep_hours_missing",
        {"need": whole(8, 11), "got": whole(5, 9), "nights": whole(3, 14)},
        ask=(
            "A doctor says that {who} needs {need hour} of sleep a night. {who} slept only {got hour} a "
            "night for {nights night}. How many hours of sleep did {he} miss?",
            "For {nights night}, {who} slept {got hour} each night instead of the {need} {he} needs. How "
            "many hours of sleep is {he} missing in total?",
            "{who} needs {need hour} of sleep but gets only {got hour} a night. By how many hours does {he} "
            "fall short over {nights night}?",
        ),
        solve=(
            ("hours_missing_per_night", "need - got", "Each night {=} hours are missing."),
            ("ans", "hours_missing_per_night * nights", "In total {=} hours are missing."),
        ),
        check=("need - got > 1",),
    ),
    Template(
        "half_hour_lessons",
        {
            "students": whole(4, 24),
            "length": part("1/2", "3/4", "1/4"),
            "topic": one_of("guitar", "singing", "tennis", "chess", "drawing"),
        },
        ask=(
            "{who} gives {topic} lessons. Each lesson lasts {length} of an hour, and today {he} teaches "
            "{students lesson}. How many hours does {he} teach today?",
            "One {topic} lesson takes {length} of an hour. How many hours do {students lesson} take?",
            "{who} has booked {students} {topic} lessons, and each of them lasts {length} of an hour. How "
            "many hours of lessons is that?",
        ),
        solve=(("ans", "students * length", "The lessons take {=} hours."),),
    ),
)
