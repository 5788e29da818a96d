"""The stories of the made-up newsroom: what was reported, what was written from it, and what was left out."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Report:
    """What one source brought."""

    source: str
    title: str
    paragraphs: tuple[str, ...]
    hours: float


@dataclass(frozen=True)
class Said:
    """A sentence of a summary: its text, the source it rests on, and the words there."""

    text: str
    source: str
    quote: str


@dataclass(frozen=True)
class Told:
    """A story. `parts` are model, relevance, freshness and authority."""

    name: str
    niche: str
    language: str
    hours: float
    parts: tuple[float, float, float, float]
    title: str
    reports: tuple[Report, ...]
    summary: tuple[Said, ...] = ()
    dropped: tuple[tuple[str, str], ...] = ()
    independent: int = 1


HOSTILE = "<script>alert('feeds are hostile')</script> & a headline \"with quotes\""

CABLE = Told(
    name="cable",
    niche="technology",
    language="en",
    hours=1,
    parts=(0.82, 0.95, 0.9, 0.9),
    title="Back to paper: a day without the Halcyon-2 cable on the Sorrel Islands",
    independent=2,
    reports=(
        Report(
            "Open Lattice",
            "Back to paper: a day without the Halcyon-2 cable",
            (
                "At the district clinic in Sorrel Town, staff wrote prescriptions by hand for seven hours after the "
                "undersea cable off Cape Merrow was cut, clinic director Mirelle Tanswood said.",
                "Island Pay, which handles four of every five card payments on the islands, processed 71,000 "
                "transactions by noon, compared with 188,000 on an ordinary day. Shops in the harbour district put up "
                "signs asking for cash.",
                "Halcyon Subsea Networks, which owns the cable, expects repairs to last eight to eleven days. "
                "Dov Pellerin, who chairs the fishing cooperative, was sceptical. "
                '"They said ten days in 2021 and it took sixteen," he said.',
            ),
            1.5,
        ),
        Report(
            "The Aldous Courier",
            "Anchor cut undersea cable, coast guard says",
            (
                "An anchor dragged across the seabed cut the Halcyon-2 cable at 04:12 local time on Monday, the coast "
                "guard said. The bulk carrier Marrow Star is being held in Port Aldous while its voyage data is read.",
                "The telecommunications authority said 3.1 million customers of six providers had slower connections "
                "or none.",
            ),
            2.5,
        ),
        Report(
            "Kiln & Wire",
            "Ship held after cable cut",
            ("The bulk carrier Marrow Star is being held in Port Aldous while its voyage data is read.",),
            3,
        ),
    ),
    summary=(
        Said(
            "Staff of the district clinic in Sorrel Town wrote prescriptions by hand for seven hours.",
            "Open Lattice",
            "At the district clinic in Sorrel Town, staff wrote prescriptions by hand for seven hours after the "
            "undersea cable off Cape Merrow was cut, clinic director Mirelle Tanswood said.",
        ),
        Said(
            "Card payments fell to 71,000 by noon, from 188,000 on an ordinary day.",
            "Open Lattice",
            "Island Pay, which handles four of every five card payments on the islands, processed 71,000 transactions "
            "by noon, compared with 188,000 on an ordinary day.",
        ),
        Said(
            "An anchor cut the cable at 04:12 local time on Monday, the coast guard said.",
            "The Aldous Courier",
            "An anchor dragged across the seabed cut the Halcyon-2 cable at 04:12 local time on Monday, the coast "
            "guard said.",
        ),
        Said(
            "Repairs are expected to last eight to eleven days.",
            "Open Lattice",
            "Halcyon Subsea Networks, which owns the cable, expects repairs to last eight to eleven days.",
        ),
    ),
    dropped=(
        (
            "All hospitals on the islands lost their connection.",
            '"all hospitals" is said nowhere: the source speaks of one clinic',
        ),
    ),
)
FLAW = Told(
    name="flaw",
    niche="technology",
    language="en",
    hours=2,
    parts=(0.6, 0.9, 0.8, 0.7),
    title="libquill 3.2.9 closes a hole that every font viewer shares",
    reports=(
        Report(
            "Open Lattice",
            "libquill 3.2.9 closes a hole",
            (
                "A flaw in libquill, a library that reads font files, lets a crafted document run code, its "
                "maintainers said on Sunday. Version 3.2.9 closes it; every version since 2.0 is affected.",
                "There is no sign that the flaw has been used in attacks, said Rosa Thistlewood of the project.",
            ),
            2,
        ),
    ),
    summary=(
        Said(
            "Version 3.2.9 closes it; every version since 2.0 is affected.",
            "Open Lattice",
            "Version 3.2.9 closes it; every version since 2.0 is affected.",
        ),
    ),
)
GLACIER = Told(
    name="glacier",
    niche="climate",
    language="de",
    hours=3,
    parts=(0.55, 0.8, 0.7, 0.8),
    title="Gletscher am Hohen Tarn verliert 2,4 Meter in einem Sommer",
    reports=(
        Report(
            "Pegelbote",
            "Gletscher verliert 2,4 Meter",
            (
                "Der Gletscher am Hohen Tarn hat im vergangenen Sommer 2,4 Meter an Dicke verloren. "
                "Das ist der höchste Wert seit Beginn der Messungen im Jahr 1961.",
                "Die Forscherin Ines Wolkenried sagte, der Verlust werde sich auch bei kühleren Sommern fortsetzen.",
            ),
            3,
        ),
    ),
)
BUSES = Told(
    name="buses",
    niche="technology",
    language="es",
    hours=5,
    parts=(0.5, 0.4, 0.6, 0.6),
    title="Valdeluz estrena doce autobuses eléctricos sin conductor en la línea 7",
    reports=(
        Report(
            "La Ventana",
            "Doce autobuses sin conductor",
            (
                "Doce autobuses eléctricos sin conductor empezaron a circular por la línea 7 de Valdeluz. "
                "Durante el primer año viajará en cada autobús un vigilante.",
                "El contrato asciende a 21,5 millones de euros. El billete seguirá costando 1,30 euros.",
            ),
            5,
        ),
    ),
)
WATER_PLANT = "أعلنت سلطة المياه في وادي نهران أن محطة التحلية الجديدة ستبدأ العمل في مارس المقبل."
WATER = Told(
    name="water",
    niche="climate",
    language="ar",
    hours=7,
    parts=(0.5, 0.7, 0.5, 0.5),
    title="محطة تحلية جديدة في وادي نهران تعمل بالطاقة الشمسية",
    reports=(
        Report(
            "Meridian Wire",
            "محطة تحلية جديدة",
            (WATER_PLANT, "وقالت المهندسة سلمى الرشيدي إن المحطة ستعمل بالطاقة الشمسية خلال النهار."),
            7,
        ),
    ),
    summary=(Said("ستبدأ محطة التحلية الجديدة العمل في مارس المقبل.", "Meridian Wire", WATER_PLANT),),
)
TRAP = Told(
    name="hostile",
    niche="technology",
    language="en",
    hours=9,
    parts=(0.2, 0.1, 0.3, 0.1),
    title=HOSTILE,
    reports=(Report("Saltmarsh Review", HOSTILE, (HOSTILE, "<img src=x onerror=alert(1)>"), 9),),
)
_FILLERS = (
    "Battery maker recalls 48,000 home units after two garage fires",
    "Kestrel signal was a microwave oven after all, observatory says",
    "Cloud outage at Stratocore traced to one expired certificate",
    "Harbour cranes of Brackwater learn to share their power",
    "Solar tiles pass the hail test that broke their predecessors",
    "Hospital scheduler cut waiting times by a day, its study says",
)
STORIES = (
    CABLE,
    FLAW,
    GLACIER,
    BUSES,
    WATER,
    TRAP,
    *(
        Told(
            name=f"filler-{number}",
            niche="technology",
            language="en",
            hours=10 + number,
            parts=(0.5, max(0.1, 0.7 - number / 50), max(0.05, 0.5 - number / 60), 0.5),
            title=_FILLERS[number % 6] + (f" ({number})" if number >= 6 else ""),
            reports=(),
        )
        for number in range(40)
    ),
)
