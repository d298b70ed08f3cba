"""The 45 classes of goods and services of the Nice Agreement, by number, in our own short words."""

import re

#: Number of a class -> what it holds, in short. The headings themselves are WIPO's.
NICE_CLASSES: dict[int, str] = {
    1: "Chemicals for industry, science and farming",
    2: "Paints, varnishes, dyes, rust protection",
    3: "Cosmetics, soaps, cleaning products",
    4: "Industrial oils, fuels, candles",
    5: "Medicines, medical and veterinary supplies",
    6: "Common metals and goods of metal",
    7: "Machines, power tools, engines",
    8: "Hand tools, cutlery, razors",
    9: "Computers, software, electronics, measuring",
    10: "Medical and surgical devices",
    11: "Lighting, heating, cooling, bathroom fittings",
    12: "Vehicles and their parts",
    13: "Firearms, explosives, fireworks",
    14: "Jewellery, precious metals, watches",
    15: "Musical instruments",
    16: "Paper, printed matter, stationery",
    17: "Rubber, semi-finished plastics, insulation",
    18: "Leather, bags, umbrellas",
    19: "Building materials, not of metal",
    20: "Furniture, goods of wood or plastic",
    21: "Kitchenware, glassware, brushes",
    22: "Ropes, nets, tents, sacks, raw fibres",
    23: "Yarns and threads",
    24: "Textiles, bed and table linen",
    25: "Clothing, footwear, headwear",
    26: "Lace, ribbons, buttons, haberdashery",
    27: "Carpets, floor and wall coverings",
    28: "Games, toys, sports equipment",
    29: "Meat, fish, dairy, preserved food",
    30: "Coffee, bread, sweets, spices",
    31: "Fresh produce, live animals, plants, feed",
    32: "Beer, soft drinks, juices, water",
    33: "Wine, spirits, other alcoholic drinks",
    34: "Tobacco, smokers' goods, e-cigarettes",
    35: "Advertising, business services, retail",
    36: "Insurance, finance, real estate",
    37: "Building, repair, installation",
    38: "Telecommunications",
    39: "Transport, storage, travel",
    40: "Processing of materials, recycling, printing",
    41: "Education, entertainment, sport, culture",
    42: "Science, engineering, IT services",
    43: "Restaurants, hotels",
    44: "Medical, veterinary, beauty, garden care",
    45: "Legal, security and personal services",
}

_NUMBER = re.compile(r"0*([1-9][0-9]?)")


def class_number(text: str) -> int | None:
    """The class that a value means, with leading zeros or without: 1 to 45; None if it is none."""
    found = _NUMBER.fullmatch(text.strip())
    number = int(found[1]) if found else 0
    return number if number in NICE_CLASSES else None


def class_name(text: str) -> str:
    """What a class holds, in short; empty for what is no class.

    >>> class_name("025")
    'Clothing, footwear, headwear'
    """
    number = class_number(text)
    return "" if number is None else NICE_CLASSES[number]
