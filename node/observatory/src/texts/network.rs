//! The words of the page of the network, and of the line on the first page.

use super::{Counted, Said};

texts! {
    SITE_NAME: "Women, Peace and Security observatory",
        "Observatoire Femmes, paix et sécurité",
        "Observatorio Mujeres, Paz y Seguridad",
        "Обсерватория «Женщины, мир и безопасность»",
        "مرصد المرأة والسلام والأمن",
        "妇女、和平与安全观察站";
    ASK: "Ask for another format, or report a problem", "Demander un autre format ou signaler un problème", "Pedir otro formato o avisar de un problema", "Попросить другой формат или сообщить о проблеме", "طلب صيغة أخرى أو الإبلاغ عن مشكلة", "索取其他格式或报告问题";
    SCOPE_IS: "These pages show the countries of", "Ces pages montrent les pays de :", "Estas páginas muestran los países de:", "На этих страницах показаны страны:", "تعرض هذه الصفحات بلدان:", "这些页面显示以下范围的国家：";
    SCOPE_ALL: "Show all countries", "Afficher tous les pays", "Mostrar todos los países", "Показать все страны", "عرض كل البلدان", "显示所有国家";
    SCOPE_NOT: "These pages show all countries.", "Ces pages montrent tous les pays.", "Estas páginas muestran todos los países.", "На этих страницах показаны все страны.", "تعرض هذه الصفحات كل البلدان.", "这些页面显示所有国家。";
    SCOPE_BACK: "Show only:", "Afficher seulement :", "Mostrar solo:", "Показать только:", "عرض فقط:", "仅显示：";
}

