"""Rates: speed, work per hour, use per day, and how long or how far."""

from distill.stories.draws import money, one_of, together, whole
from distill.stories.template import Template

RATES = (
    Template(
        "drive_at_constant_speed",
        {"speed": whole(30, 75, 5), "hours": whole(2, 9), "vehicle": one_of("train", "bus", "truck", "car")},
        ask=(
            "A {vehicle} [travels|goes] at {speed} miles per hour. How many miles does it travel in {hours "
            "hour}?",
            "How far does a {vehicle} go in {hours hour} at a steady speed of {speed} miles an hour?",
            "A {vehicle} moves at a constant {speed} miles per hour for {hours hour}. What distance in "
            "miles does it cover?",
        ),
        solve=(("ans", "speed * hours", "The {vehicle} covers {=} miles."),),
    ),
    Template(
        "time_needed_for_a_ride",
        {
            "distance": whole(24, 180),
            "speed": whole(6, 20),
            "mover": one_of("cyclist", "scooter", "boat", "rider on a horse"),
        },
        ask=(
            "A {mover} goes {speed} miles every hour. How many hours does it take to go {distance mile}?",
            "The next town is {distance mile} away. A {mover} covers {speed mile} an hour. How many hours "
            "is the trip?",
        ),
        solve=(("ans", "distance / speed", "The trip takes {=} hours."),),
        check=("ans > 1", "ans < 13"),
    ),
    Template(
        "typing_pages",
        {
            "words": whole(30, 80, 5),
            "minutes": whole(10, 60, 5),
            "doc": one_of("essay", "report", "letter", "story"),
        },
        ask=(
            "{who} types {words word} a minute. How many words does {he} type in {minutes minute}?",
            "If {who} can type {words word} per minute, how long a {doc}, in words, can {he} type in "
            "{minutes minute}?",
        ),
        solve=(("ans", "words * minutes", "{who} types {=} words."),),
    ),
    Template(
        "two_legs_of_a_journey",
        {
            "first": whole(2, 5),
            "a": whole(30, 70, 5),
            "second": whole(2, 5),
            "b": whole(30, 70, 5),
            "goal": one_of("the coast", "the mountains", "a lake", "a campground"),
        },
        ask=(
            "{who} drives to {goal}. {he} drives {first hour} at {a} miles per hour and then {second hour} "
            "at {b} miles per hour. How many miles does {he} drive in total?",
            "On the way to {goal}, {who} first drives at {a} miles per hour for {first hour}, then at {b} "
            "miles per hour for {second hour}. How long is the whole drive in miles?",
        ),
        solve=(
            ("first_part", "a * first", "The first part is {=} miles."),
            ("second_part", "b * second", "The second part is {=} miles."),
            ("ans", "first_part + second_part", "In total {who} drives {=} miles."),
        ),
        check=("a != b",),
    ),
    Template(
        "factory_two_machines",
        {
            "a": whole(12, 90),
            "b": whole(12, 90),
            "hours": whole(3, 12),
            "product": one_of("toy car", "light bulb", "chair leg", "bottle cap", "umbrella"),
        },
        ask=(
            "A factory has two machines. The old machine makes {a product} an hour and the new machine "
            "makes {b product} an hour. How many {products} do both machines make together in {hours hour}?",
            "One machine produces {a product} per hour, another produces {b}. Both run for {hours hour}. "
            "How many {products} are produced in all?",
        ),
        solve=(
            ("{products}_per_hour", "a + b", "Together they make {=} {products} an hour."),
            ("ans", "{products}_per_hour * hours", "In that time they make {=} {products}."),
        ),
        check=("b > a",),
    ),
    Template(
        "tank_filling_partly_full",
        {
            "size": whole(100, 900, 10),
            "start": whole(20, 300, 10),
            "rate": whole(4, 30),
            "vessel": one_of("water tank", "swimming pool", "fish pond"),
        },
        ask=(
            "A {vessel} holds {size gallon}. It already contains {start gallon}, and a hose adds {rate "
            "gallon} a minute. How many minutes does it take to fill the {vessel}?",
            "There are {start gallon} of water in a {vessel} that can hold {size gallon}. Water flows in at "
            "{rate gallon} per minute. After how many minutes is the {vessel} full?",
        ),
        solve=(
            ("gallons_missing", "size - start", "There are {=} gallons missing."),
            ("ans", "gallons_missing / rate", "Filling takes {=} minutes."),
        ),
        check=("ans > 2",),
    ),
    Template(
        "fuel_for_a_trip",
        {
            "distance": whole(120, 720, 10),
            "per": whole(20, 45),
            "price": money(2, 5),
            "car": one_of("car", "van", "pickup truck"),
        },
        ask=(
            "{who}'s {car} goes {per mile} on one gallon of gas. Gas costs {price} a gallon. How many "
            "dollars does {who} spend on gas for a trip of {distance mile}?",
            "{who} plans a trip of {distance mile}. {his} {car} drives {per mile} per gallon, and a gallon "
            "of gas costs {price}. How much will the gas cost?",
            "How much does {who} pay for the gas on a trip of {distance mile} if {his} {car} gets {per "
            "mile} to the gallon and a gallon costs {price}?",
        ),
        solve=(
            ("gallons", "distance / per", "The {car} needs {=} gallons."),
            ("ans", "gallons * price", "The gas costs {=$}."),
        ),
        check=("gallons < 30",),
    ),
    Template(
        "pages_read_per_day",
        {
            "pages": whole(120, 600),
            "done": whole(20, 200),
            "days": whole(3, 15),
            "book": one_of("novel", "biography", "mystery novel", "fantasy book"),
        },
        ask=(
            "{who} is reading a {book} with {pages page}. {he} has read {done page} and wants to finish the "
            "rest in {days day}, reading the same number of pages every day. How many pages must {he} read "
            "each day?",
            "A {book} has {pages page}. {who} has finished {done} of them. How many pages a day does {he} "
            "need to read to finish the {book} in {days day}?",
            "{who} must give a {book} back to the library in {days day}. It has {pages page}, and {he} has "
            "read {done} so far. How many pages a day does {he} have to read?",
        ),
        solve=(
            ("pages_left", "pages - done", "There are {=} pages left."),
            ("ans", "pages_left / days", "{who} must read {=} pages a day."),
        ),
        check=("ans > 4", "ans < 60"),
    ),
    Template(
        "painters_fence_rate",
        {"length": whole(60, 480, 6), "rate": whole(4, 15), "workers": whole(2, 5)},
        ask=(
            "A painter paints {rate foot} of fence in an hour. {workers painter} work together on a fence "
            "that is {length foot} long. How many hours do they need?",
            "A fence is {length foot} long. {workers painter} start painting it at the same time, and each "
            "of them paints {rate foot} an hour. After how many hours is the fence painted?",
        ),
        solve=(
            ("feet_per_hour", "rate * workers", "Together they paint {=} feet an hour."),
            ("ans", "length / feet_per_hour", "They need {=} hours."),
        ),
        check=("ans > 2", "ans < 20"),
    ),
    Template(
        "machine_seconds_to_minutes",
        {
            "count": whole(2, 12),
            "minutes": whole(2, 15),
            "machine verb thing": together(
                "printer/prints/page", "robot/packs/parcel", "machine/fills/bottle", "press/stamps/coin"
            ),
        },
        ask=(
            "A {machine} {verb} {count thing} every second. How many {things} is that in {minutes minute}?",
            "Every second a {machine} {verb} {count thing}. If it runs for {minutes minute} without "
            "stopping, how many {things} is that in all?",
        ),
        solve=(
            ("seconds", "minutes * 60", "That time is {=} seconds."),
            ("ans", "seconds * count", "That makes {=} {things}."),
        ),
    ),
    Template(
        "water_use_per_week",
        {
            "liters": whole(2, 9),
            "animals": whole(4, 40),
            "animal": one_of("goat", "sheep", "pony", "calf", "pig"),
        },
        ask=(
            "Every {animal} on a farm drinks {liters liter} of water a day. How many liters of water do "
            "{animals animal} drink in one week?",
            "A farm has {animals animal}. Each of them drinks {liters liter} of water per day. How many "
            "liters of water does the farm need for the {animals} in a week?",
        ),
        solve=(
            ("liters_per_day", "liters * animals", "They drink {=} liters a day."),
            ("ans", "liters_per_day * 7", "In a week they drink {=} liters."),
        ),
    ),
    Template(
        "catching_up_difference_in_distance",
        {"a": whole(8, 20), "b": whole(4, 15), "hours": whole(2, 8)},
        ask=(
            "{who} and {friend} start at the same place and ride in the same direction. {who} rides {a} "
            "miles per hour, and {friend} rides {b} miles per hour. How many miles apart are they after "
            "{hours hour}?",
            "{who} cycles at {a} miles per hour and {friend} at {b} miles per hour. They leave together on "
            "the same road. How far ahead of {friend}, in miles, is {who} after {hours hour}?",
        ),
        solve=(
            ("miles_gained_per_hour", "a - b", "{who} gains {=} miles every hour."),
            ("ans", "miles_gained_per_hour * hours", "After that time they are {=} miles apart."),
        ),
    ),
    Template(
        "downloads_by_size",
        {
            "files": whole(4, 30),
            "size": whole(12, 90, 3),
            "speed": whole(3, 15),
            "item": one_of("song", "photo album", "game", "video", "podcast"),
        },
        ask=(
            "{who} downloads {files item}. Each {item} is {size} megabytes, and {his} connection loads "
            "{speed megabyte} per second. How many seconds does it take to download everything?",
            "Each of {files item} takes up {size} megabytes. If {who} downloads {speed megabyte} every "
            "second, after how many seconds are all the {items} downloaded?",
        ),
        solve=(
            ("megabytes", "files * size", "The {items} take up {=} megabytes."),
            ("ans", "megabytes / speed", "The download takes {=} seconds."),
        ),
    ),
    Template(
        "assembly_line_daily_goal",
        {
            "rate": whole(8, 40),
            "hours": whole(5, 9),
            "days": whole(3, 6),
            "order": whole(300, 2400, 10),
            "product": one_of("bicycle bell", "backpack", "teddy bear", "desk lamp", "clock"),
        },
        ask=(
            "A workshop makes {rate product} an hour and works {hours hour} a day. It has an order for "
            "{order product}. After {days day}, how many {products} are still missing?",
            "A customer orders {order product} from a workshop that makes {rate} of them an hour. The "
            "workshop runs {hours hour} each day. How many {products} remain to be made after {days day}?",
            "{order product} have been ordered from a workshop. It can make {rate product} an hour and is "
            "open {hours hour} a day. How many of the {products} have not been made after {days day}?",
        ),
        solve=(
            ("{products}_per_day", "rate * hours", "The workshop makes {=} {products} a day."),
            ("{products}_made", "{products}_per_day * days", "In that time it makes {=} {products}."),
            ("ans", "order - {products}_made", "So {=} {products} are missing."),
        ),
    ),
    Template(
        "runner_laps_and_rest",
        {
            "laps": whole(4, 15),
            "lap": whole(2, 6),
            "rest": whole(5, 20),
            "mover": one_of("runs", "swims", "skates"),
        },
        ask=(
            "{who} {mover} {laps lap}. Each lap takes {him} {lap minute}, and in the middle {he} rests for "
            "{rest minute}. How many minutes does {he} spend altogether?",
            "A lap takes {who} {lap minute}. {he} {mover} {laps lap} and takes one break of {rest minute}. "
            "How many minutes pass from start to finish?",
            "For {his} training, {who} {mover} {laps lap} and needs {lap minute} for each of them. {he} "
            "also takes a rest of {rest minute}. How many minutes long is the training?",
        ),
        solve=(
            ("minutes_moving", "laps * lap", "The laps take {=} minutes."),
            ("ans", "minutes_moving + rest", "With the rest it is {=} minutes."),
        ),
    ),
)
