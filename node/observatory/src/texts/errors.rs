//! The words of pages that say why there is no page.

use super::Said;

texts! {
    NOT_FOUND: "There is no such page here", "Cette page n’existe pas ici", "Aquí no existe esta página", "Такой страницы здесь нет", "لا توجد صفحة كهذه هنا", "此处没有这个页面";
    NOT_FOUND_WHY: "The address may be mistyped, or what stood here is no longer public.",
        "L’adresse est peut-être mal saisie, ou ce qui se trouvait ici n’est plus public.",
        "Puede que la dirección esté mal escrita, o que lo que había aquí ya no sea público.",
        "Возможно, в адресе ошибка или то, что здесь было, больше не открыто.",
        "ربما كُتب العنوان خطأ، أو لم يعد ما كان هنا متاحًا للعموم.",
        "地址可能有误，或原有内容已不再公开。";
    MEANT: "Perhaps you were looking for", "Vous cherchiez peut-être", "Quizá buscaba", "Возможно, вы искали", "لعلك كنت تبحث عن", "您要找的可能是";
    KNOWN: "Known here are, among others", "Sont connus ici, entre autres", "Aquí se conocen, entre otros", "Здесь известны, среди прочего", "من المعروف هنا", "此处已知的包括";
    UNCLEAR: "This address asks for something that cannot be answered", "Il n’est pas possible de répondre à ce que demande cette adresse", "Esta dirección pide algo que no se puede responder", "По этому адресу спрашивается то, на что нельзя ответить", "يطلب هذا العنوان ما لا يمكن الإجابة عنه", "此地址所求无法回答";
    UNCLEAR_WHY: "A part of it may have been cut off or changed, or belongs to an answer that has changed since. Start again from the list.",
        "Une partie a peut-être été coupée ou modifiée, ou appartient à une réponse qui a changé depuis. Repartez de la liste.",
        "Puede que se haya cortado o cambiado una parte, o que sea de una respuesta que ha cambiado desde entonces. Empiece de nuevo desde la lista.",
        "Возможно, часть его обрезана или изменена либо относится к ответу, который с тех пор изменился. Начните снова со списка.",
        "ربما قُطع جزء منه أو غُيّر، أو كان يخص إجابة تغيرت منذ ذلك الحين. ابدأ من القائمة من جديد.",
        "其中一部分可能被截断或更改，或属于此后已变化的结果。请从列表重新开始。";
    BROKEN: "This page cannot be shown at the moment", "Cette page ne peut pas être affichée pour le moment", "Esta página no se puede mostrar en este momento", "Эту страницу сейчас нельзя показать", "لا يمكن عرض هذه الصفحة الآن", "目前无法显示此页面";
    BROKEN_WHY: "Something failed here, not on your side. Please try again in a minute.",
        "Quelque chose a échoué ici, pas chez vous. Réessayez dans une minute.",
        "Algo falló aquí, no en su equipo. Inténtelo de nuevo en un minuto.",
        "Что-то не сработало здесь, не у вас. Попробуйте через минуту.",
        "تعطل شيء هنا، لا عندك. حاول مرة أخرى بعد دقيقة.",
        "故障出在本站，与您无关。请一分钟后再试。";
    TOO_MANY: "Too many requests at once", "Trop de requêtes à la fois", "Demasiadas solicitudes a la vez", "Слишком много запросов одновременно", "طلبات كثيرة في وقت واحد", "同时请求过多";
    TOO_MANY_WHY: "From your address more is being asked for at once than one reader may ask. Wait for some answers, then go on; whole lists are there as files.",
        "Votre adresse demande plus à la fois qu’il n’est permis à un lecteur. Attendez quelques réponses, puis continuez ; les listes entières existent en fichiers.",
        "Desde su dirección se pide a la vez más de lo que puede pedir un lector. Espere algunas respuestas y siga después; las listas enteras están como archivos.",
        "С вашего адреса одновременно запрашивается больше, чем может один читатель. Дождитесь ответов и продолжайте; целые списки есть в виде файлов.",
        "يُطلب من عنوانك في وقت واحد أكثر مما يحق لقارئ واحد. انتظر بعض الإجابات ثم تابع؛ والقوائم الكاملة متاحة في ملفات.",
        "来自您的地址的同时请求超过单个读者的上限。请等待部分回复后再继续；完整列表可作为文件下载。";
    BUSY: "This site is busy", "Ce site est très sollicité", "Este sitio está ocupado", "Сайт сейчас перегружен", "هذا الموقع مشغول", "本网站繁忙";
    BUSY_WHY: "More people are asking than it can answer at once. Please try again in a few seconds.",
        "Trop de personnes l’interrogent en même temps. Réessayez dans quelques secondes.",
        "Preguntan más personas de las que puede atender a la vez. Inténtelo de nuevo en unos segundos.",
        "Обращается больше людей, чем он может обслужить сразу. Попробуйте через несколько секунд.",
        "عدد السائلين أكبر مما يستطيع الإجابة عنه في وقت واحد. حاول مرة أخرى بعد ثوانٍ.",
        "访问人数超过其同时处理能力。请几秒后再试。";
    STARTING: "This site is starting", "Ce site démarre", "Este sitio se está iniciando", "Сайт запускается", "هذا الموقع قيد البدء", "本网站正在启动";
    STARTING_WHY: "It reads what it holds and will be here in a moment.",
        "Il lit ce qu’il détient et sera là dans un instant.",
        "Está leyendo lo que guarda y estará listo en un momento.",
        "Он читает то, что хранит, и скоро будет готов.",
        "يقرأ ما يحتفظ به وسيكون جاهزًا بعد لحظات.",
        "正在读取数据，很快就绪。";
    ASK_AGAIN: "Ask again", "Réessayer", "Volver a intentarlo", "Попробовать ещё раз", "إعادة المحاولة", "重试";
    ONLY_READ: "Here one can only read", "Ici, on ne peut que lire", "Aquí solo se puede leer", "Здесь можно только читать", "هنا القراءة فقط", "此处只能阅读";
    ONLY_READ_WHY: "This address takes no data. Whoever publishes does so on a node of its own.",
        "Cette adresse ne reçoit pas de données. Chaque éditeur publie depuis son propre nœud.",
        "Esta dirección no recibe datos. Quien publica lo hace en su propio nodo.",
        "По этому адресу данные не принимаются. Публикуют на собственном узле.",
        "لا يستقبل هذا العنوان بيانات. ومن ينشر ينشر على عقدته.",
        "此地址不接收数据。发布者在自己的节点上发布。";
    TOO_LONG: "This address is too long", "Cette adresse est trop longue", "Esta dirección es demasiado larga", "Этот адрес слишком длинный", "هذا العنوان أطول من اللازم", "此地址过长";
    TOO_LONG_WHY: "Remove some choices or words; a question of this length would be cut off and mean something else.",
        "Retirez des choix ou des mots ; une question de cette longueur serait coupée et dirait autre chose.",
        "Quite opciones o palabras; una pregunta tan larga se cortaría y significaría otra cosa.",
        "Уберите часть условий или слов: вопрос такой длины был бы обрезан и значил бы другое.",
        "احذف بعض الخيارات أو الكلمات؛ فسؤال بهذا الطول يُقطع ويعني شيئًا آخر.",
        "请减少条件或词语；过长的问题会被截断而改变含义。";
}