texts! {
    NETWORK_IS: "Each publisher keeps its records in a log: a list that it signs, and to which it can only add. The computers of the Network, its nodes, copy these logs from each other, check that nothing was changed, and say what they saw. This page tells how much of each log is here, and how recent it is.",
        "Chaque éditeur tient ses fiches dans un journal : une liste qu’il signe et à laquelle il ne peut qu’ajouter. Les ordinateurs du Réseau, ses nœuds, se copient ces journaux, vérifient que rien n’a été modifié et disent ce qu’ils ont vu. Cette page indique ce qui est ici de chaque journal, et de quand cela date.",
        "Cada editor lleva sus fichas en un registro: una lista que firma y a la que solo puede añadir. Los ordenadores de la Red, sus nodos, copian estos registros unos de otros, comprueban que nada ha cambiado y dicen lo que han visto. Esta página indica cuánto hay aquí de cada registro y lo reciente que es.",
        "Каждый издатель ведёт свои записи в журнале: это список, который он подписывает и который может только пополнять. Компьютеры Сети, её узлы, копируют журналы друг у друга, проверяют, что ничего не изменено, и сообщают, что видели. Эта страница показывает, сколько здесь есть из каждого журнала и насколько это свежо.",
        "يحفظ كل ناشر ما ينشره في سجل زمني: قائمة يوقّعها ولا يملك إلا أن يضيف إليها. وتنسخ حواسيب الشبكة، أي عُقدها، هذه السجلات الزمنية بعضها من بعض، وتتحقق من أن شيئًا لم يتغيّر، وتقول ما رأته. تبيّن هذه الصفحة ما يوجد هنا من كل سجل زمني ومدى حداثته.",
        "每个发布者把记录保存在日志中：这是一份由其签署、只能添加的清单。网络中的计算机（节点）互相复制这些日志，核实没有任何改动，并说明所见。本页说明每份日志在此处有多少内容、有多新。";
    IS_HERE: "signed here", "signé ici", "firmado aquí", "подписывается здесь", "يوقَّع هنا", "在此签署";
    IS_FRESH: "Up to date", "À jour", "Al día", "Актуально", "محدَّث", "最新";
    IS_BEHIND: "On its way: not all entries are here yet", "En cours : il manque encore des entrées", "En camino: aún faltan entradas", "Загружается: не все записи ещё здесь", "قيد الوصول: لم تصل كل القيود بعد", "传送中：部分条目尚未到达";
    IS_STALE: "No news for {0}. What is shown may have changed since.",
        "Aucune nouvelle depuis {0}. Ce qui est affiché a pu changer depuis.",
        "Sin noticias desde hace {0}. Lo que se muestra puede haber cambiado.",
        "Нет вестей уже {0}. Показанное могло с тех пор измениться.",
        "لا أخبار منذ {0}. وقد يكون المعروض قد تغيّر منذئذ.",
        "已有{0}没有消息。所显示的内容可能已经改变。";
    IS_UNSEEN: "How recent this is, nobody has confirmed yet.",
        "Personne n’a encore confirmé de quand date cet état.",
        "Nadie ha dicho todavía desde cuándo este es su estado más reciente.",
        "Никто ещё не сообщил, с какого времени это состояние последнее.",
        "لم يؤكد أحد بعد مدى حداثة هذه الحالة.",
        "尚无人说明这是自何时起的最新状态。";
    IS_AHEAD: "A clock is wrong: the newest state carries a time that has not come yet.",
        "Une horloge est fausse : l’état le plus récent porte une heure qui n’est pas encore venue.",
        "Un reloj está mal: lleva una hora que aún no ha llegado.",
        "Часы неверны: указано время, которое ещё не наступило.",
        "إحدى الساعات خاطئة: تحمل أحدث حالة وقتًا لم يأت بعد.",
        "某个时钟有误：所盖时间尚未到来。";
    STOPPED_FORK: "Stopped: its key signed two histories that cannot both be true. What was here before is shown; nothing new is taken until somebody decides.",
        "Arrêté : sa clé a signé deux historiques qui ne peuvent être vrais tous les deux. Ce qui était ici avant est affiché ; rien de nouveau n’est pris avant une décision.",
        "Detenido: su clave firmó dos historiales que no pueden ser ciertos a la vez. Se muestra lo que ya estaba aquí; no se toma nada nuevo hasta que alguien decida.",
        "Остановлен: его ключом подписаны две истории, которые не могут быть верны одновременно. Показано то, что было здесь раньше; новое не принимается до решения.",
        "متوقف: وقّع مفتاحه تاريخين لا يمكن أن يصحا معًا. يُعرض ما كان هنا من قبل، ولا يؤخذ جديد حتى يقرر أحد.",
        "已停止：其密钥签署了两份不可能同时为真的历史。此处显示原有内容；在作出决定之前不接收新内容。";
    STOPPED_DAMAGED: "Stopped: this node’s files of it are damaged and are being mended.",
        "Arrêté : les fichiers de ce nœud sont endommagés et en cours de réparation.",
        "Detenido: los archivos de este nodo están dañados y se están reparando.",
        "Остановлен: файлы этого узла повреждены и восстанавливаются.",
        "متوقف: ملفاته في هذه العقدة تالفة ويجري إصلاحها.",
        "已停止：本节点的相关文件已损坏，正在修复。";
    STOPPED_UNSIGNED: "Stopped: other nodes know of entries that are missing here, so nothing is signed until they are back.",
        "Arrêté : d’autres nœuds connaissent des entrées qui manquent ici ; rien n’est signé avant leur retour.",
        "Detenido: otros nodos conocen entradas que faltan aquí; no se firma nada hasta que vuelvan.",
        "Остановлен: другие узлы знают о записях, которых здесь нет; до их возвращения ничего не подписывается.",
        "متوقف: تعرف عُقد أخرى قيودًا ناقصة هنا، فلا يوقَّع شيء حتى تعود.",
        "已停止：其他节点知道此处缺少的条目，在其恢复之前不再签署。";
    STOPPED_SWITCHED: "After a fork, the other of two histories was taken here. This node does not attest it.",
        "Après une bifurcation, l’autre des deux historiques a été pris ici. Ce nœud ne l’atteste pas.",
        "Tras una bifurcación, aquí se tomó el otro de dos historiales. Este nodo no lo atestigua.",
        "После раздвоения здесь принята другая из двух историй. Этот узел её не заверяет.",
        "بعد انقسام، أُخذ هنا التاريخ الآخر. وهذه العقدة لا تشهد له.",
        "分叉之后，此处采用了两份历史中的另一份。本节点不为其作证。";
    LOG_AS_OF: "As of", "État au", "A fecha de", "По состоянию на", "بتاريخ", "截至";
    AGE_NOW: "less than a minute", "moins d’une minute", "menos de un minuto", "меньше минуты", "أقل من دقيقة", "不到一分钟";
    AGO: "{0} ago", "il y a {0}", "hace {0}", "{0} назад", "قبل {0}", "{0}前";
    ATTESTED_BY: "Attested by", "Attesté par", "Atestiguado por", "Заверено", "شهد له", "见证者";
    NOT_ATTESTED: "no other node yet", "aucun autre nœud pour l’instant", "ningún otro nodo todavía", "пока ни одним другим узлом", "لا عقدة أخرى بعد", "尚无其他节点";
    RECORDS_HERE: "Records", "Fiches", "Fichas", "Записи", "السجلات", "记录";
    ENTRIES_HERE: "Entries of the log", "Entrées du journal", "Entradas del registro", "Записи журнала", "قيود السجل الزمني", "日志条目";
    NOT_HERE_YET: "Known, and not here yet", "Connues, pas encore ici", "Conocidas, aún no están aquí", "Известны, но ещё не здесь", "معروفة ولم تصل بعد", "已知但尚未到达";
    HOLES: "Content that is not here", "Contenu absent", "Contenido que no está aquí", "Содержание, которого здесь нет", "محتوى ليس هنا", "此处没有的内容";
    HOLE_ERASED: "Erased by its publisher", "Effacé par son éditeur", "Borrado por su editor", "Удалено издателем", "محاه ناشره", "已被发布者删除";
    HOLE_FILTERED: "Not fetched by this node’s choice", "Non récupéré, par choix de ce nœud", "No se obtiene, por decisión de este nodo", "Не загружается по выбору этого узла", "لم يُجلب باختيار هذه العقدة", "本节点选择不获取";
    HOLE_NOT_HELD: "Not to be had so far", "Introuvable pour l’instant", "No se ha podido obtener", "Пока недоступно", "لم يتيسر الحصول عليه بعد", "目前无法获得";
    HOLE_UNREADABLE: "Needs newer software", "Demande un logiciel plus récent", "Necesita un programa más nuevo", "Нужна более новая программа", "يحتاج إلى برنامج أحدث", "需要更新的软件";
    REFUSALS: "Refused", "Refusé", "Rechazado", "Отклонено", "مرفوض", "被拒绝";
    NO_LOGS: "There is no public log here yet.", "Il n’y a pas encore de journal public ici.", "Aquí no hay todavía ningún registro público.", "Здесь пока нет открытых журналов.", "لا سجل زمنيًّا عامًّا هنا بعد.", "此处尚无公开日志。";
    UNLISTED: "Entries that have come and that lists do not show yet", "Entrées arrivées que les listes ne montrent pas encore", "Entradas llegadas que las listas aún no muestran", "Поступившие записи, которых ещё нет в списках", "قيود وصلت ولا تظهر في القوائم بعد", "已到达但列表尚未显示的条目";
    LINE_WELL: "{0}, with news of each from the last hour.", "{0}, avec des nouvelles de chacun depuis moins d’une heure.", "{0}, con noticias de cada uno en la última hora.", "{0}; от каждого есть вести за последний час.", "{0}، وصلت أخبار كل منها خلال الساعة الأخيرة.", "{0}，最近一小时内均有消息。";
    LINE_TROUBLED: "{0}; {1}.", "{0} ; {1}.", "{0}; {1}.", "{0}; {1}.", "{0}؛ {1}.", "{0}；{1}。";
}

