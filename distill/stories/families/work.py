"""Work: trades, deliveries, offices, building."""

from distill.stories.draws import money, one_of, part, percent, times, together, whole
from distill.stories.template import Template

WORK = (
    Template(
        "bricks_laid_in_a_shift",
        {
            "rate": whole(35, 120, 5),
            "hours": whole(3, 9),
            "worker thing verb": together(
                "bricklayer/brick/lays",
                "cashier/item/scans",
                "postal worker/letter/sorts",
                "baker/roll/shapes",
                "packer/parcel/labels",
            ),
        },
        ask=(
            "A {worker} {verb} {rate thing} an hour. How many {things} is that in a shift of {hours hour}?",
            "In one hour a {worker} {verb} {rate thing}. The shift lasts {hours hour}. How many {things} "
            "does the {worker} get through in the whole shift?",
            "How many {things} does a {worker} manage in {hours hour}, if the {worker} {verb} {rate thing} "
            "every hour?",
        ),
        solve=(("ans", "rate * hours", "In the shift it is {=} {things}."),),
    ),
    Template(
        "office_chairs_already_delivered",
        {
            "order": whole(30, 400),
            "come": whole(10, 350),
            "thing": one_of("chair", "desk", "monitor", "filing cabinet", "keyboard", "headset"),
            "place": one_of("office", "call center", "library", "training center"),
        },
        ask=(
            "A {place} orders {order thing}. {come} of them have been delivered so far. How many {things} "
            "are still on the way?",
            "So far a {place} has received {come} of the {order thing} it ordered. How many {things} have "
            "not arrived yet?",
            "The new {place} needs {order thing}. If {come thing} are already there, how many are missing?",
        ),
        solve=(("ans", "order - come", "So {=} {things} are still to come."),),
        check=("come * 4 > order",),
    ),
    Template(
        "delivery_van_stops",
        {
            "parcels": whole(24, 360),
            "stops": whole(4, 40),
            "driver": one_of("courier", "truck driver", "delivery driver", "bike messenger"),
        },
        ask=(
            "A {driver} has {parcels parcel} and drops off the same number at each of {stops stop}. How "
            "many parcels does every stop get?",
            "{parcels parcel} are delivered to {stops shop}, and each shop gets equally many. How many "
            "parcels does one shop get?",
            "On a tour with {stops stop}, a {driver} delivers {parcels parcel}, the same number at every "
            "stop. How many parcels is that per stop?",
        ),
        solve=(("ans", "parcels / stops", "Each one gets {=} parcels."),),
        check=("ans > 2",),
    ),
    Template(
        "two_shifts_of_a_call_center",
        {
            "am": whole(40, 300),
            "pm": whole(40, 300),
            "task": one_of("phone call", "customer", "patient", "order", "question"),
            "place": one_of("bank", "clinic", "repair shop", "ticket office", "hotel"),
        },
        ask=(
            "The morning shift of a {place} deals with {am task}, and the afternoon shift deals with {pm}. "
            "How many {tasks} do the two shifts deal with together?",
            "In a {place}, {am task} are handled before noon and {pm} after noon. How many {tasks} are "
            "handled that day?",
            "How many {tasks} does a {place} deal with in a day when there are {am} in the morning and {pm} "
            "in the afternoon?",
        ),
        solve=(("ans", "am + pm", "Together it is {=} {tasks}."),),
        check=("am != pm",),
    ),
    Template(
        "overtime_pay_at_higher_rate",
        {
            "wage": money(10, 24),
            "hours": whole(20, 40, 5),
            "extra": whole(2, 9),
            "high": money(14, 40),
            "job": one_of("mechanic", "nurse", "electrician", "security guard", "cook", "gardener"),
        },
        ask=(
            "{who} works as a {job} and gets {wage} an hour. For overtime {he} gets {high} an hour. Last "
            "week {he} worked {hours} normal hours and {extra} hours of overtime. How much did {he} earn "
            "last week?",
            "A {job} is paid {wage} for a normal hour and {high} for an hour of overtime. How many dollars "
            "does the {job} earn in a week with {hours} normal hours and {extra} overtime hours?",
            "{who}, a {job}, worked {hours} normal hours at {wage} an hour and {extra} hours of overtime at "
            "{high} an hour. What is {his} pay for that, in dollars?",
        ),
        solve=(
            ("normal_pay", "wage * hours", "The normal hours bring {=$}."),
            ("overtime_pay", "high * extra", "The overtime brings {=$}."),
            ("ans", "normal_pay + overtime_pay", "Together that is {=$}."),
        ),
        check=("high > wage + 2", "high <= 2 * wage"),
    ),
    Template(
        "paint_shop_profit_after_costs",
        {
            "items": whole(5, 40),
            "price": money(25, 120, 5),
            "cost": money(8, 60),
            "rent": money(50, 400, 10),
            "maker item": together(
                "carpenter/stool", "potter/vase", "tailor/shirt", "jeweler/ring", "saddler/belt"
            ),
        },
        ask=(
            "A {maker} sells {items item} a month at {price} each. The material for one {item} costs "
            "{cost}, and the workshop costs {rent} a month. How much money does the {maker} have left at "
            "the end of the month?",
            "Each {item} that a {maker} makes sells for {price} and takes {cost} worth of material. In a "
            "month the {maker} sells {items item} and pays {rent} in rent. How many dollars are left after "
            "paying for material and rent?",
        ),
        solve=(
            ("earned_per_{item}", "price - cost", "On each {item} the {maker} earns {=$}."),
            ("earned_in_month", "earned_per_{item} * items", "In the month that makes {=$}."),
            ("ans", "earned_in_month - rent", "After the rent {=$} is left."),
        ),
        check=("ans > 50", "cost * 2 > price"),
    ),
    Template(
        "bridge_workers_part_on_leave",
        {
            "teams": whole(3, 12),
            "each": whole(6, 20),
            "off": part("1/2", "1/3", "1/4", "1/6", "1/5"),
            "site": one_of("building site", "shipyard", "farm", "film set", "warehouse"),
            "reason": one_of("on vacation", "ill", "at a training course", "on a day off"),
        },
        ask=(
            "{teams team} of {each worker} work at a {site}. Today {off} of all the workers are {reason}. "
            "How many workers are at work today?",
            "At a {site} there are {teams team} with {each worker} each. If {off} of the workers are "
            "{reason}, how many of them are working?",
        ),
        solve=(
            ("workers", "teams * each", "There are {=} workers."),
            ("workers_away", "workers * off", "Of these, {=} are {reason}."),
            ("ans", "workers - workers_away", "So {=} workers are at work."),
        ),
    ),
    Template(
        "road_repair_days_needed",
        {
            "road": whole(120, 900, 10),
            "done": whole(30, 300, 10),
            "rate": whole(4, 15),
            "crews": whole(2, 6),
            "way done_word does": together(
                "road/repaired/repairs",
                "fence/painted/paints",
                "canal/cleaned/cleans",
                "cable/laid/lays",
                "hedge/cut/cuts",
            ),
        },
        ask=(
            "A {way} of {road meter} has to be {done_word}. {done meter} are finished. Now {crews crew} "
            "work on it, and each crew {does} {rate meter} a day. How many days do they need for the rest?",
            "Of a {way} that is {road meter} long, {done meter} have been {done_word}. Each of {crews crew} "
            "{does} {rate meter} a day. In how many days will the rest be {done_word}?",
        ),
        solve=(
            ("meters_left", "road - done", "There are {=} meters left."),
            ("meters_per_day", "rate * crews", "Together the crews finish {=} meters a day."),
            ("ans", "meters_left / meters_per_day", "They need {=} days."),
        ),
        check=("ans > 2",),
    ),
    Template(
        "salary_raise_percent_per_year",
        {
            "pay": money(1500, 5000, 100),
            "rate": percent(2, 20, 1),
            "job": one_of("teacher", "programmer", "librarian", "bus driver", "lab assistant", "accountant"),
        },
        ask=(
            "{who} is a {job} and earns {pay} a month. From next month on {his} pay goes up by {rate}. How "
            "much will {he} earn in a whole year at the new pay?",
            "A {job} with a monthly pay of {pay} gets a raise of {rate}. How many dollars is that in twelve "
            "months at the new pay?",
            "{who} was paid {pay} a month as a {job} until {his} pay was raised by {rate}. How much does "
            "{he} get for twelve months with the raise?",
        ),
        solve=(
            ("monthly_raise", "pay * rate / 100", "The raise is {=$} a month."),
            ("new_pay", "pay + monthly_raise", "The new pay is {=$} a month."),
            ("ans", "new_pay * 12", "In a year that is {=$}."),
        ),
    ),
    Template(
        "newspapers_first_day_unknown",
        {
            "second": whole(24, 160),
            "k": times(2, 4),
            "paper": one_of("newspaper", "ticket", "umbrella", "bouquet", "toy car"),
            "day other": together("Monday/Tuesday", "Friday/Saturday", "Saturday/Sunday"),
        },
        ask=(
            "A kiosk sold {second paper} on {other}. That was {k} as many as on {day}. How many {papers} "
            "did it sell on the two days together?",
            "On {other} a shop sold {k} as many {papers} as on {day}. It sold {second} on {other}. How many "
            "{papers} did the shop sell on both days?",
            "{who} sold {second paper} on {other}, {k} as many as on {day}. How many {papers} did {he} sell "
            "on {day} and {other} together?",
        ),
        solve=(
            ("{papers}_on_{day}", "second / k", "On {day} it sold {=} {papers}."),
            ("ans", "second + {papers}_on_{day}", "On both days it sold {=} {papers}."),
        ),
    ),
    Template(
        "pumpkins_sold_and_money_shared",
        {
            "total": whole(60, 500),
            "kept": whole(6, 60),
            "price": money(2, 9),
            "heirs": whole(2, 6),
            "crop": one_of("pumpkin", "melon", "cabbage", "sunflower", "potted herb"),
            "kin": one_of("child", "nephew", "niece", "grandchild", "cousin"),
        },
        ask=(
            "{who} grows {total crop} and keeps {kept} of them. {he} sells the others at {price} each and "
            "divides the money equally among {his} {heirs kin}. How much does each one get?",
            "Of {total crop}, {who} gives {kept} to neighbors and sells the rest for {price} apiece. The "
            "money is shared equally by {heirs kin}. How many dollars does each of them get?",
        ),
        solve=(
            ("{crops}_sold", "total - kept", "{who} sells {=} {crops}."),
            ("money", "{crops}_sold * price", "They bring in {=$}."),
            ("ans", "money / heirs", "Each one gets {=$}."),
        ),
    ),
    Template(
        "machine_faster_after_repair",
        {
            "rate": whole(40, 400, 20),
            "faster": percent(5, 50),
            "hours": whole(3, 12),
            "machine thing": together(
                "bottling machine/bottle",
                "printing press/poster",
                "packing robot/parcel",
                "loom/ribbon",
                "oven line/pretzel",
            ),
        },
        ask=(
            "A {machine} used to turn out {rate thing} an hour. Since its last repair it is {faster} "
            "faster. How many {things} does it turn out in {hours hour} now?",
            "Before the repair, a {machine} made {rate thing} in an hour. Now it makes {faster} more per "
            "hour. How many {things} does it make in {hours hour}?",
        ),
        solve=(
            ("more_per_hour", "rate * faster / 100", "It makes {=} more {things} an hour."),
            ("{things}_per_hour", "rate + more_per_hour", "Now it makes {=} {things} an hour."),
            ("ans", "{things}_per_hour * hours", "In that time it makes {=} {things}."),
        ),
    ),
)
