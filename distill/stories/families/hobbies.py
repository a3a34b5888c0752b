"""Hobbies and crafts: puzzles, knitting, models, pictures, collections."""

from distill.stories.draws import one_of, together, whole
from distill.stories.template import Template

HOBBIES = (
    Template(
        "puzzle_pieces_missing",
        {
            "all": whole(60, 1000, 10),
            "placed": whole(15, 900),
            "motif": one_of(
                "a castle", "a lighthouse", "two kittens", "an old train", "a coral reef", "the moon landing"
            ),
        },
        ask=(
            "A jigsaw puzzle of {motif} has {all piece}. {who} has put {placed} of them in place. How many "
            "pieces are still to be placed?",
            "{who} is working on a jigsaw puzzle of {motif}. {he} has already placed {placed} of the {all} "
            "pieces. How many pieces remain?",
            "Of the {all} pieces of a jigsaw puzzle that shows {motif}, {placed} are already in the right "
            "place. How many pieces does {who} still have to fit in?",
        ),
        solve=(("ans", "all - placed", "So {=} pieces remain."),),
        check=("placed * 4 > all",),
    ),
    Template(
        "kites_flown_on_two_beaches",
        {
            "a": whole(12, 95),
            "b": whole(12, 95),
            "thing where": together(
                "kite/beach", "sand castle/beach", "surfer/beach", "sailboat/lake", "scarecrow/field"
            ),
            "day": one_of("Sunday", "a holiday", "the first day of vacation"),
        },
        ask=(
            "On {day}, {who} counts {a thing} on one {where} and {b thing} on another. How many {things} "
            "does {he} count altogether?",
            "{who} sees {a thing} on a {where} in the morning. In the afternoon {he} sees {b} others on a "
            "different {where}. How many {things} does {he} see that day?",
        ),
        solve=(("ans", "a + b", "Altogether {who} counts {=} {things}."),),
        check=("a != b",),
    ),
    Template(
        "knitting_rows_of_stitches",
        {
            "rows": whole(12, 90),
            "each": whole(18, 60),
            "knit": one_of("scarf", "blanket", "pot holder", "shawl"),
        },
        ask=(
            "{who} knits a {knit} with {rows row} of {each stitch}. How many stitches does {he} knit?",
            "There are {each stitch} in every row of a {knit}. {who} has finished {rows row}. How many "
            "stitches is that?",
            "How many stitches does {who} make for a {knit} if it has {rows row} and every row has {each "
            "stitch}?",
        ),
        solve=(("ans", "rows * each", "{who} knits {=} stitches."),),
    ),
    Template(
        "model_trains_wagons_wheels",
        {
            "trains": whole(2, 9),
            "wagons": whole(3, 12),
            "wheels": whole(4, 8, 2),
            "spare": whole(4, 40),
            "toy": one_of("model train", "wooden train", "toy train"),
        },
        ask=(
            "{who} builds {trains toy} with {wagons wagon} each. Every wagon needs {wheels wheel}. {he} has "
            "{spare wheel} already and buys the others. How many wheels does {he} buy?",
            "A {toy} has {wagons wagon}, and a wagon has {wheels wheel}. {who} wants to make {trains toy} "
            "and has found {spare wheel} in a box. How many more wheels does {he} need?",
            "{who} has {spare} wooden wheels. {he} plans to build {trains toy}, each with {wagons wagon}, "
            "and {wheels wheel} go on every wagon. How many more wheels will {he} have to buy?",
        ),
        solve=(
            ("wagons_in_all", "trains * wagons", "There are {=} wagons."),
            ("wheels_in_all", "wagons_in_all * wheels", "They need {=} wheels."),
            ("ans", "wheels_in_all - spare", "{who} must buy {=} wheels."),
        ),
    ),
    Template(
        "two_jars_of_buttons_sum",
        {
            "a": whole(20, 160),
            "more": whole(5, 80),
            "thing": one_of("button", "bead", "peanut", "dried bean", "glass pebble"),
            "c d": together("red/blue", "big/small", "first/second", "round/square"),
        },
        ask=(
            "The {c} jar holds {a thing}. The {d} jar holds {more} more {things} than the {c} jar. How many "
            "{things} do both jars hold together?",
            "There are {a thing} in the {c} jar and {more} more than that in the {d} jar. How many {things} "
            "are there in the two jars?",
            "{who} fills two jars with {things}. {a} go into the {c} jar, and {more} more than that go into "
            "the {d} jar. How many {things} did {he} use for both jars?",
        ),
        solve=(
            ("{things}_in_{d}_jar", "a + more", "The {d} jar holds {=} {things}."),
            ("ans", "a + {things}_in_{d}_jar", "Both jars hold {=} {things}."),
        ),
    ),
    Template(
        "film_camera_rolls",
        {
            "rolls": whole(2, 12),
            "shots": whole(12, 36, 12),
            "blurred": whole(3, 40),
            "page": whole(3, 9),
            "book": one_of("photo album", "scrapbook", "travel journal"),
        },
        ask=(
            "{who} takes {rolls roll} of film with {shots picture} each. {blurred} of the pictures are "
            "blurred and thrown away. {he} puts the others into a {book}, {page} on each page. How many "
            "pages does {he} fill?",
            "A roll of film has {shots picture}. {who} uses up {rolls roll}, throws away {blurred} bad "
            "pictures and glues {page} of the remaining pictures on each page of a {book}. How many pages "
            "are filled?",
            "On a trip {who} used {rolls roll} of film, with {shots picture} on each. {blurred} pictures "
            "were no good. The rest went into a {book} with {page picture} on a page. How many pages did "
            "they take up?",
        ),
        solve=(
            ("pictures", "rolls * shots", "{who} takes {=} pictures."),
            ("good_pictures", "pictures - blurred", "So {=} of them are good."),
            ("ans", "good_pictures / page", "They fill {=} pages."),
        ),
        check=("blurred * 3 < rolls * shots",),
    ),
    Template(
        "kitten_litters_given_homes",
        {
            "cats": whole(3, 12),
            "each": whole(3, 7),
            "days": whole(2, 6),
            "daily": whole(2, 6),
            "mother baby": together("cat/kitten", "dog/puppy", "rabbit/baby rabbit"),
        },
        ask=(
            "An animal shelter has {cats mother} with {each baby} each. Every day {daily} of the {babys} "
            "find a new home. How many {babys} are left after {days day}?",
            "In a shelter there are {cats mother}, and each of them has {each baby}. If {daily baby} are "
            "adopted every day, how many {babys} are still in the shelter after {days day}?",
            "{cats mother} were brought to a shelter, each with {each baby}. The shelter finds homes for "
            "{daily} of the {babys} a day. How many {babys} are waiting for a home after {days day}?",
        ),
        solve=(
            ("{babys}", "cats * each", "There are {=} {babys}."),
            ("{babys}_adopted", "daily * days", "In that time {=} {babys} find a home."),
            ("ans", "{babys} - {babys}_adopted", "So {=} {babys} are left."),
        ),
        check=("ans > 1",),
    ),
    Template(
        "library_books_borrowed_returned",
        {
            "start": whole(200, 3000, 10),
            "out": whole(30, 180),
            "back": whole(10, 150),
            "day": one_of("Monday", "Friday", "one day", "the first day of school"),
        },
        ask=(
            "There are {start book} on the shelves of a school library. On {day}, students take out {out "
            "book} and bring back {back}. How many books are on the shelves now?",
            "The school library had {start book} on its shelves. On {day}, {out} were taken out and {back} "
            "were returned. How many books were on the shelves after that?",
            "On {day}, {out book} left a school library and {back} came back. In the morning there had been "
            "{start book} on the shelves. How many were there in the evening?",
        ),
        solve=(
            ("books_after_lending", "start - out", "After lending there are {=} books."),
            ("ans", "books_after_lending + back", "Now there are {=} books."),
        ),
        check=("out != back",),
    ),
    Template(
        "long_novel_read_in_evenings",
        {
            "pages": whole(300, 1200, 10),
            "read": whole(40, 400, 10),
            "rate": whole(15, 40, 5),
            "hours": whole(2, 4),
            "book": one_of("novel", "trilogy", "history book", "book of fairy tales", "family saga"),
        },
        ask=(
            "{who} has read {read} of the {pages} pages of a {book}. From now on {he} reads for {hours "
            "hour} every evening and manages {rate page} an hour. How many evenings does {he} need for the "
            "rest?",
            "A {book} has {pages page}, and {who} has already read {read page}. {he} reads {rate page} an "
            "hour and takes {hours hour} for it each evening. After how many more evenings does {he} finish "
            "the {book}?",
            "{who} reads {rate page} of a {book} in an hour, for {hours hour} every evening. The {book} has "
            "{pages page}, of which {he} has read {read}. How many evenings will the other pages take {him}?",
        ),
        solve=(
            ("pages_left", "pages - read", "{who} has {=} pages left."),
            ("pages_per_evening", "rate * hours", "Each evening {he} reads {=} pages."),
            ("ans", "pages_left / pages_per_evening", "{he} needs {=} evenings."),
        ),
        check=("ans > 2",),
    ),
    Template(
        "postcards_on_album_pages",
        {
            "packs": whole(2, 12),
            "each": whole(6, 30),
            "loose": whole(3, 50),
            "page": whole(2, 12),
            "thing": one_of("postcard", "stamp", "pressed flower", "sticker", "concert ticket"),
        },
        ask=(
            "{who} has {packs envelope} with {each thing} in each and {loose} loose ones. {he} puts all of "
            "them into an album, {page} on a page. How many pages does {he} fill?",
            "In {packs envelope} there are {each thing} each. {who} adds {loose thing} from a drawer and "
            "glues {page} on every page of an album. How many pages are full in the end?",
        ),
        solve=(
            ("{things}_in_envelopes", "packs * each", "The envelopes hold {=} {things}."),
            ("{things}", "{things}_in_envelopes + loose", "In all there are {=} {things}."),
            ("ans", "{things} / page", "They fill {=} pages."),
        ),
        check=("ans > 3",),
    ),
)
