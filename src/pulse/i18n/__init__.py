"""Pulse's own words in the languages of its readers: catalogues, plural rules, dates and numbers.

Owns: the catalogues in `locale/` (gettext `.po`, compiled when they are first used). The code speaks English.
Never: translates what came from outside; that is the llm room's work.
"""

from pulse.i18n.choosing import choose as choose
from pulse.i18n.choosing import shared as shared
from pulse.i18n.translator import LANGUAGES as LANGUAGES
from pulse.i18n.translator import Translator as Translator
from pulse.i18n.translator import message as message
from pulse.i18n.translator import translator as translator
