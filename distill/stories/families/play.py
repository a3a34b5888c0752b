"""Games, sports and parties."""

from distill.stories.draws import decimal, money, one_of, part, percent, times, together, whole
from distill.stories.template import Template

PLAY = (
    Template(
        "chess_boards_for_players",
        {"players": whole(8, 180, 2), "game": one_of("chess", "checkers", "backgammon", "table tennis")},
        ask=(
            "{players player} come to a {game} tournament. In the first round they all play at the same "
            "time, two in each game. How many games are there in the first round?",
            "A {game} club has {players member}. If all of them play at once in pairs, how many games are "
            "going on?",
            "Two people play each game of {game}. If {players person} all play at the same time, how many "
            "games are there?",
        ),
        solve=(("ans", "players / 2", "There are {=} games."),),
    ),
    Template(
        "arcade_tokens_per_game",
        {
            "tokens": whole(18, 150),
            "cost": whole(2, 6),
            "game": one_of("racing game", "pinball machine", "claw machine", "dance machine"),
        },
        ask=(
            "At the arcade, one turn on a {game} takes {cost token}. {who} has {tokens token}. How many "
            "turns can {he} take?",
            "{who} spends all of {his} {tokens} arcade tokens on a {game}. Every turn takes {cost token}. "
            "How many turns does {he} get?",
            "{who} loves the {game}, which takes {cost token} a turn. How many turns do {his} {tokens} "
            "tokens buy?",
        ),
        solve=(("ans", "tokens / cost", "{who} can take {=} turns."),),
        check=("ans > 3",),
    ),
    Template(
        "long_jump_improved",
        {
            "old": decimal("2.1", "5.5", "0.1"),
            "more": decimal("0.2", "1.4", "0.1"),
            "sport verb": together("long jump/jumps", "shot put/puts the shot", "triple jump/jumps"),
        },
        ask=(
            "Last year {who} reached {old} meters in the {sport}. This year {he} {verb} {more} meters "
            "farther. How many meters does {he} reach this year?",
            "In the {sport}, {who}'s best result was {old} meters. Now {he} {verb} {more} meters farther "
            "than that. What is {his} new result in meters?",
            "{who} trained hard for the {sport}. {his} best result had been {old} meters, and {he} improved "
            "it by {more} meters. How many meters is {his} best result now?",
        ),
        solve=(("ans", "old + more", "{who} reaches {=.} meters."),),
        check=("old != 3", "old != 4", "old != 5", "more != 1"),
    ),
    Template(
        "free_throws_part_made",
        {
            "tries": whole(12, 120),
            "share": part("1/2", "1/3", "2/3", "1/4", "3/4", "4/5"),
            "shot done": together(
                "free throw/made",
                "penalty kick/scored",
                "dart throw/hit the target with",
                "serve/won the point with",
            ),
        },
        ask=(
            "{who} tried {tries shot} and {done} {share} of them. How many was that?",
            "Out of {tries shot}, {who} {done} {share}. How many {shots} was that?",
            "In practice, {who} {done} {share} of {his} {tries shot}. How many {shots} was that?",
        ),
        solve=(("ans", "tries * share", "That was {=} {shots}."),),
    ),
    Template(
        "two_jerseys_per_player",
        {
            "teams": whole(2, 9),
            "members": whole(8, 24),
            "boxes": whole(2, 16),
            "kit": one_of("jersey", "cap", "water bottle", "medal", "towel"),
        },
        ask=(
            "A sports club has {teams team} with {members player} each. Every player gets two {kits}. The "
            "{kits} arrive in {boxes} boxes with the same number in each. How many {kits} are in a box?",
            "Every player in a club gets two {kits}. The club has {teams team} of {members player}, and the "
            "{kits} come packed equally in {boxes box}. How many {kits} does each box hold?",
        ),
        solve=(
            ("players", "teams * members", "The club has {=} players."),
            ("{kits}", "players * 2", "They get {=} {kits}."),
            ("ans", "{kits} / boxes", "Each box holds {=} {kits}."),
        ),
        check=("ans > 3",),
    ),
    Template(
        "balloon_animals_popped_refilled",
        {
            "packs": whole(3, 12),
            "each": whole(10, 30, 5),
            "popped": whole(3, 40),
            "more": whole(5, 50),
            "thing broke": together(
                "balloon/popped", "water balloon/burst", "paper lantern/tore", "glow stick/broke"
            ),
        },
        ask=(
            "{who} opens {packs pack} of {each thing} for a garden party. {popped} of the {things} {broke}, "
            "so {friend} brings {more} more. How many {things} are there then?",
            "For a party there are {packs pack} with {each thing} in each. {popped} of them {broke}, and "
            "then {more} new ones were added. How many {things} were there in the end?",
        ),
        solve=(
            ("{things}_at_first", "packs * each", "At first there are {=} {things}."),
            ("{things}_left", "{things}_at_first - popped", "Then {=} {things} are left."),
            ("ans", "{things}_left + more", "In the end there are {=} {things}."),
        ),
        check=("popped * 2 < packs * each", "more != popped"),
    ),
    Template(
        "gift_card_percent_then_snack",
        {
            "card": money(40, 200, 10),
            "rate": percent(20, 70, 5),
            "snack": money(3, 15),
            "thing": one_of("a computer game", "comic books", "craft supplies", "a puzzle", "a soccer ball"),
        },
        ask=(
            "{who} has a gift card worth {card}. {he} spends {rate} of it on {thing} and then {snack} on a "
            "snack. How much money is left on the card?",
            "With a {card} gift card, {who} pays for {thing}, which takes {rate} of the card's value, and "
            "for a {snack} snack. How many dollars remain on the card?",
            "For {his} birthday, {who} got a gift card worth {card}. {thing} used up {rate} of it, and a "
            "snack took another {snack}. How many dollars are still on the card?",
        ),
        solve=(
            ("money_for_first_purchase", "card * rate / 100", "The first purchase costs {=$}."),
            ("money_left", "card - money_for_first_purchase", "Then {=$} is left."),
            ("ans", "money_left - snack", "After the snack {=$} is left."),
        ),
    ),
    Template(
        "scouts_sell_for_charity",
        {
            "a": whole(15, 60),
            "less": whole(3, 40),
            "k": times(2, 4),
            "ware": one_of(
                "box of cookies", "bunch of flowers", "Christmas tree", "jar of honey", "raffle ticket"
            ),
        },
        ask=(
            "{who}, {friend} and {third} sell things for their scout group. {who} sells {a ware}, {friend} "
            "sells {less} fewer than {who}, and {third} sells {k} as many as {friend}. How many do they "
            "sell in total?",
            "{who} sells {a ware} for the scouts. That is {less} more than {friend} sells. {third} sells "
            "{k} as many as {friend}. How many {wares} do the three of them sell together?",
            "For charity, {third} sells {k} as many {wares} as {friend}. {friend} sells {less} fewer than "
            "{who}, who sells {a}. How many {wares} do the three of them sell altogether?",
        ),
        solve=(
            ("sold_by_{friend}", "a - less", "{friend} sells {=}."),
            ("sold_by_{third}", "sold_by_{friend} * k", "{third} sells {=}."),
            ("ans", "a + sold_by_{friend} + sold_by_{third}", "Together they sell {=} {wares}."),
        ),
        check=("sold_by_{friend} > 4",),
    ),
    Template(
        "ski_lift_people_per_hour",
        {
            "seats": whole(8, 30),
            "gap": whole(4, 12),
            "hours": whole(2, 8),
            "ride": one_of("ferry", "cable car", "shuttle bus", "roller coaster", "ghost train"),
        },
        ask=(
            "A {ride} makes {gap} trips an hour with {seats person} each time. How many people does it "
            "carry in {hours hour}?",
            "Every hour a {ride} makes {gap} trips. {seats person} ride on each trip. How many people does "
            "it carry in {hours hour}?",
        ),
        solve=(
            ("people_per_hour", "gap * seats", "Each hour it carries {=} people."),
            ("ans", "people_per_hour * hours", "In that time it carries {=} people."),
        ),
    ),
    Template(
        "sponsored_ride_miles_short",
        {
            "a": whole(2, 6),
            "fast": whole(8, 16),
            "goal": whole(30, 150, 5),
            "trip": one_of("sponsored bike ride", "bike tour", "cycling race"),
        },
        ask=(
            "A {trip} is {goal mile} long. {who} rides for {a hour} at {fast} miles per hour. How many "
            "miles are left?",
            "{who} takes part in a {trip} of {goal mile}. After {a hour} at a speed of {fast} miles per "
            "hour, how many miles does {he} still have to ride?",
            "{who} wants to finish a {trip} that is {goal mile} long. So far {he} has been riding for {a "
            "hour} at {fast} miles per hour. How many miles lie ahead of {him}?",
        ),
        solve=(
            ("miles_ridden", "a * fast", "{who} rides {=} miles."),
            ("ans", "goal - miles_ridden", "There are {=} miles left."),
        ),
    ),
    Template(
        "band_members_equal_rows",
        {
            "drums": whole(4, 30),
            "horns": whole(8, 60),
            "flutes": whole(6, 50),
            "rows": whole(4, 12),
            "event": one_of("parade", "halftime show", "city festival", "opening ceremony"),
        },
        ask=(
            "A marching band has {drums drummer}, {horns} horn players and {flutes} flute players. For a "
            "{event} they line up in {rows} equal rows. How many musicians are in each row?",
            "At a {event}, {drums drummer}, {horns} horn players and {flutes} flute players march in {rows} "
            "rows with the same number of people in every row. How many people are in one row?",
            "{drums drummer}, {horns} horn players and {flutes} flute players get ready for a {event}. The "
            "band leader places them in {rows} rows of equal length. How many people stand in one row?",
        ),
        solve=(
            ("musicians", "drums + horns + flutes", "There are {=} musicians."),
            ("ans", "musicians / rows", "Each row has {=} musicians."),
        ),
    ),
    Template(
        "concert_hall_partly_empty",
        {
            "total": whole(80, 900, 20),
            "rate": percent(5, 60),
            "price": money(5, 30),
            "place event": together(
                "concert hall/concert", "stadium/match", "circus tent/show", "cinema/film", "theater/play"
            ),
        },
        ask=(
            "A {place} has {total seat}. At today's {event}, {rate} of the seats stay empty. All the other "
            "seats are taken by people who paid {price} each. How much money comes in?",
            "In a {place} with {total seat}, {rate} of the seats are empty during the {event}. The ticket "
            "for each of the other seats cost {price}. How many dollars did the tickets bring in?",
            "{price} is the price of a ticket for a {event} in a {place} with {total seat}. If {rate} of "
            "the seats remain empty and all the others are sold, how many dollars do the tickets bring in?",
        ),
        solve=(
            ("empty_seats", "total * rate / 100", "There are {=} empty seats."),
            ("taken_seats", "total - empty_seats", "So {=} seats are taken."),
            ("ans", "taken_seats * price", "The tickets bring in {=$}."),
        ),
    ),
)
