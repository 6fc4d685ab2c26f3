"""Words around ingredients, in their folded form; Russian words are here by a key of theirs.

Words that are not listed may belong to the name of an ingredient that the vocabulary lacks:
pea milk.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from suggester.extraction.morphology import CACHED_WORDS, analyse, is_russian
from suggester.units import NUMBER_WORDS, find_unit


def words(*lines: str) -> frozenset[str]:
    """Return the words of some lines."""
    return frozenset(" ".join(lines).split())


def pairs(text: str) -> frozenset[tuple[str, ...]]:
    """Return the pairs of words between the bars of a text."""
    return frozenset(tuple(pair.split()) for pair in text.split("|"))


# They leave an ingredient the same. Those of kinds, such as sour or green, are not here.
QUALITIES: Final = words(
    "fresh freshly cold hot warm iced chilled cooled frozen organic homemade local seasonal",
    "natural plain pure good best quality favourite favorite ripe overripe large small medium big",
    "little huge tiny heaped heaping level rounded generous scant chopped sliced diced grated",
    "squeezed pressed crushed peeled pitted washed rinsed halved quartered torn bruised muddled",
    "mashed roughly finely coarsely thinly thickly lightly steamed boiled boiling melted softened",
    "frothed heated soaked toasted strong weak sweet thick thin extra more less full whole",
    "skimmed semi fat low high added chunky seedless pasteurised pasteurized refrigerated",
    "lukewarm delicious tasty nice leftover",
    "свежий свежевыжатый холодный горячий теплый охлажденный ледяной замороженный мороженый",
    "домашний натуральный спелый зрелый крупный мелкий большой маленький средний целый вкусный",
    "хороший сладкий обычный простой чистый нарезанный очищенный измельченный рубленый тертый",
    "натертый размороженный колотый дробленый кипяченый вареный подогретый растопленный",
    "размягченный густой жирный обезжиренный нежирный крепкий мягкий любимый любой настоящий",
    "фермерский деревенский пастеризованный отжатый сочный ароматный душистый взбитый оставшийся",
    "весь свой наш мой ваш этот",
)

# Verbs of recipes and wishes; those that are Russian are known by their form.
VERBS: Final = words(
    "add mix stir pour blend shake combine whisk beat put place drop use take make boil simmer",
    "heat warm cool chill freeze muddle squeeze press chop slice dice peel grate crush mash melt",
    "dissolve soak steep infuse brew strain sift serve garnish top finish drizzle sprinkle dust",
    "rim fill cover let leave bring remove rinse wash blitz process pulse froth steam cook bake",
    "toast roast grill need want like love have got give get buy try go goes work works taste",
    "tastes drink include includes contains contain hates hate loves likes prefer prefers pair",
    "pairs eat eats avoid exclude dislike replace swap make makes made give gives gave cause",
    "causes tolerate digest stand stomach consume process handle keep stay quit cut",
)

# They stand between ingredients, and belong to none.
LINKS: Final = words(
    "a an the some any of and or nor with in on into onto over to for from then than plus until",
    "till by at as but if so am is are was its be i it we you he she they me my your our his her",
    "their this that these those not no only just also too very well really please thanks when",
    "while before after i'd i'm i've we've let's it's don't about around approximately up down",
    "out off each per both either between through under again now first next finally last there",
    "here would could should can will may might must do does did what which how who why where all",
    "nothing something anything everything else few couple bit lot lots much many tiny handful",
    "enough rest half quarter third including using instead rather without skip hold omit except",
    "minus lightly gently thoroughly slowly quickly together overnight smooth done ok okay yes",
    "we'll i'll can't cannot cant dont never ingredients ingredient recipe recipes list shopping",
    "idea ideas suggestions needed required optional free finely roughly separately aside ready",
    "good great perfect best better preferably maybe perhaps definitely today tonight tomorrow",
    "available left fridge",
    "kitchen cupboard pantry home juice zest thumb x minute minutes min hour hours second seconds",
    "degrees times people person persons servings neither blender saucepan pan pot bowl jug",
    "pitcher stove shaker kettle mug straw omits excludes excluding avoids avoiding dislikes sans",
    "containing % stopped eating drinking having away feel feels felt friendly disease badly",
    "throat tongue lips zero forbid forbids quit ban lacking omitting",
    "случай кой минута час секунда градус раз человек порция блендер кастрюля кувшин миска плита",
    "сотейник шейкер холодильник сковорода чайник кухня рецепт список ингредиент х никакой",
    "немного чуть примерно около больше меньше много мало грамм горсточка капелька",
)

# Other things that have the name of an ingredient in theirs, and only known words.
OTHERS: Final = (
    "hot chocolate",
    "cream of tartar",
    "irish cream",
    "ice tea",
    "lemon curd",
    "lime curd",
    "bean curd",
    "butter lettuce",
    "sugar snap",
    "coconut aminos",
    "horse chestnut",
    "water chestnut",
    "egg plant",
    "thanks mate",
    "cheers mate",
    "mate please",
    "date night",
    "горячий шоколад",
    "черный тмин",
    "водяной орех",
    "земляная груша",
    "сахарная вата",
    "морская капуста",
    "горькая соль",
)

# A word before a name in the genitive that is a part or an amount of it, and not another food.
PARTS: Final = words(
    "мякоть сок ягода плод кусочек кусок нарезка долька кружочек ломтик половина половинка",
    "остаток количество добавка добавление рецепт вкус запах аромат слой капелька глоток бутон",
    "корень листик бокал кружка кувшин литр треть четверть пара десяток щепоть смесь",
)

ADDING: Final = words(
    "add use put include contain want need like have take serve pour give drink eat using adding",
    "добавлять добавить класть положить использовать лить налить наливать сыпать насыпать нужный",
    "нужно надо хотеть любить есть пить брать взять подавать переносить ложить давать употреблять",
    "содержать мочь нельзя входить вливать всыпать подсыпать переваривать усваивать",
    "tolerate digest stand stomach consume process handle serve give быть",
)

# They exclude the ingredients that follow, up to the end of the clause.
CUES: Final = words(
    "no zero 0 without except minus skip omit exclude avoid hold neither nor hate hates dislike",
    "replace omitting lacking anti ban quit forbid forbids ненавидеть запрещать запрет",
    "отказ стоп бояться опасаться",
    "omits excludes excluding avoids avoiding dislikes sans избегать отказаться отказываться",
    "противопоказать противопоказанный запретить запрещенный",
    "substitute swap без кроме вместо исключить исключать исключая убрать убирать никакой ни минус",
    "нет заменить заменять",
)
CUE_PAIRS: Final = pairs(
    "instead of|rather than|leave out|leave off|anything but|everything but|all but|"
    "none of|stopped eating|stopped drinking|stopped having|other than|apart from|aside from|"
    "clear of|nothing with|nothing containing|"
    "ничего с|за исключением|подальше от"
)
# They exclude everything up to the end of the sentence, as words of intolerance with TO do.
FREE: Final = pairs(
    "free of|free from|sensitive to|react to|reacts to|away from|cut out|give up|gave up|i'm off|"
    "am off|given up|devoid of|unable to|реакция на|реакции на|реакцию на"
)
TO: Final = words("to of from на к")
DENIALS: Final = words("no none never нет нельзя никогда стоп")  # behind a name
FORBIDDEN: Final = words(  # behind a name, too
    "forbidden prohibited banned disallowed",
    "запретить запрещенный запрещать противопоказать противопоказанный исключить",
    "убрать запрет",
)
ALLOWED: Final = words(
    "allowed permitted ok okay possible good safe for разрешить"
)  # nuts: not allowed
THANKS: Final = words("way go thanks thank please спасибо пожалуйста")
COPULAS: Final = words(
    "is are was were all both also strictly мне нам ему ей тоже также строго под"
)
# They exclude the ingredients that follow at once, or after a word for adding.
NOTS: Final = words(
    "not don't dont never can't cant cannot doesn't doesnt mustn't mustnt shouldn't shouldnt won't",
    "wont couldn't couldnt isn't isnt aren't arent не нельзя",
)
MUST_NOTS: Final = words(  # those of an intolerance
    "can't cant cannot mustn't mustnt shouldn't shouldnt couldn't couldnt нельзя",
)
MUST: Final = words("can must should could may")  # before not
EATING: Final = words(
    "eat drink tolerate consume stand digest stomach process handle",
    "есть пить переносить употреблять мочь нельзя переваривать усваивать",
)
NO_NEGATION: Final = words(  # not too much sugar
    "too only just very agree forget necessarily только забыть забывать слишком очень менее более",
)
# A negation ends in front of them.
ENDS: Final = words(
    "with but add use take plus just only then с со но а добавить добавлять взять брать лучше",
    "только зато можно на вместо",
)
FOLLOWING: Final = words("following thing food item product следующий продукт вещь")  # a list
ENDS_OF_INTOLERANCE: Final = words("but add use но добавить добавлять зато можно")
GOES_ON: Final = words("also not no never neither nor too и также тоже еще не ни")  # but also
# A phrase with one of them excludes the rest of it: nut allergy.
INTOLERANCES: Final = words(
    "allergy allergies allergic intolerance intolerances intolerant allergen allergens",
    "sensitivity sensitivities hypersensitivity hypersensitive restriction restrictions epipen",
    "ограничение anaphylaxis anaphylactic анафилаксия анафилактический",
    "нетерпимость чувствительность",
    "аллергия непереносимость аллерген аллергик аллергичный аллергический",
)
FREE_OF: Final = words("безлактозный безмолочный безглютеновый eggless coeliac celiac целиакия non")
ALTERNATIVES: Final = words("or nor and ни или либо и")
JOINS: Final = ALTERNATIVES | words("also также еще")
BETWEEN: Final = JOINS | words("a an the any а")  # the names of a list
ABBREVIATIONS: Final = words("etc incl esp др пр напр")  # a dot behind them ends no sentence
_DENYING: Final = NOTS | FORBIDDEN


@lru_cache(CACHED_WORDS)
def is_quality(word: str) -> bool:
    """Whether a word may describe an ingredient that stays the same."""
    return not QUALITIES.isdisjoint(analyse(word).keys)


@lru_cache(CACHED_WORDS)
def is_link(word: str) -> bool:
    """Whether a word belongs to no ingredient, as far as the word tells."""
    found = analyse(word)
    return (
        word in LINKS
        or word in VERBS
        or (is_russian(word) and not LINKS.isdisjoint(found.keys))
        or (word.startswith("пол") and find_unit(word[3:]) is not None)
        or not _DENYING.isdisjoint(found.keys | {word})
        or found.closed
        or found.verb
        or word in NUMBER_WORDS
        or word[0].isdigit()
        or _is_measure(word)
    )


@lru_cache(CACHED_WORDS)
def is_part(word: str) -> bool:
    """Whether a noun is a part or an amount of the thing whose name follows it."""
    return _is_measure(word) or not PARTS.isdisjoint(analyse(word).keys)


@lru_cache(CACHED_WORDS)
def is_adding(word: str) -> bool:
    """Whether a word after a negation says that something is not used."""
    return word in ADDING or not ADDING.isdisjoint(analyse(word).keys)


@lru_cache(CACHED_WORDS)
def is_intolerance(word: str) -> bool:
    """Whether a word says that somebody must not have something."""
    return word in INTOLERANCES or not INTOLERANCES.isdisjoint(analyse(word).keys)


@lru_cache(CACHED_WORDS)
def is_free_of(word: str) -> bool:
    """Whether a word says by itself what is excluded."""
    return not FREE_OF.isdisjoint(analyse(word).keys)


@lru_cache(CACHED_WORDS)
def is_verb(word: str) -> bool:
    """Whether a word is a verb."""
    return word in VERBS or analyse(word).verb


def _is_measure(word: str) -> bool:
    """Whether a word is a unit that leaves an ingredient the same. Its leaves are another."""
    return find_unit(word) not in (None, "leaf")
