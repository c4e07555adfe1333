//! The words of the accessibility statement.

use super::Said;

texts! {
    AIM: "These pages are made so that everybody can read them: with a screen reader, a keyboard, large type, a small telephone or a slow line. They aim at WCAG 2.2, level AA, and with it at what EN 301 549 asks of pages of the web.",
        "Ces pages sont faites pour que chacun puisse les lire : avec un lecteur d’écran, un clavier, de grands caractères, un petit téléphone ou une connexion lente. Elles visent les WCAG 2.2, niveau AA, et par là ce que la norme EN 301 549 demande aux pages web.",
        "Estas páginas están hechas para que todas las personas puedan leerlas: con lector de pantalla, con teclado, con letra grande, en un teléfono pequeño o con una conexión lenta. Su objetivo es WCAG 2.2, nivel AA, y con ello lo que la norma EN 301 549 pide a las páginas web.",
        "Эти страницы сделаны так, чтобы их мог прочесть каждый: с экранным диктором, с клавиатуры, крупным шрифтом, на небольшом телефоне или при медленной связи. Цель — WCAG 2.2, уровень AA, а вместе с ним и то, чего EN 301 549 требует от веб-страниц.",
        "صُممت هذه الصفحات ليقرأها الجميع: بقارئ شاشة أو بلوحة مفاتيح أو بخط كبير أو على هاتف صغير أو عبر اتصال بطيء. وهدفها WCAG 2.2 بالمستوى AA، ومعه ما يطلبه المعيار EN 301 549 من صفحات الويب.",
        "这些页面力求人人可读：使用屏幕阅读器、键盘、大字体、小屏手机或低速网络均可。目标是 WCAG 2.2 AA 级，以及 EN 301 549 对网页的要求。";
    WHAT_HELPS: "What helps", "Ce qui aide", "Lo que ayuda", "Что помогает", "ما يساعد", "有助阅读的设计";
    HELP_SCRIPT: "No page needs or loads a script, and nothing moves.",
        "Aucune page n’a besoin de script ni n’en charge, et rien ne bouge.",
        "Ninguna página necesita ni carga un script, y nada se mueve.",
        "Ни одной странице не нужны сценарии, ни одна их не загружает, и ничего не движется.",
        "لا تحتاج أي صفحة إلى نص برمجي ولا تحمّله، ولا شيء يتحرك.",
        "任何页面都不需要也不加载脚本，没有动态效果。";
    HELP_KEYS: "Everything can be reached with the Tab key in the order in which it is read; the first stop leads past the header.",
        "Tout est accessible avec la touche Tab, dans l’ordre de lecture ; le premier arrêt mène au-delà de l’en-tête.",
        "A todo se llega con el tabulador, en el orden de lectura; la primera parada lleva más allá de la cabecera.",
        "До всего можно дойти клавишей Tab в порядке чтения; первая остановка ведёт мимо заголовка сайта.",
        "يمكن الوصول إلى كل شيء بمفتاح Tab بترتيب القراءة، وأول محطة تتجاوز رأس الصفحة.",
        "所有内容都可用 Tab 键按阅读顺序到达；第一站可跳过页眉。";
    HELP_SIZE: "Text can be made twice as large, and a page as narrow as a telephone loses nothing.",
        "Le texte peut être agrandi au double, et rien ne se perd sur un écran étroit comme celui d’un téléphone.",
        "El texto puede ampliarse al doble, y una página estrecha como un teléfono no pierde nada.",
        "Текст можно увеличить вдвое, и на ширине телефона ничего не теряется.",
        "يمكن تكبير النص إلى الضعف، ولا تفقد الصفحة شيئًا على شاشة هاتف ضيقة.",
        "文字可放大一倍，在手机宽度下内容也不会缺失。";
    HELP_COLOUR: "Nothing is said by colour alone, and the contrast of each colour is measured, by day and by night.",
        "Rien n’est dit par la seule couleur, et le contraste de chaque couleur est mesuré, de jour comme de nuit.",
        "Nada se dice solo con el color, y el contraste de cada color está medido, de día y de noche.",
        "Ничто не сказано одним лишь цветом, и контраст каждого цвета измерен — и днём, и ночью.",
        "لا يُعبَّر عن شيء باللون وحده، وتباين كل لون مَقيس نهارًا وليلًا.",
        "没有任何信息仅以颜色表达；日间和夜间每种颜色的对比度都经过测量。";
    HELP_LANGUAGE: "Each text says which language it is in, so that it is read aloud in its own.",
        "Chaque texte indique sa langue, pour être lu à voix haute dans la sienne.",
        "Cada texto dice en qué idioma está, para que se lea en voz alta en el suyo.",
        "Каждый текст указывает свой язык и читается вслух на нём.",
        "يبيّن كل نص لغته ليُقرأ بها بصوت عالٍ.",
        "每段文字都标明其语言，以便用该语言朗读。";
    HELP_FILES: "What stands on a page can also be downloaded as a table, or as data for programs.",
        "Ce que montre une page peut aussi être téléchargé en tableau, ou en données pour des programmes.",
        "Lo que muestra una página puede descargarse también como tabla, o como datos para programas.",
        "Содержание страницы можно скачать и таблицей или данными для программ.",
        "يمكن أيضًا تنزيل محتوى الصفحة جدولًا أو بيانات للبرامج.",
        "页面上的内容也可以下载为表格或供程序使用的数据。";
    TESTED: "How it is tested", "Comment c’est vérifié", "Cómo se comprueba", "Как это проверяется", "كيف يُختبر ذلك", "如何测试";
    TESTED_SAYS: "By ourselves, with software: every kind of page in English and Arabic, by day and by night, with axe-core in Chromium, against the rules of WCAG 2.0, 2.1 and 2.2 at levels A and AA; and with the Tab key, up to forty stops on a page. In English, Arabic and Chinese, every kind of page is measured at 320 pixels, with text twice as large, with text more widely spaced, and with motion reduced; headings, landmarks and languages are walked as a screen reader does.",
        "Par nous-mêmes, avec des logiciels : chaque type de page en anglais et en arabe, de jour et de nuit, avec axe-core dans Chromium, selon les règles des WCAG 2.0, 2.1 et 2.2 aux niveaux A et AA ; et avec la touche Tab, jusqu’à quarante arrêts par page. En anglais, en arabe et en chinois, chaque type de page est mesuré à 320 pixels, avec un texte deux fois plus grand, avec un texte plus espacé et avec des mouvements réduits ; titres, repères et langues sont parcourus comme le fait un lecteur d’écran.",
        "Por nosotros mismos, con programas: cada tipo de página en inglés y en árabe, de día y de noche, con axe-core en Chromium, según las reglas de WCAG 2.0, 2.1 y 2.2 en los niveles A y AA; y con el tabulador, hasta cuarenta paradas por página. En inglés, árabe y chino, cada tipo de página se mide a 320 píxeles, con texto el doble de grande, con texto más espaciado y con movimiento reducido; títulos, regiones e idiomas se recorren como lo hace un lector de pantalla.",
        "Нами самими, с помощью программ: каждый вид страниц на английском и арабском, днём и ночью, с axe-core в Chromium, по правилам WCAG 2.0, 2.1 и 2.2 уровней A и AA; и клавишей Tab, до сорока остановок на странице. На английском, арабском и китайском каждый вид страниц измеряется при ширине 320 пикселей, с вдвое большим и с разреженным текстом и при уменьшенном движении; заголовки, области и языки обходятся, как это делает экранный диктор.",
        "بأنفسنا وبالبرمجيات: كل نوع من الصفحات بالإنجليزية والعربية، نهارًا وليلًا، بأداة axe-core في Chromium، وفق قواعد WCAG 2.0 و2.1 و2.2 بالمستويين A و AA؛ وبمفتاح Tab حتى أربعين محطة في الصفحة. وبالإنجليزية والعربية والصينية يُقاس كل نوع من الصفحات على عرض 320 بكسل، وبنص أكبر مرتين، وبنص أوسع تباعدًا، ومع تقليل الحركة؛ وتُتبع العناوين والمعالم واللغات كما يفعل قارئ الشاشة.",
        "由我们自己用软件测试：每一种页面的英文版和阿拉伯文版，日间和夜间，用 Chromium 中的 axe-core，按 WCAG 2.0、2.1 和 2.2 的 A 级和 AA 级规则检查；并用 Tab 键走查，每页最多四十站。英文、阿拉伯文和中文的每一种页面还在 320 像素宽度下、文字放大一倍时、文字加宽间距时以及减少动态效果时测量；并像屏幕阅读器那样走查标题、区域和语言。";
    TESTED_WHEN: "This is done again before each version of the software. On this site’s own records it was not done.",
        "Cela est refait avant chaque version du logiciel. Cela n’a pas été fait sur les fiches propres à ce site.",
        "Se repite antes de cada versión del programa. No se ha hecho con las fichas propias de este sitio.",
        "Это повторяется перед каждой версией программы. На собственных записях этого сайта это не проводилось.",
        "يُعاد ذلك قبل كل إصدار من البرنامج. ولم يُجرَ على سجلات هذا الموقع نفسه.",
        "每个软件版本发布前都会重新测试。尚未针对本网站自身的记录进行测试。";
    KNOWN_LIMITS: "Known limits", "Limites connues", "Límites conocidos", "Известные ограничения", "حدود معروفة", "已知限制";
    LIMIT_PEOPLE: "No person who uses a screen reader every day has tested these pages yet.",
        "Aucune personne qui utilise chaque jour un lecteur d’écran n’a encore testé ces pages.",
        "Ninguna persona que use a diario un lector de pantalla ha probado aún estas páginas.",
        "Ни один человек, который ежедневно пользуется экранным диктором, ещё не проверял эти страницы.",
        "لم يختبر هذه الصفحات بعدُ شخص يستخدم قارئ الشاشة يوميًا.",
        "尚无每天使用屏幕阅读器的人测试过这些页面。";
    LIMIT_BROWSERS: "Only Chromium was used. Other browsers, screen readers, voice control and screen magnifiers were not tried.",
        "Seul Chromium a été utilisé. Les autres navigateurs, les lecteurs d’écran, la commande vocale et les loupes d’écran n’ont pas été essayés.",
        "Solo se usó Chromium. No se probaron otros navegadores, lectores de pantalla, control por voz ni ampliadores de pantalla.",
        "Использовался только Chromium. Другие браузеры, экранные дикторы, голосовое управление и экранные лупы не испытывались.",
        "لم يُستخدم إلا Chromium. ولم تُجرَّب متصفحات أخرى ولا قارئات الشاشة ولا التحكم الصوتي ولا مكبرات الشاشة.",
        "仅使用了 Chromium。未试用其他浏览器、屏幕阅读器、语音控制和屏幕放大器。";
    LIMIT_TRANSLATED: "The words around records in French, Spanish, Russian, Arabic and Chinese were translated by software, and not all of them have been read by somebody who speaks the language.",
        "Les mots autour des fiches en français, espagnol, russe, arabe et chinois ont été traduits par logiciel, et tous n’ont pas été relus par une personne qui parle la langue.",
        "Las palabras en torno a las fichas en francés, español, ruso, árabe y chino se tradujeron con programas, y no todas las ha leído alguien que hable el idioma.",
        "Слова вокруг записей на французском, испанском, русском, арабском и китайском переведены программой, и не все их прочёл тот, кто говорит на этом языке.",
        "تُرجمت الكلمات المحيطة بالسجلات إلى الفرنسية والإسبانية والروسية والعربية والصينية برمجيًا، ولم يقرأها كلها متحدث باللغة.",
        "记录周围的法文、西班牙文、俄文、阿拉伯文和中文文字由软件翻译，尚未全部由使用该语言的人审读。";
    LIMIT_TEXTS: "Titles and texts are their publishers’; a publisher may have written one that is hard to read, or marked it with the wrong language.",
        "Les titres et les textes sont ceux de leurs éditeurs ; l’un d’eux peut être difficile à lire ou marqué d’une mauvaise langue.",
        "Los títulos y los textos son de quienes los publican; alguno puede ser difícil de leer o llevar un idioma equivocado.",
        "Названия и тексты принадлежат издателям; иной текст может быть трудным или отмечен не тем языком.",
        "العناوين والنصوص لناشريها، وقد يكون بعضها صعب القراءة أو موسومًا بلغة خاطئة.",
        "标题和文本出自发布者；有的可能难以阅读，或语言标注有误。";
    LIMIT_LINKS: "Documents at other addresses, to which records link, are outside our reach.",
        "Les documents d’autres sites, vers lesquels renvoient les fiches, échappent à notre contrôle.",
        "Los documentos de otros sitios a los que enlazan las fichas están fuera de nuestro alcance.",
        "Документы на других сайтах, на которые ссылаются записи, от нас не зависят.",
        "المستندات في مواقع أخرى التي تحيل إليها السجلات خارجة عن سيطرتنا.",
        "记录所链接的其他网站的文件不在我们控制之内。";
    LIMIT_TABLES: "On a narrow screen the rows of a wide table stand beneath each other, each value with the name of its column; so rows are harder to compare there.",
        "Sur un écran étroit, les lignes d’un tableau large se suivent, chaque valeur avec le nom de sa colonne ; elles y sont plus difficiles à comparer.",
        "En una pantalla estrecha, las filas de una tabla ancha van una debajo de otra, cada valor con el nombre de su columna; allí es más difícil compararlas.",
        "На узком экране строки широкой таблицы стоят друг под другом, каждое значение с названием столбца; сравнивать строки там труднее.",
        "على الشاشة الضيقة تأتي صفوف الجدول العريض واحدًا تحت الآخر، وكل قيمة مع اسم عمودها، فتصعب مقارنة الصفوف هناك.",
        "在窄屏上，宽表格的各行上下排列，每个值附有列名；因此较难比较各行。";
    CONTACT: "Tell us", "Dites-le-nous", "Díganos", "Сообщите нам", "أخبرنا", "告诉我们";
    CONTACT_SAYS: "If you cannot read or use something here, write to us. Say which page it is and what you need; you can also ask for it in another format.",
        "Si vous ne pouvez pas lire ou utiliser quelque chose ici, écrivez-nous. Indiquez la page et ce dont vous avez besoin ; vous pouvez aussi demander un autre format.",
        "Si no puede leer o usar algo de aquí, escríbanos. Diga qué página es y qué necesita; también puede pedirlo en otro formato.",
        "Если вы не можете что-то прочесть или использовать, напишите нам: какая это страница и что вам нужно; можно попросить и другой формат.",
        "إذا تعذّر عليك قراءة شيء هنا أو استخدامه فاكتب إلينا. اذكر الصفحة وما تحتاج إليه، ويمكنك أيضًا طلب صيغة أخرى.",
        "如果您无法阅读或使用这里的某些内容，请写信给我们，说明是哪个页面以及您的需要；也可以索取其他格式。";
    NO_CONTACT: "Whoever runs this site has named no mail address. The publisher of each record stands on its page.",
        "L’exploitant de ce site n’a indiqué aucune adresse électronique. L’éditeur de chaque fiche figure sur sa page.",
        "Quien gestiona este sitio no ha indicado ningún correo. El editor de cada ficha figura en su página.",
        "Владелец сайта не указал почтового адреса. Издатель каждой записи назван на её странице.",
        "لم يذكر مشغّل هذا الموقع عنوان بريد. وناشر كل سجل مذكور في صفحته.",
        "本网站的运营者未提供邮箱。每条记录的发布者列在其页面上。";
    STATED_ON: "This statement was last looked through on {0}.", "Cette déclaration a été revue pour la dernière fois le {0}.", "Esta declaración se revisó por última vez el {0}.", "Это заявление последний раз просмотрено {0}.", "روجع هذا البيان آخر مرة في {0}.", "本声明最近一次审阅于 {0}。";
}
