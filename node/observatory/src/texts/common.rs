//! The words around records that most pages share.

use super::Said;

texts! {
    SITE_IS: "What States, regional organisations and civil society publish on women, peace and security: each record signed by its publisher, with its history and its proof.",
        "Ce que les États, les organisations régionales et la société civile publient sur les femmes, la paix et la sécurité : chaque fiche est signée par son éditeur, avec son historique et sa preuve.",
        "Lo que los Estados, las organizaciones regionales y la sociedad civil publican sobre las mujeres, la paz y la seguridad: cada ficha está firmada por quien la publica, con su historial y su prueba.",
        "Что государства, региональные организации и гражданское общество публикуют о женщинах, мире и безопасности: каждая запись подписана издателем и имеет историю и доказательство.",
        "ما تنشره الدول والمنظمات الإقليمية والمجتمع المدني عن المرأة والسلام والأمن: كل سجل موقَّع من ناشره، مع تاريخه وإثباته.",
        "各国、区域组织和民间社会发布的关于妇女、和平与安全的信息：每条记录均由发布者签名，并附有历史和证明。";
    HOME: "Home", "Accueil", "Inicio", "Главная", "الرئيسية", "首页";
    SKIP: "Skip to the content", "Aller au contenu", "Ir al contenido", "Перейти к содержанию", "الانتقال إلى المحتوى", "跳到正文";
    LANGUAGES: "Languages", "Langues", "Idiomas", "Языки", "اللغات", "语言";
    KINDS: "By kind", "Par type", "Por tipo", "По виду", "حسب النوع", "按类型";
    COUNTRIES: "By country or area", "Par pays ou zone", "Por país o zona", "По странам и районам", "حسب البلد أو المنطقة", "按国家或地区";
    HISTORY: "History", "Historique", "Historial", "История", "تاريخ التعديلات", "历史";
    REFERRING: "What refers to this", "Ce qui s’y réfère", "Lo que hace referencia a esto", "Что на это ссылается", "ما يشير إلى هذا", "引用本记录的内容";
    ADDED: "added", "ajouté", "añadido", "добавлено", "أضيف", "新增";
    REMOVED: "removed", "retiré", "quitado", "убрано", "حُذف", "移除";
    CHANGED_LAST: "Changed last", "Dernières modifications", "Últimos cambios", "Последние изменения", "آخر التغييرات", "最近更改";
    NETWORK: "The network", "Le réseau", "La red", "Сеть", "الشبكة", "网络";
    SEARCH_HERE: "Search", "Recherche", "Búsqueda", "Поиск", "البحث", "查询";
    SEARCH: "Words in the title", "Mots du titre", "Palabras del título", "Слова в названии", "كلمات في العنوان", "标题中的词";
    COUNTRY: "Country or area", "Pays ou zone", "País o zona", "Страна или район", "البلد أو المنطقة", "国家或地区";
    SHOW: "Show", "Afficher", "Mostrar", "Показать", "عرض", "显示";
    NEXT: "Next page", "Page suivante", "Página siguiente", "Следующая страница", "الصفحة التالية", "下一页";
    DOWNLOAD: "Download", "Télécharger", "Descargar", "Скачать", "تنزيل", "下载";
    SIGNED_BY: "Signed by", "Signé par", "Firmado por", "Подписано", "وقّعه", "签名者";
    PUBLISHED: "Published", "Publié le", "Publicado el", "Опубликовано", "نُشر في", "发布于";
    REVISION: "Revision", "Révision", "Revisión", "Редакция", "المراجعة", "修订";
    PROOF: "Proof", "Preuve", "Prueba", "Доказательство", "الإثبات", "证明";
    PROOF_SAYS: "This text stands as an entry of a log that only its publisher can sign and that nobody can change afterwards. The file below proves it, without this site.",
        "Ce texte est une entrée d’un journal que seul son éditeur peut signer et que personne ne peut modifier ensuite. Le fichier ci-dessous le prouve, sans ce site.",
        "Este texto es una entrada de un registro que solo su editor puede firmar y que nadie puede cambiar después. El archivo siguiente lo prueba, sin este sitio.",
        "Этот текст — запись журнала, который может подписать только его издатель и который потом никто не может изменить. Файл ниже доказывает это без этого сайта.",
        "هذا النص قيد في سجل زمني لا يوقّعه إلا ناشره ولا يستطيع أحد تغييره لاحقًا. الملف أدناه يثبت ذلك من دون هذا الموقع.",
        "此文本是一份日志中的条目，只有其发布者可以签名，之后任何人都无法更改。下面的文件无需本网站即可证明这一点。";
    PROOF_SAYS_OF_HOLE: "What this record says stands as an entry of a log that only its publisher can sign and that nobody can change afterwards. The file below proves that entry, without this site; what the entry says is not held here.",
        "Ce que dit cette fiche est une entrée d’un journal que seul son éditeur peut signer et que personne ne peut modifier ensuite. Le fichier ci-dessous prouve cette entrée, sans ce site ; ce qu’elle dit n’est pas détenu ici.",
        "Lo que dice esta ficha es una entrada de un registro que solo su editor puede firmar y que nadie puede cambiar después. El archivo siguiente prueba esa entrada, sin este sitio; lo que dice no está aquí.",
        "То, что говорит эта запись, стоит в журнале, который может подписать только его издатель и который потом никто не может изменить. Файл ниже доказывает это без этого сайта; самого текста здесь нет.",
        "ما يقوله هذا السجل قيد في سجل زمني لا يوقّعه إلا ناشره ولا يستطيع أحد تغييره لاحقًا. الملف أدناه يثبت ذلك القيد من دون هذا الموقع؛ أما نصه فغير محفوظ هنا.",
        "此记录的内容是一份日志中的条目，只有其发布者可以签名，之后任何人都无法更改。下面的文件无需本网站即可证明该条目；其内容此处未保存。";
    ABOUT: "About this record", "À propos de cette fiche", "Sobre esta ficha", "Об этой записи", "عن هذا السجل", "关于此记录";
    NO_TITLE: "Without a title", "Sans titre", "Sin título", "Без названия", "بلا عنوان", "无标题";
    ERASED: "The content of this record was erased by its publisher. Only the entry that says so is left.",
        "Le contenu de cette fiche a été effacé par son éditeur. Il ne reste que l’entrée qui le dit.",
        "El contenido de esta ficha fue borrado por quien la publicó. Solo queda la entrada que lo dice.",
        "Содержание этой записи удалено её издателем. Осталась только запись об этом.",
        "محا الناشر محتوى هذا السجل، ولم يبق إلا القيد الذي يقول ذلك.",
        "此记录的内容已被其发布者删除，只剩下说明此事的条目。";
    WITHDRAWN: "This record was withdrawn by its publisher and is no longer current.",
        "Cette fiche a été retirée par son éditeur et n’est plus à jour.",
        "Esta ficha fue retirada por quien la publicó y ya no está vigente.",
        "Эта запись отозвана издателем и больше не действует.",
        "سحب الناشر هذا السجل ولم يعد ساريًا.",
        "此记录已被其发布者撤回，不再有效。";
    NOT_HELD: "This site does not hold the content of this record. Its publisher does.",
        "Ce site ne détient pas le contenu de cette fiche. Son éditeur le détient.",
        "Este sitio no tiene el contenido de esta ficha. Lo tiene quien la publicó.",
        "На этом сайте нет содержания этой записи. Оно есть у её издателя.",
        "لا يحتفظ هذا الموقع بمحتوى هذا السجل، بل ناشره.",
        "本网站不保存此记录的内容，由其发布者保存。";
    NEWER: "This record is of a kind that needs newer software than this site has.",
        "Cette fiche est d’un type qui demande un logiciel plus récent que celui de ce site.",
        "Esta ficha es de un tipo que necesita un programa más nuevo que el de este sitio.",
        "Для этой записи нужна более новая программа, чем на этом сайте.",
        "هذا السجل من نوع يحتاج إلى برنامج أحدث مما لدى هذا الموقع.",
        "此记录的类型需要比本网站更新的软件。";
    NO_PLAN: "No national action plan of this country is known here. Whoever speaks for it can publish one in the Network, or give it to one of the publishers.",
        "Aucun plan d’action national de ce pays n’est connu ici. La personne ou l’organe qui parle en son nom peut en publier un dans le Réseau, ou le remettre à l’un des éditeurs.",
        "Aquí no se conoce ningún plan de acción nacional de este país. Quien habla en su nombre puede publicar uno en la Red o entregarlo a uno de los editores.",
        "Здесь неизвестен национальный план действий этой страны. Тот, кто выступает от её имени, может опубликовать его в Сети или передать одному из издателей.",
        "لا تُعرف هنا خطة عمل وطنية لهذا البلد. ويمكن لمن يتحدث باسمه أن ينشر خطة في الشبكة أو يسلّمها إلى أحد الناشرين.",
        "此处未收录该国的国家行动计划。代表该国发言者可在网络中发布，或交给某个发布者。";
    NO_PLAN_OF_AREA: "No action plan is known here for this country or area.",
        "Aucun plan d’action n’est connu ici pour ce pays ou cette zone.",
        "Aquí no se conoce ningún plan de acción de este país o zona.",
        "Здесь неизвестен план действий этой страны или этого района.",
        "لا تُعرف هنا خطة عمل لهذا البلد أو لهذه المنطقة.",
        "此处未收录该国家或地区的行动计划。";
    PUBLISHERS: "Publishers", "Éditeurs", "Editores", "Издатели", "الناشرون", "发布者";
    ORDER: "Order", "Ordre", "Orden", "Порядок", "الترتيب", "排序";
    BY_CHANGE: "Newest change first", "Modifications récentes d’abord", "Cambios recientes primero", "Сначала новые изменения", "الأحدث تغييرًا أولًا", "最近更改在前";
    BY_DATE: "Newest date first", "Dates récentes d’abord", "Fechas recientes primero", "Сначала поздние даты", "الأحدث تاريخًا أولًا", "最新日期在前";
    BY_TITLE: "By title", "Par titre", "Por título", "По названию", "حسب العنوان", "按标题";
    BY_COUNTRY: "By country code", "Par code de pays", "Por código de país", "По коду страны", "حسب رمز البلد", "按国家代码";
    CODE_OF: "a code of “{0}” that has no name here", "un code de « {0} » qui n’a pas de nom ici", "un código de «{0}» que aquí no tiene nombre", "код из списка «{0}», у которого здесь нет названия", "رمز من «{0}» لا اسم له هنا", "“{0}”中在此没有名称的代码";
    YES: "yes", "oui", "sí", "да", "نعم", "是";
    NO: "no", "non", "no", "нет", "لا", "否";
}

/// The names of the orders of lists.
pub(crate) const ORDERS: [&Said; 4] = [&BY_CHANGE, &BY_DATE, &BY_TITLE, &BY_COUNTRY];
