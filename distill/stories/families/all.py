"""Every template, in a fixed order."""

from distill.stories.families.money import MONEY
from distill.stories.families.percentages import PERCENTAGES
from distill.stories.families.rates import RATES
from distill.stories.families.sharing import SHARING
from distill.stories.template import Template

TEMPLATES: tuple[Template, ...] = (*SHARING, *MONEY, *RATES, *PERCENTAGES)