/// Logs of publishers.
pub(crate) const LOGS_COUNT: Counted = Counted {
    en: ["{} publisher’s log", "{} publishers’ logs"],
    fr: ["{} journal", "{} de journaux", "{} journaux"],
    es: ["{} registro", "{} de registros", "{} registros"],
    ru: ["{} журнал", "{} журнала", "{} журналов"],
    ar: [
        "لا سجلات زمنية",
        "سجل زمني واحد",
        "سجلان زمنيان",
        "{} سجلات زمنية",
        "{} سجلًا زمنيًّا",
        "{} سجل زمني",
    ],
    zh: "{}份日志",
};

/// Logs that are not as they should be.
pub(crate) const TROUBLED_COUNT: Counted = Counted {
    en: [
        "{} has stopped, or has sent no news for over an hour",
        "{} have stopped, or have sent no news for over an hour",
    ],
    fr: [
        "{} est à l’arrêt ou sans nouvelles récentes",
        "{} sont à l’arrêt ou sans nouvelles récentes",
        "{} sont à l’arrêt ou sans nouvelles récentes",
    ],
    es: [
        "{} está detenido o sin noticias recientes",
        "{} están detenidos o sin noticias recientes",
        "{} están detenidos o sin noticias recientes",
    ],
    ru: [
        "{} остановлен или давно без вестей",
        "{} остановлены или давно без вестей",
        "{} остановлены или давно без вестей",
    ],
    ar: [
        "لا شيء منها متوقف",
        "واحد منها متوقف أو بلا أخبار حديثة",
        "اثنان منها متوقفان أو بلا أخبار حديثة",
        "{} منها متوقفة أو بلا أخبار حديثة",
        "{} منها متوقفة أو بلا أخبار حديثة",
        "{} منها متوقفة أو بلا أخبار حديثة",
    ],
    zh: "其中{}份已停止或近来没有消息",
};

