"""Packing and sharing: equal groups put together and taken apart."""

from distill.stories.draws import money, one_of, together, whole
from distill.stories.template import Template

SHARING = (
    Template(
        "art_supplies_in_boxes",
        {
            "boxes": whole(2, 12),
            "each": whole(4, 36),
            "item box": together("crayon/box", "pencil/pack", "marker/case", "eraser/bag", "paintbrush/set"),
        },
        ask=(
            "{who} [buys|orders|picks up] {boxes box} of {items} for the art room. Each {box} "
            "[holds|contains] {each item}. How many {items} [is that in total|is that altogether|are there "
            "in all]?",
            "A {box} of {items} [holds|contains] {each item}. How many {items} are in {boxes box}?",
            "How many {items} does {who} have if {he} [buys|gets] {boxes box} of {items} and every {box} "
            "has {each item} in it?",
        ),
        solve=(("ans", "boxes * each", "There are {=} {items} in the {boxes box}."),),
    ),
    Template(
        "cookies_onto_plates",
        {
            "total": whole(18, 144),
            "plates": whole(3, 12),
            "treat": one_of("cookie", "muffin", "brownie", "cupcake", "scone"),
            "event": one_of("bake sale", "school fair", "family picnic", "birthday party"),
        },
        ask=(
            "{who} bakes {total treat} for the {event} and [puts|divides] them equally [on|onto] {plates "
            "plate}. How many {treats} are on each plate?",
            "For the {event}, {who} arranges {total treat} on {plates plate}, with the same number on every "
            "plate. How many {treats} does each plate hold?",
            "{who} made {total treat}. If {he} shares them equally between {plates plate}, how many "
            "{treats} go on each plate?",
        ),
        solve=(("ans", "total / plates", "Each plate holds {=} {treats}."),),
        check=("ans > 2",),
    ),
    Template(
        "beads_for_bracelets",
        {
            "total": whole(60, 400, 2),
            "each": whole(8, 30),
            "jewel": one_of("bracelet", "necklace", "keychain", "anklet"),
        },
        ask=(
            "{who} has {total bead}. {he} needs {each bead} to make one {jewel}. How many {jewels} can {he} "
            "make?",
            "A {jewel} takes {each bead}. {who} [bought|was given] {total bead}. How many {jewels} can {he} "
            "make [with them|with all of them]?",
            "How many {jewels} can {who} make from {total bead} if every {jewel} uses {each bead}?",
        ),
        solve=(("ans", "total / each", "{who} can make {=} {jewels}."),),
        check=("ans > 2",),
    ),
    Template(
        "candy_shared_after_eating",
        {
            "total": whole(20, 120),
            "eaten": whole(2, 15),
            "people": whole(2, 8),
            "candy": one_of("gummy bear", "caramel", "jelly bean", "toffee", "mint", "lollipop"),
        },
        ask=(
            "{who} has a bag of {total candy}. {he} eats {eaten} of them and shares the rest equally among "
            "{people friend}. How many {candys} does each friend get?",
            "There are {total candy} in a jar. After {who} eats {eaten}, {he} divides what is left equally "
            "among {people friend}. How many {candys} does every friend receive?",
            "{who} bought {total candy}, ate {eaten} on the way home and then split the remaining ones "
            "evenly between {his} {people cousin}. How many {candys} did each cousin get?",
        ),
        solve=(
            ("{candys}_left", "total - eaten", "After eating some, {who} has {=} {candys} left."),
            ("ans", "{candys}_left / people", "Each one gets {=} {candys}."),
        ),
        check=("ans > 1",),
    ),
    Template(
        "two_children_pool_marbles",
        {
            "first": whole(8, 70),
            "second": whole(8, 70),
            "bags": whole(2, 9),
            "toy": one_of("marble", "seashell", "pebble", "button", "acorn"),
        },
        ask=(
            "{who} found {first toy} and {friend} found {second toy}. They put all the {toys} together and "
            "split them equally into {bags bag}. How many {toys} are in each bag?",
            "{who} collects {first toy}, and {friend} collects {second}. They mix their {toys} and fill "
            "{bags bag} with the same number of {toys}. How many {toys} does one bag hold?",
            "In {who}'s bucket there are {first toy}, in {friend}'s bucket there are {second}. The two put "
            "everything into {bags bag} so that all the bags hold the same number. How many {toys} go into "
            "each bag?",
        ),
        solve=(
            ("{toys}_together", "first + second", "{who} and {friend} have {=} {toys} together."),
            ("ans", "{toys}_together / bags", "Each bag holds {=} {toys}."),
        ),
        check=("ans > 2", "first != second"),
    ),
    Template(
        "crates_of_fruit_spoiled",
        {
            "crates": whole(3, 15),
            "each": whole(10, 60),
            "bad": whole(5, 60),
            "fruit": one_of("orange", "apple", "mango", "peach", "pear", "melon"),
        },
        ask=(
            "A [grocer|shopkeeper|market stall] receives {crates crate} of {fruits} with {each fruit} in "
            "each crate. {bad} of the {fruits} are spoiled and have to be thrown away. How many {fruits} "
            "can be sold?",
            "{crates crate} of {fruits} arrive at the market. Every crate has {each fruit} in it, but {bad "
            "fruit} turn out to be rotten. How many good {fruits} are there?",
            "{who} unloads {crates crate} of {fruits}, each with {each fruit}. {he} finds that {bad} of "
            "them are bruised and sets those aside. How many {fruits} are not bruised?",
        ),
        solve=(
            ("all_{fruits}", "crates * each", "There are {=} {fruits} in the crates."),
            ("ans", "all_{fruits} - bad", "That leaves {=} good {fruits}."),
        ),
        check=("bad * 3 < crates * each",),
    ),
    Template(
        "books_from_boxes_to_shelves",
        {"boxes": whole(3, 12), "each": whole(12, 48, 2), "shelves": whole(4, 15)},
        ask=(
            "A library receives {boxes box} of new books with {each book} in every box. The librarian "
            "spreads all the new books evenly over {shelves shelf}. How many books go on each shelf?",
            "{who} unpacks {boxes box} of books at the [bookshop|library]. Each box contains {each book}. "
            "If {he} places them equally on {shelves shelf}, how many books stand on one shelf?",
        ),
        solve=(
            ("books", "boxes * each", "There are {=} books."),
            ("ans", "books / shelves", "Each shelf gets {=} books."),
        ),
        check=("shelves != boxes", "ans < 60"),
    ),
    Template(
        "chairs_in_rows_and_extra",
        {
            "rows": whole(5, 20),
            "each": whole(6, 24),
            "extra": whole(3, 30),
            "place": one_of("school hall", "theater", "church", "community center", "tent"),
        },
        ask=(
            "Volunteers set up {rows row} of {each chair} in the {place}. Then they put {extra} more chairs "
            "along the back wall. How many chairs are there in the {place} now?",
            "In the {place} there are {rows row} of chairs with {each chair} in each row, and {extra} more "
            "chairs stand at the side. How many chairs are there [altogether|in total]?",
            "How many chairs are in a {place} with {rows row} of {each chair} and {extra} more chairs by "
            "the door?",
        ),
        solve=(
            ("chairs_in_rows", "rows * each", "The rows have {=} chairs."),
            ("ans", "chairs_in_rows + extra", "With the extra ones there are {=} chairs."),
        ),
    ),
    Template(
        "party_bags_leftover",
        {
            "total": whole(50, 200),
            "kids": whole(6, 20),
            "each": whole(3, 12),
            "gift": one_of("sticker", "balloon", "glow stick", "rubber ball", "temporary tattoo"),
        },
        ask=(
            "{who} has {total gift} for {his} birthday guests. {he} puts {each gift} into each of {kids "
            "party bag}. How many {gifts} are left over?",
            "For a party, {who} fills {kids party bag} with {each gift} each. {he} started with {total "
            "gift}. How many {gifts} does {he} have left?",
            "{kids child} come to {who}'s party, and each of them gets a bag with {each gift}. {who} had "
            "bought {total gift}. How many {gifts} remain?",
        ),
        solve=(
            ("{gifts}_used", "kids * each", "The bags take {=} {gifts}."),
            ("ans", "total - {gifts}_used", "{who} has {=} {gifts} left."),
        ),
    ),
    Template(
        "team_snacks_two_kinds",
        {
            "players": whole(6, 22),
            "oranges": whole(2, 4),
            "bars": whole(1, 3),
            "sport": one_of("soccer", "basketball", "volleyball", "hockey", "rugby"),
        },
        ask=(
            "The coach of a {sport} team brings snacks for {players player}. Each player gets {oranges "
            "orange slice} and {bars granola bar}. How many snacks does the coach need in all?",
            "Every one of the {players} players on a {sport} team eats {oranges orange slice} and {bars "
            "granola bar} after practice. How many snacks do they eat altogether?",
        ),
        solve=(
            ("snacks_per_player", "oranges + bars", "Each player gets {=} snacks."),
            ("ans", "snacks_per_player * players", "The team needs {=} snacks."),
        ),
    ),
    Template(
        "eggs_into_cartons_sold",
        {"hens": whole(8, 40), "each": whole(2, 6), "carton": whole(6, 12, 6), "price": money(2, 5)},
        ask=(
            "A farmer has {hens hen}. Each hen lays {each egg} a week. The farmer packs the eggs in cartons "
            "of {carton} and sells each carton for {price}. How many dollars does the farmer earn a week?",
            "Each of the {hens} hens on a farm lays {each egg} every week. The eggs are sold in cartons of "
            "{carton} for {price} a carton. How much money do the eggs bring in each week?",
        ),
        solve=(
            ("eggs", "hens * each", "The hens lay {=} eggs a week."),
            ("cartons", "eggs / carton", "That fills {=} cartons."),
            ("ans", "cartons * price", "The farmer earns {=$} a week."),
        ),
        check=("cartons > 1",),
    ),
    Template(
        "cards_dealt_after_giving",
        {
            "packs": whole(3, 12),
            "each": whole(6, 20),
            "given": whole(5, 40),
            "friends": whole(2, 6),
            "kind": one_of("football", "baseball", "dinosaur", "animal", "space"),
        },
        ask=(
            "{who} buys {packs pack} of {kind} cards with {each card} in each pack. {he} gives {given} "
            "cards to {his} [brother|sister] and divides the rest equally among {friends friend}. How many "
            "cards does each friend get?",
            "{who} opens {packs pack} of {kind} cards. There are {each card} in a pack. {he} keeps {given} "
            "cards for {his} album and shares the others equally between {friends friend}. How many cards "
            "does each friend receive?",
            "There are {each card} in a pack of {kind} cards. {who} has {packs pack}. First {he} sets aside "
            "{given} cards as a present, then {he} hands out the rest in equal parts to {friends friend}. "
            "How many cards does a friend get?",
        ),
        solve=(
            ("cards", "packs * each", "{who} has {=} cards."),
            ("cards_to_share", "cards - given", "{he} has {=} cards to share."),
            ("ans", "cards_to_share / friends", "Each friend gets {=} cards."),
        ),
        check=("ans > 2",),
    ),
    Template(
        "pizza_slices_left",
        {"pizzas": whole(3, 12), "slices": whole(6, 12, 2), "people": whole(4, 16), "each": whole(2, 5)},
        ask=(
            "{who} orders {pizzas pizza} for a party. Each pizza is cut into {slices slice}. If {people "
            "person} each eat {each slice}, how many slices are left?",
            "At a party there are {pizzas pizza} with {slices slice} each. {people person} come, and each "
            "of them eats {each slice}. How many slices of pizza remain?",
            "{people person} share {pizzas pizza}, each cut into {slices slice}. Everyone eats {each "
            "slice}. How many slices does nobody eat?",
        ),
        solve=(
            ("slices_in_all", "pizzas * slices", "There are {=} slices."),
            ("slices_eaten", "people * each", "The guests eat {=} slices."),
            ("ans", "slices_in_all - slices_eaten", "So {=} slices are left."),
        ),
    ),
    Template(
        "ribbon_cut_for_gifts",
        {
            "length": whole(60, 400, 5),
            "used": whole(10, 60, 5),
            "piece": whole(5, 40, 5),
            "unit": one_of("centimeter", "inch"),
        },
        ask=(
            "{who} has a ribbon that is {length unit} long. {he} uses {used unit} to tie a "
            "[present|bouquet] and cuts the rest into pieces of {piece unit}. How many pieces does {he} get?",
            "A roll of ribbon is {length unit} long. After {who} cuts off {used unit} for a bow, {he} cuts "
            "the remaining ribbon into pieces that are each {piece unit} long. How many pieces are there?",
        ),
        solve=(
            ("ribbon_left", "length - used", "There are {=} {units} of ribbon left."),
            ("ans", "ribbon_left / piece", "{who} gets {=} pieces."),
        ),
        check=("ans > 2", "used != piece"),
    ),
)
