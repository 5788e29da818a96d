"""Invented news: reports of the same events by different desks, and reports that only look alike.

`(event, source, title, text)`. Reports of one event share its name; names with a leading `-` stand alone, most of
them close relatives of an event: the same subject, another happening.
"""

REPORTS: list[tuple[str, str, str, str]] = [
    ("bridge", "a", "Harbour bridge in Varnhem closed after crack found in main cable",
     "Engineers closed the Varnhem harbour bridge on Tuesday after inspectors discovered a crack in one of its two main "
     "suspension cables. Some 40,000 vehicles cross the bridge each day. The city expects repairs to take six weeks."),
    ("bridge", "b", "Crack in cable shuts Varnhem bridge for weeks",
     "One of the main cables of the harbour bridge at Varnhem is cracked, city officials said, and no traffic will be "
     "allowed across for about six weeks. Ferries are to replace the link used by 40,000 drivers daily."),
    ("bridge", "c", "Commuters in Varnhem face weeks of detours as harbour bridge is shut",
     "Ferries will carry commuters across Varnhem harbour from Wednesday. The bridge was closed when an inspection turned "
     "up a cracked suspension cable, and engineers speak of six weeks of work."),
    ("-bridge-toll", "a", "Varnhem council debates toll for harbour bridge",
     "The council of Varnhem is to vote in May on a toll for lorries that use the harbour bridge. Supporters say it would "
     "pay for a new tram line, opponents fear that traffic moves into the old town."),
    ("-bridge-other", "b", "Cyclists win own lane on Ostmark river bridge",
     "The river bridge at Ostmark gets a lane for cyclists next spring, the region decided. The lane replaces parking "
     "spaces and costs two million crowns."),
    ("quake", "a", "Strong earthquake shakes coast of Parenta, three injured",
     "An earthquake of magnitude 6.1 struck off the coast of Parenta early on Sunday, the geological survey reported. "
     "Three people were hurt by falling masonry in Sulo, and a tsunami warning was lifted after two hours."),
    ("quake", "b", "6.1-magnitude quake off Parenta injures three in Sulo",
     "A quake with a magnitude of 6.1 hit the Parenta coast on Sunday morning. Falling masonry injured three residents of "
     "Sulo. Authorities withdrew a tsunami warning two hours later, according to the geological survey."),
    ("-quake-older", "a", "Strong earthquake shakes mountains of Tiralia, no injuries",
     "An earthquake of magnitude 5.4 struck in the mountains of Tiralia early on Friday, the geological survey reported. "
     "Nobody was hurt, but two roads near Belmor were blocked by rocks."),
    ("-quake-research", "c", "Why Parenta's coast is shaken so often",
     "Two plates meet under the sea west of Parenta, and the coast pays for it. A new study of lake sediments counts 31 "
     "large earthquakes in five thousand years, more than anybody had thought."),
    ("chip", "a", "Corvex unveils chip that runs language models on a phone",
     "Corvex on Monday presented the N7, a processor which it says runs language models with seven billion parameters on "
     "a phone without a network. Devices with the chip are to be sold from autumn, chief executive Mara Lindqvist said."),
    ("chip", "b", "Corvex's new N7 processor brings large language models to phones",
     "The N7 needs no network: Corvex showed a phone processor that answers questions with a model of seven billion "
     "parameters. According to chief executive Mara Lindqvist the first phones arrive in autumn."),
    ("-chip-earnings", "a", "Corvex raises forecast as data centre sales double",
     "Chip maker Corvex expects revenue of 9.2 billion dollars this quarter, more than analysts had thought. Sales to "
     "data centres doubled within a year, chief executive Mara Lindqvist said."),
    ("-chip-rival", "b", "Tessaro shows laptop processor with twelve cores",
     "Tessaro presented a laptop processor with twelve cores on Monday. The company promises eighteen hours of battery "
     "life; laptops with the chip cost from 900 dollars."),
    ("election", "a", "Opposition leader Ines Duarte wins presidency of Coralia",
     "Ines Duarte has been elected president of Coralia with 53.4 percent of the vote, the election commission said on "
     "Monday. Incumbent Pavel Roth conceded defeat. Turnout was the highest in twenty years."),
    ("election", "b", "Duarte elected president in Coralia as Roth concedes",
     "Pavel Roth conceded defeat on Monday after the election commission of Coralia declared Ines Duarte the winner with "
     "53.4 percent. Crowds celebrated in the capital until the morning."),
    ("election", "c", "Coralia: challenger Ines Duarte defeats Pavel Roth",
     "With 53.4 percent of the votes Ines Duarte becomes the first woman to lead Coralia. The incumbent Pavel Roth "
     "congratulated her by telephone."),
    ("-election-cabinet", "a", "Coralia's president Duarte names economist as finance minister",
     "Ines Duarte has chosen the economist Tom Havel as finance minister of Coralia. Havel led the central bank's research "
     "department and is known as a critic of the peg to the dollar."),
    ("-election-poll", "c", "Poll sees tight race in Norland as Berg gains on Lindt",
     "Ten days before Norland elects its president, Anna Berg has closed in on Karl Lindt. The survey puts both at 44 "
     "percent; one voter in ten is undecided."),
    ("recall", "a", "Fenwick recalls 120,000 cars over faulty brake sensor",
     "Fenwick Motors is recalling 120,000 cars of its Aria model because a brake sensor may fail in wet weather. The "
     "company knows of four accidents; repairs are free and take an hour."),
    ("recall", "b", "Brake sensor fault: Fenwick calls back 120,000 Aria cars",
     "Because a sensor in the brakes can fail when it is wet, Fenwick Motors calls 120,000 cars of the Aria series back "
     "to the garages. Four accidents are known so far."),
    ("-recall-other", "a", "Dolan recalls 80,000 cars over faulty airbag sensor",
     "Dolan Automotive is recalling 80,000 cars of its Pico model because an airbag sensor may fail in hot weather. The "
     "company knows of no accidents; repairs are free and take two hours."),
    ("-recall-sales", "b", "Fenwick sells more Aria cars than ever",
     "Fenwick Motors sold 48,000 cars of the Aria series in the third quarter, a record. Demand in the south made up for "
     "weaker orders at home."),
    ("mission", "a", "Probe Halcyon lands on asteroid and drills first sample",
     "The space probe Halcyon touched down on the asteroid Ruvani on Thursday and drilled a sample of about 60 grams, the "
     "agency confirmed. The capsule is to return to Earth in 2031."),
    ("mission", "b", "Halcyon touches down on asteroid Ruvani, collects 60 grams of rock",
     "Cheers in the control room: Halcyon has landed on Ruvani. The agency confirmed that the probe took about 60 grams "
     "from the asteroid, which a capsule brings to Earth in 2031."),
    ("-mission-delay", "c", "Launch of moon lander Selva delayed to March",
     "The moon lander Selva will not start before March. Engineers found a leak in a valve during a test, the agency said "
     "on Thursday; the probe itself is unharmed."),
    ("hack", "a", "Ransomware shuts down clinics of Medora group",
     "Hackers encrypted the computers of the hospital group Medora over the weekend. Eleven clinics turned emergency "
     "patients away. The group refuses to pay the 12 million dollars demanded."),
    ("hack", "b", "Medora hospitals turn away emergencies after cyberattack",
     "Eleven clinics of the Medora group accept no emergency patients since attackers encrypted their systems. They demand "
     "12 million dollars, which Medora says it will not pay."),
    ("-hack-other", "a", "Ransomware shuts down schools of Brenton county",
     "Hackers encrypted the computers of Brenton county's schools over the weekend. Lessons in thirty schools are "
     "cancelled until Wednesday. The county did not say how much is demanded."),
    ("final", "a", "Rovers beat Albion 3-1 to win cup final",
     "Rovers won the cup for the first time since 1987, beating Albion 3-1 in Leyford. Juno Okafor scored twice. Albion's "
     "keeper was sent off after half an hour."),
    ("final", "b", "Okafor double hands Rovers the cup against ten-man Albion",
     "Two goals by Juno Okafor decided the cup final in Leyford: Rovers beat Albion 3-1, who had lost their keeper to a "
     "red card. It is the club's first cup since 1987."),
    ("-final-league", "a", "Rovers beat United 3-1 to go top of the league",
     "Rovers are top of the league after beating United 3-1 in Leyford. Mika Sund scored twice in the second half; United "
     "stay in eleventh place."),
    ("-final-transfer", "c", "Albion sign keeper from Norland champions",
     "Albion have signed goalkeeper Per Astrand from the champions of Norland. The 24-year-old gets a contract of four "
     "years."),
    ("rates", "a", "Central bank of Norland cuts key rate to 2.5 percent",
     "Norland's central bank lowered its key interest rate by a quarter point to 2.5 percent on Thursday, the third cut in "
     "a row. Governor Hanna Vik said that inflation is near its target."),
    ("rates", "b", "Norland lowers interest rates for third time in a row",
     "The key rate in Norland falls to 2.5 percent. Inflation is close to the target, governor Hanna Vik explained when "
     "the central bank announced its third cut in succession on Thursday."),
    ("-rates-other", "a", "Central bank of Coralia keeps key rate at 4.5 percent",
     "Coralia's central bank left its key interest rate at 4.5 percent on Thursday, for the third time in a row. Governor "
     "Luis Prado said that inflation is still above its target."),
    ("-rates-housing", "b", "House prices in Norland rise fastest since 2017",
     "Houses in Norland cost 7.9 percent more than a year ago, the statistics office said. Cheaper loans are the main "
     "reason, economists believe."),
    ("strike", "a", "Zugverkehr in Nordmark steht still: Lokführer streiken 48 Stunden",
     "Die Lokführer in Nordmark haben am Mittwoch einen Streik von 48 Stunden begonnen. Die Gewerkschaft fordert acht "
     "Prozent mehr Lohn. Die Bahn spricht von 900 ausgefallenen Zügen."),
    ("strike", "b", "Lokführerstreik legt Bahn in Nordmark lahm",
     "Rund 900 Züge fallen aus, weil die Lokführer in Nordmark seit Mittwoch für 48 Stunden die Arbeit niederlegen. Ihre "
     "Gewerkschaft verlangt acht Prozent mehr Lohn."),
    ("-strike-airport", "a", "Warnstreik am Flughafen Weilburg: 120 Flüge gestrichen",
     "Am Flughafen Weilburg hat das Bodenpersonal am Mittwoch für 24 Stunden die Arbeit niedergelegt. 120 Flüge fallen "
     "aus. Die Gewerkschaft fordert sechs Prozent mehr Lohn."),
    ("-strike-line", "c", "Neue Bahnlinie in Nordmark geht im Dezember in Betrieb",
     "Von Dezember an fahren Züge auf der neuen Strecke zwischen Alsen und Merz. Die Reise durch Nordmark dauert dann eine "
     "Stunde weniger, teilte die Bahn mit."),
    ("museum", "a", "Vol au musée de Saint-Alban : un tableau de Morandel disparaît",
     "Un tableau de Claude Morandel estimé à quatre millions d'euros a été volé dans la nuit de samedi au musée de "
     "Saint-Alban. L'alarme n'a pas fonctionné, a indiqué le procureur."),
    ("museum", "b", "Un Morandel à quatre millions volé à Saint-Alban",
     "Les voleurs sont entrés par le toit du musée de Saint-Alban et ont emporté une toile de Claude Morandel, estimée à "
     "quatre millions d'euros. Selon le procureur, l'alarme était en panne."),
    ("-museum-show", "a", "Le musée de Saint-Alban consacre une exposition à Claude Morandel",
     "Soixante toiles de Claude Morandel sont à voir jusqu'en juin au musée de Saint-Alban, dont dix n'avaient jamais "
     "quitté la famille du peintre."),
    ("volcano", "a", "北島の火山が噴火、住民2000人が避難",
     "北島の霧山が7日未明に噴火し、周辺の住民およそ2000人が避難した。気象庁によると噴煙は高さ5000メートルに達した。けが人の報告はない。"),
    ("volcano", "b", "霧山で噴火、噴煙5000メートル 2000人避難",
     "7日未明、北島の霧山が噴火した。気象庁は噴煙が5000メートルに達したと発表し、約2000人の住民が避難している。"),
    ("-volcano-train", "a", "北島で新しい鉄道が開業、観光客の増加に期待",
     "北島を一周する鉄道が7日に開業した。島は観光客の増加を期待している。全長は42キロで、一周におよそ90分かかる。"),
    ("drug", "a", "Regulator approves first pill against sleeping sickness in children",
     "The medicines agency has approved a pill by Aldane against sleeping sickness for children from one year. A single "
     "dose cured 97 percent of patients in a trial with 189 children in Busiri."),
    ("drug", "b", "One-dose sleeping sickness pill for children gets approval",
     "Children with sleeping sickness can be cured with one pill: the medicines agency approved the drug of the firm "
     "Aldane. In the trial in Busiri it worked in 97 percent of 189 patients."),
    ("-drug-price", "b", "Aldane lowers price of malaria vaccine by half",
     "The firm Aldane sells its malaria vaccine to poor countries for half the price from January. Aid organisations had "
     "asked for the step for years."),
    ("merger", "a", "Grocer Maren to buy rival Potsky for 3.8 billion",
     "Maren, the largest grocer of the region, wants to take over its rival Potsky for 3.8 billion euros. Both boards have "
     "agreed; the competition authority will look at the deal until autumn."),
    ("merger", "b", "Maren and Potsky agree on supermarket merger",
     "The supermarket chains Maren and Potsky join. Maren pays 3.8 billion euros for its rival, both boards said. The "
     "competition authority has yet to agree and wants to decide by autumn."),
    ("-merger-strike", "a", "Warehouse workers of grocer Maren go on strike",
     "Workers in four warehouses of the grocer Maren have stopped work. They demand a wage agreement that covers the next "
     "three years. Shelves remain full, the company says."),
    ("-digest-1", "a", "Morning briefing: what you need to know on 3 March",
     "Good morning. Here is what you need to know today: the weather turns mild, the trains run again, and the council "
     "votes on the budget. Scroll down for the games of the weekend."),
    ("-digest-2", "a", "Morning briefing: what you need to know on 4 March",
     "Good morning. Here is what you need to know today: rain from the west, a new head for the zoo, and the court rules "
     "on the dam. Scroll down for the crossword."),
    ("-prices-1", "a", "Shares of Alder Holdings rise 4.1% in heavy trading",
     "Shares of Alder Holdings rose 4.1 percent on Friday in heavy trading. The stock closed at 31.20 dollars; the average "
     "analyst rating is hold. The company has a market value of 2.1 billion dollars and a price earnings ratio of 17."),
    ("-prices-2", "a", "Shares of Birch Capital rise 3.8% in heavy trading",
     "Shares of Birch Capital rose 3.8 percent on Friday in heavy trading. The stock closed at 12.75 dollars; the average "
     "analyst rating is buy. The company has a market value of 870 million dollars and a price earnings ratio of 11."),
    ("-weather-1", "a", "Weather for Leyford: rain until the evening",
     "Rain falls over Leyford until the evening, with wind from the west. The temperature reaches 11 degrees. The night "
     "stays cloudy and mild. Tomorrow brings sun in the morning."),
    ("-weather-2", "a", "Weather for Varnhem: rain until the evening",
     "Rain falls over Varnhem until the evening, with wind from the west. The temperature reaches 9 degrees. The night "
     "stays cloudy and mild. Tomorrow brings sun in the morning."),
]