/// How often something was.
pub(crate) const TIMES: Counted = Counted {
    en: ["{} time", "{} times"],
    fr: ["{} fois", "{} fois", "{} fois"],
    es: ["{} vez", "{} veces", "{} veces"],
    ru: ["{} раз", "{} раза", "{} раз"],
    ar: [
        "{} مرة",
        "مرة واحدة",
        "مرتين",
        "{} مرات",
        "{} مرة",
        "{} مرة",
    ],
    zh: "{}次",
};

pub(crate) const MINUTES: Counted = Counted {
    en: ["{} minute", "{} minutes"],
    fr: ["{} minute", "{} de minutes", "{} minutes"],
    es: ["{} minuto", "{} de minutos", "{} minutos"],
    ru: ["{} минуту", "{} минуты", "{} минут"],
    ar: [
        "أقل من دقيقة",
        "دقيقة",
        "دقيقتين",
        "{} دقائق",
        "{} دقيقة",
        "{} دقيقة",
    ],
    zh: "{}分钟",
};

pub(crate) const HOURS: Counted = Counted {
    en: ["{} hour", "{} hours"],
    fr: ["{} heure", "{} d’heures", "{} heures"],
    es: ["{} hora", "{} de horas", "{} horas"],
    ru: ["{} час", "{} часа", "{} часов"],
    ar: [
        "أقل من ساعة",
        "ساعة",
        "ساعتين",
        "{} ساعات",
        "{} ساعة",
        "{} ساعة",
    ],
    zh: "{}小时",
};

pub(crate) const DAYS: Counted = Counted {
    en: ["{} day", "{} days"],
    fr: ["{} jour", "{} de jours", "{} jours"],
    es: ["{} día", "{} de días", "{} días"],
    ru: ["{} день", "{} дня", "{} дней"],
    ar: ["أقل من يوم", "يوم", "يومين", "{} أيام", "{} يومًا", "{} يوم"],
    zh: "{}天",
};
