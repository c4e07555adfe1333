//! The words around the first page and the pages of countries, regions, themes and
//! organisations.

use super::{Counted, Said};

texts! {
    NEWEST_OF_THEM: "the newest", "la plus récente", "la más reciente", "новейшая", "أحدثها", "其中最新";
    THEMES: "By theme", "Par thème", "Por tema", "По теме", "حسب الموضوع", "按主题";
    REGIONS: "By region and organisation", "Par région et organisation", "Por región y organización", "По регионам и организациям", "حسب الإقليم والمنظمة", "按区域和组织";
    ALL_COUNTRIES: "All countries and areas", "Tous les pays et zones", "Todos los países y zonas", "Все страны и районы", "كل البلدان والمناطق", "所有国家和地区";
    COUNTRIES_TITLE: "Countries and areas", "Pays et zones", "Países y zonas", "Страны и районы", "البلدان والمناطق", "国家和地区";
    COUNTRIES_SAYS: "Every country and area has a page, also where nothing is known of it yet.",
        "Chaque pays et chaque zone a une page, même si rien n’en est encore connu.",
        "Cada país y zona tiene una página, aunque todavía no se sepa nada.",
        "У каждой страны и каждого района есть страница, даже если о них пока ничего не известно.",
        "لكل بلد ومنطقة صفحة، حتى إن لم يُعرف عنه شيء بعد.",
        "每个国家和地区都有页面，即使尚无相关信息。";
    REGIONS_TITLE: "Regions and organisations", "Régions et organisations", "Regiones y organizaciones", "Регионы и организации", "الأقاليم والمنظمات", "区域和组织";
    THEMES_TITLE: "Themes", "Thèmes", "Temas", "Темы", "المواضيع", "主题";
    MEMBER_OF: "Belongs to", "Appartient à", "Pertenece a", "Входит в", "ينتمي إلى", "所属";
    MEMBERS: "Members", "Membres", "Miembros", "Члены", "الأعضاء", "成员";
    COVERAGE: "{0} of {1} have a record here.", "{0} sur {1} ont une fiche ici.", "{0} de {1} tienen una ficha aquí.", "Записи есть у {0} из {1}.", "لدى {0} من أصل {1} سجل هنا.", "{1} 个中有 {0} 个在此有记录。";
    COVERAGE_OF: "{0}, counting those whose period is over and not those still in preparation: {1} of {2} members", "{0}, y compris ceux dont la période est achevée, sans ceux encore en préparation : {1} membres sur {2}", "{0}, incluidos aquellos cuyo período terminó y sin los que aún se preparan: {1} de {2} miembros", "{0}, включая планы с истёкшим сроком и без тех, что ещё готовятся: членов — {1} из {2}", "{0}، بما فيها ما انتهت فترته ومن دون ما لا يزال قيد الإعداد: {1} من أصل {2} من الأعضاء", "{0}（包括期限已过的，不包括仍在编制的）：{2} 个成员中有 {1} 个";
    COVERAGE_PREPARED: "Only one in preparation, as far as is known here: {0} of {1} members", "Seulement un plan en préparation, d’après ce qui est connu ici : {0} membres sur {1}", "Solo uno en preparación, según lo que se conoce aquí: {0} de {1} miembros", "Только один готовится, насколько здесь известно: членов — {0} из {1}", "واحدة قيد الإعداد فقط، بحسب ما هو معروف هنا: {0} من أصل {1} من الأعضاء", "据此处所知仅有一项正在编制：{1} 个成员中有 {0} 个";
    LISTED_ON: "The members are those of a list that was read on {0}.", "Les membres sont ceux d’une liste lue le {0}.", "Los miembros son los de una lista leída el {0}.", "Члены указаны по списку, прочитанному {0}.", "الأعضاء بحسب قائمة قُرئت في {0}.", "成员依据{0}查阅的名单。";
    BESIDE_LIST: "Not by that list, and not confirmed by a stored source: {0}.", "Hors de cette liste, et sans source conservée qui le confirme : {0}.", "Fuera de esa lista y sin fuente guardada que lo confirme: {0}.", "Не по этому списку и без подтверждения сохранённым источником: {0}.", "من خارج تلك القائمة ومن دون مصدر محفوظ يؤكد ذلك: {0}.", "不在该名单依据之内，也未经存档来源确认：{0}。";
    UNVERIFIED: "Not confirmed by a stored source: {0}.", "Sans source conservée qui le confirme : {0}.", "Sin fuente guardada que lo confirme: {0}.", "Не подтверждено сохранённым источником: {0}.", "لم يؤكدها مصدر محفوظ: {0}.", "未经存档来源确认：{0}。";
    MISSING: "What is not known here", "Ce qui n’est pas connu ici", "Lo que aquí no se conoce", "Что здесь неизвестно", "ما لا يُعرف هنا", "此处未收录";
    MISSING_KINDS: "There is nothing here yet of: {0}. A ministry, a focal point or an organisation that has some can publish it in the Network, or give it to one of the publishers.",
        "Rien n’est connu ici pour : {0}. Un ministère, un point focal ou une organisation qui en possède peut le publier dans le Réseau, ou le remettre à l’un des éditeurs.",
        "Aquí no se conoce nada de: {0}. Un ministerio, un punto focal o una organización que lo tenga puede publicarlo en la Red o entregarlo a un editor.",
        "Здесь ничего не известно о: {0}. Министерство, координатор или организация, у которых это есть, могут опубликовать это в Сети или передать одному из издателей.",
        "لا يُعرف هنا شيء عن: {0}. يمكن لوزارة أو جهة تنسيق أو منظمة لديها ذلك أن تنشره في الشبكة أو تسلّمه إلى أحد الناشرين.",
        "此处未收录：{0}。持有相关内容的部委、协调人或组织可在网络中发布，或交给某个发布者。";
    MISSING_OF_PLANS: "What tells how plans are carried out:", "Ce qui dit comment les plans sont mis en œuvre :", "Lo que cuenta cómo se aplican los planes:", "О том, как исполняются планы:", "ما يبيّن كيف تُنفَّذ الخطط:", "说明计划执行情况的内容：";
    PLANS_WITHOUT: "Plans without one known here: {0} of {1}.", "Plans pour lesquels rien de tel n’est connu ici : {0} sur {1}.", "Planes para los que aquí no se conoce nada así: {0} de {1}.", "Планов, для которых здесь такого нет: {0} из {1}.", "الخطط التي لا يُعرف هنا شيء كهذا عنها: {0} من أصل {1}.", "此处没有此类记录的计划：{1} 个中有 {0} 个。";
    NOTHING_OF_IT: "Nothing is known here yet. A ministry, a focal point or an organisation that has something can publish it in the Network, or give it to one of the publishers.",
        "Rien n’est encore connu ici. Un ministère, un point focal ou une organisation qui détient quelque chose peut le publier dans le Réseau, ou le remettre à l’un des éditeurs.",
        "Aquí todavía no se conoce nada. Un ministerio, un punto focal o una organización que tenga algo puede publicarlo en la Red o entregarlo a un editor.",
        "Здесь пока ничего не известно. Министерство, координатор или организация, у которых что-то есть, могут опубликовать это в Сети или передать одному из издателей.",
        "لا يُعرف هنا شيء بعد. يمكن لوزارة أو جهة تنسيق أو منظمة لديها شيء أن تنشره في الشبكة أو تسلّمه إلى أحد الناشرين.",
        "此处尚无内容。持有相关内容的部委、协调人或组织可在网络中发布，或交给某个发布者。";
    ITS_RECORD: "Its record, with history and proof", "Sa fiche, avec historique et preuve", "Su ficha, con historial y prueba", "Её запись с историей и доказательством", "سجلها، مع تاريخه وإثباته", "其记录，附历史和证明";
    ITS_PAGE: "Everything that names this organisation", "Tout ce qui nomme cette organisation", "Todo lo que nombra a esta organización", "Всё, где названа эта организация", "كل ما يذكر هذه المنظمة", "提及该组织的全部内容";
    ITS_MEMBERS: "Its members and what they publish", "Ses membres et ce qu’ils publient", "Sus miembros y lo que publican", "Её члены и то, что они публикуют", "أعضاؤها وما ينشرونه", "其成员及其发布的内容";
    BY_NAME: "by name", "par son nom", "por su nombre", "по названию", "بالاسم", "按名称";
    NAMED_HOW: "Where a record names it without pointing to its record, it is found by its name or short form, as long as nobody else is called so here: “by name”.",
        "Quand une fiche la nomme sans renvoyer à sa fiche, elle est reconnue à son nom ou à son sigle, tant que nul autre ne porte ce nom ici : « par son nom ».",
        "Cuando una ficha la nombra sin remitir a su ficha, se la reconoce por su nombre o sus siglas, mientras nadie más se llame así aquí: «por su nombre».",
        "Если запись называет её, не ссылаясь на её запись, она узнаётся по названию или сокращению, пока никто другой здесь так не называется: «по названию».",
        "حين يذكرها سجل من دون الإحالة إلى سجلها، تُعرف باسمها أو باختصارها ما دام لا أحد غيرها يسمى كذلك هنا: «بالاسم».",
        "记录提及该组织但未指向其记录时，只要此处没有其他组织同名，即按其名称或简称认定：“按名称”。";
    UNHELD: "This site does not hold the content of {0} ({1}), so it cannot tell which countries, organisations or themes that content is about; it can be read with its publisher: {2}.",
        "Ce site ne détient pas le contenu de {0} ({1}) et ne peut donc dire de quels pays, organisations ou thèmes ce contenu traite ; il peut être lu auprès de son éditeur : {2}.",
        "Este sitio no tiene el contenido de {0} ({1}), por lo que no puede decir de qué países, organizaciones o temas trata; puede leerse con su editor: {2}.",
        "На этом сайте нет содержания: {0} ({1}), поэтому здесь нельзя сказать, о каких странах, организациях или темах оно; прочитать его можно у издателя: {2}.",
        "لا يحتفظ هذا الموقع بمحتوى {0} ({1})، ولذلك لا يمكنه أن يبيّن أي بلدان أو منظمات أو مواضيع يتناولها هذا المحتوى؛ ويمكن قراءته لدى ناشره: {2}.",
        "本网站未保存以下内容：{0}（{1}），因此无法说明其涉及哪些国家、组织或主题；可向其发布者查阅：{2}。";
    COVERAGE_HELD: "In what this site holds, {0} of {1} have a record.", "Dans ce que ce site détient, {0} sur {1} ont une fiche.", "En lo que tiene este sitio, {0} de {1} tienen una ficha.", "В том, что есть на этом сайте, записи есть у {0} из {1}.", "في ما يحتفظ به هذا الموقع، لدى {0} من أصل {1} سجل.", "在本网站所保存的内容中，{1} 个中有 {0} 个有记录。";
    COVERAGE_UNKNOWN: "{0}: how many members have one cannot be told here, since the content of {1} of that kind is not held.", "{0} : on ne peut dire ici combien de membres en ont, car le contenu de {1} de ce type n’est pas détenu.", "{0}: aquí no se puede decir cuántos miembros tienen uno, pues falta el contenido de {1} de este tipo.", "{0}: сколько членов их имеют, здесь сказать нельзя: нет содержания записей этого вида ({1}).", "{0}: لا يمكن القول هنا كم من الأعضاء لديه واحدة، لأن محتوى {1} من هذا النوع غير محفوظ.", "{0}：此处无法判断有多少成员拥有，因为本网站未保存该类型的{1}的内容。";
    COVERAGE_IN_HELD: "{0}, in what this site holds; the content of {1} of that kind is not held, so there may be more.", "{0}, dans ce que ce site détient ; le contenu de {1} de ce type n’est pas détenu, il peut donc y en avoir plus.", "{0}, en lo que tiene este sitio; falta el contenido de {1} de este tipo, así que puede haber más.", "{0}, в том, что есть на этом сайте; содержания записей этого вида нет ({1}), поэтому их может быть больше.", "{0}، في ما يحتفظ به هذا الموقع؛ ومحتوى {1} من هذا النوع غير محفوظ، فقد يكون هناك المزيد.", "{0}，以本网站所保存的内容为限；该类型的{1}的内容未保存，因此实际可能更多。";
    NO_PLAN_HELD: "This site holds no action plan of this country or area. Whether there is one cannot be told here: the content of {0} of that kind is not held.",
        "Ce site ne détient aucun plan d’action de ce pays ou de cette zone. On ne peut dire ici s’il en existe un : le contenu de {0} de ce type n’est pas détenu.",
        "Este sitio no tiene ningún plan de acción de este país o zona. Aquí no se puede decir si existe: falta el contenido de {0} de este tipo.",
        "На этом сайте нет плана действий этой страны или этого района. Есть ли он, здесь сказать нельзя: нет содержания записей этого вида ({0}).",
        "لا يحتفظ هذا الموقع بأي خطة عمل لهذا البلد أو لهذه المنطقة. ولا يمكن القول هنا إن كانت هناك خطة: فمحتوى {0} من هذا النوع غير محفوظ.",
        "本网站没有保存该国家或地区的行动计划。此处无法判断是否存在：本网站未保存该类型的{0}的内容。";
    NOTHING_HELD: "Nothing that this site holds is about this.", "Rien de ce que ce site détient n’en traite.", "Nada de lo que tiene este sitio trata de esto.", "Ничто из содержания этого сайта об этом не говорит.", "لا شيء مما يحتفظ به هذا الموقع يتناول هذا.", "本网站所保存的内容均与此无关。";
    NOT_NAMED_HELD: "No other record whose content this site holds names this organisation.",
        "Aucune autre fiche dont ce site détient le contenu ne nomme cette organisation.",
        "Ninguna otra ficha cuyo contenido tiene este sitio nombra a esta organización.",
        "Ни одна другая запись, содержание которой есть на этом сайте, не называет эту организацию.",
        "لا يذكر هذه المنظمة أي سجل آخر يحتفظ هذا الموقع بمحتواه.",
        "本网站保存其内容的其他记录均未提及该组织。";
    FOUND_HOW: "Found by its record, and by its name or short form alone as long as nobody else is called so here.",
        "Reconnue à sa fiche, ou à son seul nom ou sigle tant que nul autre ne porte ce nom ici.",
        "Se la reconoce por su ficha, o solo por su nombre o sus siglas mientras nadie más se llame así aquí.",
        "Узнаётся по ссылке на её запись или только по названию либо сокращению, пока никто другой здесь так не называется.",
        "تُعرف بسجلها، أو باسمها أو باختصارها وحده ما دام لا أحد غيرها يسمى كذلك هنا.",
        "按其记录认定；此处没有其他组织同名时，也按其名称或简称认定。";
    NOT_NAMED: "No other record here names this organisation, by its record or by its name.",
        "Aucune autre fiche ici ne nomme cette organisation, ni par sa fiche ni par son nom.",
        "Ninguna otra ficha nombra aquí a esta organización, ni por su ficha ni por su nombre.",
        "Ни одна другая запись здесь не называет эту организацию: ни ссылкой на её запись, ни по названию.",
        "لا يذكر أي سجل آخر هنا هذه المنظمة، لا بسجلها ولا باسمها.",
        "此处没有其他记录提及该组织，无论是引用其记录还是使用其名称。";
    SEE_ALL: "See all", "Tout voir", "Ver todo", "Показать все", "عرض الكل", "查看全部";
    SEE_LIST: "Search these", "Chercher parmi celles-ci", "Buscar entre estas", "Искать среди них", "البحث فيها", "在其中查询";
}

/// How many records were published or changed.
pub(crate) const NEW_OR_CHANGED: Counted = Counted {
    en: ["{} new or changed", "{} new or changed"],
    fr: [
        "{} nouvelle ou modifiée",
        "{} de nouvelles ou modifiées",
        "{} nouvelles ou modifiées",
    ],
    es: [
        "{} nueva o modificada",
        "{} de nuevas o modificadas",
        "{} nuevas o modificadas",
    ],
    ru: [
        "{} новая или изменённая",
        "{} новые или изменённые",
        "{} новых или изменённых",
    ],
    ar: [
        "لا جديد",
        "واحد جديد أو معدّل",
        "اثنان جديدان أو معدّلان",
        "{} جديدة أو معدّلة",
        "{} جديدًا أو معدّلًا",
        "{} جديد أو معدّل",
    ],
    zh: "{} 条新增或更改",
};
