"""Every template, in a fixed order."""

from distill.stories.families.comparison import COMPARISON
from distill.stories.families.fractions import FRACTIONS
from distill.stories.families.geometry import GEOMETRY
from distill.stories.families.hobbies import HOBBIES
from distill.stories.families.home import HOME
from distill.stories.families.kitchen import KITCHEN
from distill.stories.families.money import MONEY
from distill.stories.families.nature import NATURE
from distill.stories.families.percentages import PERCENTAGES
from distill.stories.families.play import PLAY
from distill.stories.families.rates import RATES
from distill.stories.families.school import SCHOOL
from distill.stories.families.sharing import SHARING
from distill.stories.families.times import TIMES
from distill.stories.families.work import WORK
from distill.stories.template import Template

TEMPLATES: tuple[Template, ...] = (
    *SHARING,
    *MONEY,
    *RATES,
    *PERCENTAGES,
    *FRACTIONS,
    *COMPARISON,
    *TIMES,
    *GEOMETRY,
    *SCHOOL,
    *KITCHEN,
    *NATURE,
    *PLAY,
    *HOBBIES,
    *WORK,
    *HOME,
)
