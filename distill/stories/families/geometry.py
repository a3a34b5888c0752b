"""Shapes and measures: perimeters, areas, volumes, lengths, weights."""

from distill.stories.draws import decimal, money, one_of, times, together, whole
from distill.stories.template import Template

GEOMETRY = (
    Template(
        "area_of_a_rectangle",
        {
            "length": whole(5, 60),
            "width": whole(3, 45),
            "shape": one_of("garden", "room", "playground", "parking lot", "flower bed", "stage"),
            "unit": one_of("foot", "yard", "meter"),
        },
        ask=(
            "A rectangular {shape} is {length unit} long and {width unit} wide. What is its area in square "
            "{units}?",
            "How many square {units} does a rectangular {shape} cover if it is {length unit} long and "
            "{width unit} wide?",
            "{who} measures a rectangular {shape}. It is {width unit} wide and {length unit} long. How many "
            "square {units} of space is that?",
        ),
        solve=(("ans", "length * width", "The area is {=} square {units}."),),
        check=("length > width",),
    ),
    Template(
        "fence_around_a_square",
        {"side": whole(6, 90), "field": one_of("field", "pasture", "yard", "pond", "vegetable patch")},
        ask=(
            "A square {field} has sides of {side meter}. How many meters of fence are needed to go all the "
            "way around it?",
            "{who} wants to fence a square {field}. Each side is {side meter} long. How many meters of "
            "fence does {he} need for all four sides?",
            "All four sides of a {field} are {side meter} long, and its corners are right angles. How many "
            "meters is it once around the {field}?",
        ),
        solve=(("ans", "side * 4", "The fence is {=} meters long."),),
    ),
    Template(
        "perimeter_and_fence_price",
        {
            "length": whole(8, 60),
            "width": whole(5, 40),
            "price": money(3, 20),
            "field": one_of("garden", "chicken yard", "dog run", "orchard", "paddock"),
        },
        ask=(
            "{who} builds a fence around a rectangular {field} that is {length meter} long and {width "
            "meter} wide. The fence costs {price} a meter. How much does it cost?",
            "A rectangular {field} measures {length meter} by {width meter}. A fence for it costs {price} "
            "per meter. How many dollars does a fence around the whole {field} cost?",
            "How many dollars does it cost to fence a rectangular {field} of {length meter} by {width "
            "meter} if one meter of fence costs {price}?",
        ),
        solve=(
            ("half_of_perimeter", "length + width", "Length and width together are {=} meters."),
            ("perimeter", "half_of_perimeter * 2", "The perimeter is {=} meters."),
            ("ans", "perimeter * price", "The fence costs {=$}."),
        ),
        check=("length > width",),
    ),
    Template(
        "tiles_for_a_floor",
        {
            "length": whole(6, 40),
            "width": whole(4, 30),
            "pack": whole(4, 24),
            "floor": one_of("kitchen", "bathroom", "hall", "terrace", "laundry room"),
        },
        ask=(
            "The floor of a {floor} is {length foot} long and {width foot} wide. It is covered with tiles "
            "of one square foot each, which come in packs of {pack}. How many packs are needed?",
            "A {floor} floor measures {length foot} by {width foot}. One pack of tiles covers {pack} square "
            "feet. How many packs of tiles does {who} need?",
            "{who} is going to tile a {floor} that is {length foot} long and {width foot} wide. If the "
            "tiles in one pack cover {pack} square feet, how many packs will {he} use?",
        ),
        solve=(
            ("square_feet", "length * width", "The floor has {=} square feet."),
            ("ans", "square_feet / pack", "It takes {=} packs."),
        ),
        check=("length > width", "ans > 3"),
    ),
    Template(
        "missing_side_of_rectangle",
        {
            "area": whole(40, 900),
            "width": whole(4, 30),
            "thing": one_of("carpet", "lawn", "stage", "dance floor", "parking lot"),
        },
        ask=(
            "A rectangular {thing} has an area of {area} square feet and is {width foot} wide. How many "
            "feet long is it?",
            "The area of a rectangular {thing} is {area} square feet. If its width is {width foot}, what is "
            "its length in feet?",
        ),
        solve=(("ans", "area / width", "The {thing} is {=} feet long."),),
        check=("ans > width", "ans < 60"),
    ),
    Template(
        "volume_of_an_aquarium",
        {
            "length": whole(20, 60, 5),
            "width": whole(10, 40, 5),
            "height": whole(10, 40, 5),
            "box": one_of("aquarium", "wooden crate", "cooler", "toy chest", "flower box"),
        },
        ask=(
            "A {box} is {length inch} long, {width inch} wide and {height inch} high. What is its volume in "
            "cubic inches?",
            "A {box} has a length of {length inch}, a width of {width inch} and a height of {height inch}. "
            "How many cubic inches does it hold?",
            "{who} builds a {box}. Inside, it is {length inch} long, {width inch} wide and {height inch} "
            "high. What volume does it have, in cubic inches?",
        ),
        solve=(
            ("bottom_area", "length * width", "The bottom has {=} square inches."),
            ("ans", "bottom_area * height", "The volume is {=} cubic inches."),
        ),
        check=("length > width",),
    ),
    Template(
        "garden_minus_pond",
        {
            "length": whole(12, 60),
            "width": whole(10, 45),
            "side": whole(3, 12),
            "place hole": together("garden/pond", "lawn/sandbox", "backyard/patio", "courtyard/fountain"),
        },
        ask=(
            "A rectangular {place} is {length meter} long and {width meter} wide. In it there is a square "
            "{hole} with sides of {side meter}. How many square meters of the {place} are not taken up by "
            "the {hole}?",
            "A {place} measures {length meter} by {width meter}. A square {hole} in it is {side meter} long "
            "on each side. What is the area of the rest of the {place} in square meters?",
        ),
        solve=(
            ("area_of_{place}", "length * width", "The {place} has {=} square meters."),
            ("area_of_{hole}", "side * side", "The {hole} has {=} square meters."),
            ("ans", "area_of_{place} - area_of_{hole}", "The rest has {=} square meters."),
        ),
        check=("length > width", "width > side + 3"),
    ),
    Template(
        "running_around_the_field",
        {
            "length": whole(60, 150, 5),
            "width": whole(30, 90, 5),
            "laps": times(2, 12),
            "field": one_of("soccer field", "park", "parade ground", "hockey field"),
        },
        ask=(
            "A rectangular {field} is {length meter} long and {width meter} wide. {who} runs around it "
            "{laps}. How many meters does {he} run?",
            "{who} jogs {laps} around the edge of a rectangular {field} of {length meter} by {width meter}. "
            "How far is that in meters?",
        ),
        solve=(
            ("half_a_lap", "length + width", "Half a lap is {=} meters."),
            ("lap", "half_a_lap * 2", "One lap is {=} meters."),
            ("ans", "lap * laps", "{who} runs {=} meters."),
        ),
        check=("length > width",),
    ),
    Template(
        "wooden_board_pieces_length",
        {
            "length": whole(24, 240),
            "pieces": whole(3, 12),
            "wood": one_of("board", "beam", "pipe", "wire", "strip of paper"),
        },
        ask=(
            "{who} cuts a {wood} of {length inch} into {pieces piece} of equal length. How many inches long "
            "is each piece?",
            "A {wood} that is {length inch} long is cut into {pieces} equal pieces. How long is one piece "
            "in inches?",
            "{pieces} equal pieces are to be made from a {wood} that is {length inch} long. How many inches "
            "should each piece measure?",
        ),
        solve=(("ans", "length / pieces", "Each piece is {=} inches long."),),
        check=("ans > 3",),
    ),
    Template(
        "stack_of_blocks_height",
        {
            "blocks": whole(3, 24),
            "height": decimal("1.5", "9.5", "0.5"),
            "block": one_of("block", "book", "brick", "tile", "board game"),
        },
        ask=(
            "{who} stacks {blocks block} on top of each other. Each {block} is {height} centimeters high. "
            "How high is the stack in centimeters?",
            "A {block} has a height of {height} centimeters. How many centimeters high is a tower of "
            "{blocks block}?",
            "{who} builds a tower out of {blocks block}. If every {block} adds {height} centimeters, how "
            "many centimeters high does the tower get?",
        ),
        solve=(("ans", "blocks * height", "The stack is {=.} centimeters high."),),
    ),
    Template(
        "truck_load_weight_left",
        {
            "limit": whole(800, 3000, 50),
            "crates": whole(6, 30),
            "each": whole(20, 90, 5),
            "load": one_of("crate", "barrel", "sack", "machine part", "piano stool"),
            "ship": one_of("truck", "elevator", "boat", "trailer"),
        },
        ask=(
            "A {ship} can carry {limit pound}. {crates load} of {each pound} each are loaded onto it. How "
            "many more pounds can the {ship} carry?",
            "{who} loads {crates load} onto a {ship}. Each one weighs {each pound}, and the {ship} may "
            "carry {limit pound}. How many pounds are still allowed?",
            "The limit of a {ship} is {limit pound}. So far it holds {crates load}, and each of them weighs "
            "{each pound}. How many pounds can still be added?",
        ),
        solve=(
            ("weight_of_{loads}", "crates * each", "The {loads} weigh {=} pounds."),
            ("ans", "limit - weight_of_{loads}", "The {ship} can carry {=} more pounds."),
        ),
    ),
    Template(
        "painting_walls_area",
        {
            "walls": whole(2, 4),
            "length": whole(8, 20),
            "height": whole(7, 10),
            "window": whole(10, 40),
            "room": one_of("bedroom", "garage", "classroom", "office", "workshop"),
        },
        ask=(
            "{who} paints {walls wall} of a {room}. Each wall is {length foot} long and {height foot} high, "
            "but {window} square feet of windows and doors are not painted. How many square feet does {he} "
            "paint?",
            "In a {room}, {walls wall} are to be painted, each {length foot} long and {height foot} high. "
            "Windows and doors take up {window} square feet of them. How many square feet have to be "
            "painted?",
        ),
        solve=(
            ("area_of_a_wall", "length * height", "One wall has {=} square feet."),
            ("area_of_walls", "area_of_a_wall * walls", "The walls have {=} square feet."),
            ("ans", "area_of_walls - window", "That leaves {=} square feet to paint."),
        ),
        check=("length > height",),
    ),
    Template(
        "triangle_third_side",
        {
            "around": whole(30, 200),
            "a": whole(8, 80),
            "b": whole(8, 80),
            "thing": one_of("playground", "park", "meadow", "plot of land", "vineyard"),
        },
        ask=(
            "A {thing} has the shape of a triangle. The distance around it is {around foot}. Two of its "
            "sides are {a foot} and {b foot} long. How many feet long is the third side?",
            "The perimeter of a triangular {thing} is {around foot}. One side measures {a foot} and another "
            "{b foot}. How many feet does the remaining side measure?",
        ),
        solve=(
            ("two_sides", "a + b", "The two sides are {=} feet together."),
            ("ans", "around - two_sides", "The third side is {=} feet long."),
        ),
        check=("a != b", "a + b > ans", "a + ans > b", "b + ans > a"),
    ),
    Template(
        "ribbon_in_meters_to_centimeters",
        {
            "meters": whole(2, 40),
            "piece": whole(10, 80, 5),
            "cloth": one_of("ribbon", "string", "yarn", "tape", "wire"),
        },
        ask=(
            "{who} has {meters meter} of {cloth}. {he} cuts it into pieces of {piece centimeter}. One meter "
            "is 100 centimeters. How many pieces does {he} get?",
            "A roll holds {meters meter} of {cloth}. How many pieces of {piece centimeter} can be cut from "
            "it if a meter has 100 centimeters?",
            "There are 100 centimeters in a meter. {who} cuts {meters meter} of {cloth} into pieces that "
            "are {piece centimeter} long. How many pieces are there?",
        ),
        solve=(
            ("centimeters_of_{cloth}", "meters * 100", "There are {=} centimeters of {cloth}."),
            ("ans", "centimeters_of_{cloth} / piece", "That makes {=} pieces."),
        ),
    ),
)
