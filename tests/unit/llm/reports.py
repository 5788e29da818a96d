"""Short news reports of our own writing in thirteen languages, with the names that occur in them."""

REPORTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "en": (
        "LONDON (Reuters) - The city council approved 40 new homes in Camden on Monday, despite objections from residents. "
        "Mayor Anna Clarke said the project will cost £12 million and will not raise local taxes before May 2027. "
        "However, the Harwell Group, a former contractor, may sue the council over the 8.5% cut in its fee. "
        "Some schools in the district could close if more than 300 pupils leave, according to a report by Northfield University. "
        "Dr. Lee, who led the study, did not say which U.S. firms had paid for it. "
        "Clarke defeated Robert Hughes by 1,204 votes in the election last year. "
        "Work starts on 3 June and lasts up to eighteen months.",
        ("Clarke", "Hughes", "Camden", "Harwell", "Northfield"),
    ),
    "de": (
        "BERLIN (dpa) - Der Stadtrat hat am Dienstag 25 neue Busse für Potsdam bestellt, obwohl die Opposition dagegen stimmte. "
        "Bürgermeisterin Karla Vogt sagte, die Busse kosten 7,5 Millionen Euro und fahren nicht vor März 2027. "
        "Höchstens 60 Prozent der Strecke seien bis zum 2. Mai fertig, teilte die Firma Lindner mit. "
        "Einige Schulen könnten im Winter schließen, wenn die Heizung nicht repariert wird. "
        "Vogt besiegte Jens Albers bei der Wahl mit 812 Stimmen Vorsprung.",
        ("Vogt", "Albers", "Potsdam", "Lindner"),
    ),
    "fr": (
        "PARIS (AFP) - Le conseil municipal a approuvé lundi la construction de 320 logements à Nanterre, malgré l'avis des riverains. "
        "La maire Claire Morel a déclaré que le projet coûtera 45 millions d'euros et ne commencera pas avant mars 2027. "
        "Au moins 12 % des écoles pourraient fermer en juin, selon un rapport de l'université de Lille. "
        "Certains habitants n'ont pas reçu de courrier depuis trois semaines. "
        "Morel a battu Julien Perrin de 640 voix lors de l'élection.",
        ("Morel", "Perrin", "Nanterre", "Lille"),
    ),
    "es": (
        "MADRID (EFE) - El ayuntamiento aprobó el jueves la compra de 18 autobuses eléctricos para Getafe. "
        "La alcaldesa Marta Ruiz dijo que el plan costará 9,2 millones de euros y no empezará antes de abril de 2027. "
        "Hasta el 30 por ciento de los colegios podría cerrar en enero, según un informe de la Universidad de Vigo. "
        "Algunos vecinos no recibieron agua durante cuatro días. "
        "Ruiz venció a Pablo Soler por 455 votos en las elecciones.",
        ("Ruiz", "Soler", "Getafe", "Vigo"),
    ),
    "it": (
        "ROMA (ANSA) - Il consiglio comunale ha approvato mercoledì la costruzione di 75 alloggi a Ostia. "
        "La sindaca Elena Fabbri ha detto che il progetto costa 14 milioni di euro e non partirà prima di maggio 2027. "
        "Almeno il 20 per cento delle scuole potrebbe chiudere a gennaio, secondo uno studio dell'università di Pavia. "
        "Alcuni abitanti non hanno ricevuto la posta per tre settimane. "
        "Fabbri ha battuto Luca Serra per 390 voti alle elezioni.",
        ("Fabbri", "Serra", "Ostia", "Pavia"),
    ),
    "pt": (
        "LISBOA (Lusa) - A câmara municipal aprovou na sexta-feira a compra de 22 autocarros para Sintra. "
        "A presidente Rita Campos disse que o plano custa 6,4 milhões de euros e não começa antes de junho de 2027. "
        "Pelo menos 15 por cento das escolas podem fechar em janeiro, segundo um estudo da Universidade do Porto. "
        "Alguns moradores não receberam água durante cinco dias. "
        "Campos derrotou Tiago Lopes por 210 votos nas eleições.",
        ("Campos", "Lopes", "Sintra", "Porto"),
    ),
    "nl": (
        "DEN HAAG (ANP) - De gemeenteraad heeft donderdag 33 nieuwe bussen voor Delft besteld, ondanks bezwaren van bewoners. "
        "Burgemeester Sanne Visser zei dat de bussen 4,8 miljoen euro kosten en niet voor maart 2027 rijden. "
        "Minstens 10 procent van de scholen kan in januari sluiten, volgens een rapport van de universiteit van Tilburg. "
        "Sommige bewoners kregen drie weken geen post. "
        "Visser versloeg Joris Bakker met 128 stemmen verschil.",
        ("Visser", "Bakker", "Delft", "Tilburg"),
    ),
    "pl": (
        "WARSZAWA (PAP) - Rada miasta zatwierdziła w poniedziałek budowę 55 mieszkań w Otwocku. "
        "Burmistrz Ewa Nowicka powiedziała, że projekt kosztuje 11 milionów złotych i nie zacznie się przed majem 2027. "
        "Co najmniej 18 procent szkół może zostać zamkniętych w styczniu, według raportu uniwersytetu z Lublina. "
        "Niektórzy mieszkańcy nie dostali poczty przez trzy tygodnie. "
        "Nowicka pokonała Marka Zielińskiego różnicą 97 głosów.",
        ("Nowicka", "Zielińskiego", "Otwocku", "Lublina"),
    ),
    "ru": (
        "Городской совет в понедельник одобрил строительство 64 домов в Подольске, несмотря на возражения жителей. "
        "Мэр Анна Орлова сказала, что проект стоит 20 миллионов рублей и не начнётся до мая 2027 года. "
        "Не менее 12 процентов школ могут закрыться в январе, сообщил университет Казани. "
        "Некоторые жители не получали почту три недели. "
        "Орлова победила Игоря Ветрова с перевесом в 305 голосов.",
        ("Орлова", "Ветрова", "Подольске", "Казани"),
    ),
    "uk": (
        "Міська рада у вівторок схвалила будівництво 47 будинків у Броварах, попри заперечення мешканців. "
        "Мерка Олена Гончар сказала, що проєкт коштує 15 мільйонів гривень і не почнеться до травня 2027 року. "
        "Щонайменше 14 відсотків шкіл можуть закритися у січні, повідомив університет Полтави. "
        "Деякі мешканці не отримували пошту три тижні. "
        "Гончар перемогла Тараса Сірка з перевагою у 188 голосів.",
        ("Гончар", "Сірка", "Броварах", "Полтави"),
    ),
    "zh": (
        "市议会星期一批准在海淀新建120套住房，尽管居民反对。"
        "市长李明表示，该项目将耗资5000万元，2027年5月之前不会开工。"
        "据清江大学的报告，至少有百分之十二的学校可能在一月关闭。"
        "一些居民三个星期没有收到邮件。"
        "李明在选举中以305票的优势击败了王芳。",
        ("李明", "王芳", "海淀", "清江"),
    ),
    "ja": (
        "市議会は月曜日、住民の反対にもかかわらず、川口に80戸の住宅を建設することを承認した。"
        "田中市長は、事業費は50億円で、2027年5月までは着工しないと述べた。"
        "北山大学の報告によると、少なくとも12%の学校が1月に閉校する可能性がある。"
        "一部の住民は3週間、郵便を受け取っていない。"
        "田中氏は選挙で佐藤氏を305票差で破った。",
        ("田中", "佐藤", "川口", "北山"),
    ),
    "ar": (
        "وافق مجلس المدينة يوم الاثنين على بناء 90 منزلا في الزرقاء رغم اعتراض السكان. "
        "قالت رئيسة البلدية ليلى حداد إن المشروع يكلف 12 مليون دينار ولن يبدأ قبل مايو 2027. "
        "قد تغلق 15 في المئة على الأقل من المدارس في يناير، بحسب تقرير لجامعة إربد. "
        "لم يتلق بعض السكان البريد منذ ثلاثة أسابيع. "
        "هزمت حداد منافسها سامر نصار بفارق 305 أصوات.",
        ("حداد", "نصار", "الزرقاء", "إربد"),
    ),
}
