//! The words of the page on method and of the schema's reference.

use super::Said;

texts! {
    LEAD: "Where what stands here comes from, what its words mean, and what it cannot tell.",
        "D’où vient ce qui figure ici, ce que les mots veulent dire, et ce que ces données ne disent pas.",
        "De dónde viene lo que figura aquí, qué significan sus palabras y qué no puede decir.",
        "Откуда взято то, что здесь есть, что значат слова и чего отсюда не узнать.",
        "من أين يأتي ما هنا، وماذا تعني كلماته، وما لا تبيّنه هذه البيانات.",
        "这里的内容从何而来、用语是什么意思，以及它无法说明什么。";
    SOURCES: "Where the data comes from", "D’où viennent les données", "De dónde vienen los datos", "Откуда взяты данные", "من أين تأتي البيانات", "数据从何而来";
    SOURCES_SAY: "Organisations publish records, and each signs its own with its own key. This site shows what they signed and changes nothing. Each record names what it was taken from under “{0}”, and each page of a record says who signed it when, who saw it, and how to check that without this site.",
        "Des organisations publient des fiches, et chacune signe les siennes avec sa propre clé. Ce site montre ce qu’elles ont signé et n’y change rien. Chaque fiche indique d’où elle est tirée sous « {0} », et sa page dit qui l’a signée et quand, qui l’a vue, et comment le vérifier sans ce site.",
        "Las organizaciones publican fichas y cada una firma las suyas con su propia clave. Este sitio muestra lo que firmaron y no cambia nada. Cada ficha indica de dónde se tomó en «{0}», y su página dice quién la firmó y cuándo, quién la vio y cómo comprobarlo sin este sitio.",
        "Организации публикуют записи, и каждая подписывает свои собственным ключом. Этот сайт показывает подписанное и ничего не меняет. Каждая запись называет, откуда она взята, в поле «{0}», а её страница говорит, кто и когда её подписал, кто её видел и как проверить это без этого сайта.",
        "تنشر المنظمات سجلات، وتوقّع كل منها سجلاتها بمفتاحها. يعرض هذا الموقع ما وقّعته ولا يغيّر شيئًا. يذكر كل سجل ما أُخذ منه تحت «{0}»، وتقول صفحته من وقّعه ومتى، ومن رآه، وكيف يُتحقق من ذلك من دون هذا الموقع.",
        "各组织发布记录，并用各自的密钥签名。本网站只展示其签名的内容，不作任何更改。每条记录在“{0}”下注明来源，其页面说明由谁在何时签名、谁见过它，以及如何在没有本网站的情况下加以核实。";
    HERE_PUBLISH: "What is here was published by:", "Ce qui figure ici a été publié par :", "Lo que hay aquí fue publicado por:", "Опубликовали:", "نَشر ما هنا:", "这里的内容由下列各方发布：";
    CUSTODY_SAYS: "A record may be kept by one publisher for a State or an organisation that does not publish yet. Such a record says so under “{0}”. Once its owner publishes the same, that record takes the first one’s place.",
        "Une fiche peut être gardée par un éditeur pour un État ou une organisation qui ne publie pas encore. Elle le dit sous « {0} ». Dès que son propriétaire publie la même, celle-ci prend la place de la première.",
        "Un editor puede guardar una ficha por un Estado u organización que aún no publica. La ficha lo dice en «{0}». Cuando su titular publica la misma, esta toma el lugar de la primera.",
        "Издатель может хранить запись за государство или организацию, которые ещё не публикуют сами. Об этом говорит поле «{0}». Когда владелец опубликует то же, его запись займёт её место.",
        "قد يحتفظ ناشر بسجل نيابة عن دولة أو منظمة لا تنشر بعد، ويقول السجل ذلك تحت «{0}». ومتى نشره صاحبه حلّ سجله محل الأول.",
        "发布者可以代尚未自行发布的国家或组织保存记录，此类记录在“{0}”下注明。一旦所有者自行发布，其记录即取代前者。";
    MEANING: "What the words mean", "Ce que les mots veulent dire", "Qué significan las palabras", "Что значат слова", "ماذا تعني الكلمات", "用语的含义";
    MEANS_STATED: "A source that somebody opened says so, and the record names it.",
        "Une source consultée le dit, et la fiche la nomme.",
        "Lo dice una fuente que se ha consultado, y la ficha la nombra.",
        "Так сказано в открытом кем-то источнике, и запись его называет.",
        "يقوله مصدر فُتح واطُّلع عليه، ويذكره السجل.",
        "有人查阅过的来源如此说明，记录注明了该来源。";
    MEANS_DERIVED: "Nobody says so. It was computed from other fields: a state, say, from the years of a plan and from whether a later edition is known.",
        "Personne ne le dit. Cela a été calculé à partir d’autres champs : un état, par exemple, d’après les années d’un plan et l’existence d’une édition ultérieure.",
        "Nadie lo dice. Se calculó a partir de otros campos: un estado, por ejemplo, a partir de los años de un plan y de si se conoce una edición posterior.",
        "Этого никто не говорит. Это вычислено по другим полям: например, состояние — по годам плана и по тому, известно ли более позднее издание.",
        "لا يقوله أحد، بل حُسب من حقول أخرى: كالحالة من سنوات الخطة ومن العلم بطبعة لاحقة.",
        "没有来源如此说明，而是由其他字段推算得出：例如根据计划的年份以及是否已知后续版次来推算状态。";
    MEANS_IN_FORCE: "Stated by a source; or computed: the years of the plan cover the day as of which it is said. That does not say that it has money or is carried out.",
        "Dit par une source, ou calculé : les années du plan couvrent le jour auquel l’état se rapporte. Cela ne dit pas qu’il est financé ou mis en œuvre.",
        "Lo dice una fuente, o está calculado: los años del plan abarcan el día al que corresponde el estado. Eso no dice que tenga fondos ni que se aplique.",
        "Так сказано в источнике либо вычислено: годы плана охватывают день, на который указано состояние. Это не значит, что на него есть деньги или что он исполняется.",
        "يقوله مصدر، أو هو محسوب: تشمل سنوات الخطة اليوم الذي تصحّ فيه الحالة. ولا يعني ذلك أنها ممولة أو منفذة.",
        "由来源说明，或系推算：计划的年份涵盖该状态所指的日期。这并不说明计划有经费或正在执行。";
    MEANS_IN_DEVELOPMENT: "A plan is being prepared, and none of it is known to be adopted yet.",
        "Un plan est en préparation, et rien n’indique encore son adoption.",
        "Se está preparando un plan, y todavía no consta que se haya adoptado.",
        "План готовится, и о его принятии пока ничего не известно.",
        "خطة قيد الإعداد، ولا يُعرف بعد أنها اعتُمدت.",
        "计划正在制定，尚无通过的消息。";
    MEANS_OPEN_ENDED: "The plan is adopted, and its text or a source says that no year ends it.",
        "Le plan est adopté, et son texte ou une source dit qu’aucune année n’y met fin.",
        "El plan está adoptado, y su texto o una fuente dice que ningún año le pone fin.",
        "План принят, и в его тексте или источнике сказано, что срок не ограничен.",
        "اعتُمدت الخطة، ويقول نصها أو مصدر إنها بلا سنة تنتهي فيها.",
        "计划已通过，其文本或某来源说明没有截止年份。";
    MEANS_ENDED: "The last year of the plan is over. That does not say that it is no longer used.",
        "La dernière année du plan est passée. Cela ne dit pas qu’il n’est plus appliqué.",
        "El último año del plan ha pasado. Eso no dice que ya no se use.",
        "Последний год плана прошёл. Это не значит, что им больше не пользуются.",
        "انقضت آخر سنة في الخطة، ولا يعني ذلك أنها لم تعد مستخدمة.",
        "计划的最后一年已过，但这并不说明计划不再使用。";
    MEANS_SUPERSEDED: "A later edition is known.", "Une édition ultérieure est connue.", "Se conoce una edición posterior.", "Известно более позднее издание.", "تُعرف طبعة لاحقة.", "已知有后续版次。";
    MEANS_SET_ASIDE: "A source says that the plan is not applied, for now or no longer.",
        "Une source dit que le plan n’est pas appliqué, pour l’instant ou plus du tout.",
        "Una fuente dice que el plan no se aplica, por ahora o definitivamente.",
        "В источнике сказано, что план не применяется: временно или окончательно.",
        "يقول مصدر إن الخطة لا تُطبَّق، في الوقت الحاضر أو نهائيًّا.",
        "有来源说明该计划暂不或不再实施。";
    MEANS_UNKNOWN: "Adopted, but no source that was opened gives its years.",
        "Adopté, mais aucune source consultée n’en donne les années.",
        "Adoptado, pero ninguna fuente consultada da sus años.",
        "Принят, но ни один открытый источник не называет его годов.",
        "اعتُمدت، لكن لا مصدر اطُّلع عليه يذكر سنواتها.",
        "已通过，但查阅过的来源均未注明年份。";
    OF_RECORDS: "Records", "Fiches", "Fichas", "Записи", "السجلات", "记录";
    WITHDRAWN: "Withdrawn", "Retirée", "Retirada", "Отозвана", "مسحوب", "已撤回";
    SUPERSEDED: "Superseded", "Remplacée", "Sustituida", "Заменена", "مستبدل", "已被取代";
    ERASED: "Erased", "Effacée", "Borrada", "Удалена", "ممحوّ", "已删除";
    NOT_HELD: "Not held here", "Non détenue ici", "No está aquí", "Здесь нет", "غير محفوظ هنا", "此处未保存";
    LIMITS: "What it cannot tell", "Ce que ces données ne disent pas", "Lo que no puede decir", "Чего отсюда не узнать", "ما لا تبيّنه هذه البيانات", "它无法说明什么";
    LIMIT_MISSING: "Only what somebody published is here. Where nothing is shown, nothing is known here; that does not say that there is nothing.",
        "Seul figure ici ce que quelqu’un a publié. Là où rien n’apparaît, rien n’est connu ici ; cela ne dit pas qu’il n’y a rien.",
        "Aquí solo está lo que alguien publicó. Donde no se muestra nada, nada se sabe aquí; eso no dice que no haya nada.",
        "Здесь есть лишь то, что кто-то опубликовал. Где ничего не показано, здесь ничего не известно; это не значит, что ничего нет.",
        "لا يوجد هنا إلا ما نشره أحد. وحيث لا يظهر شيء فلا شيء معروف هنا، ولا يعني ذلك أنه لا يوجد شيء.",
        "这里只有已发布的内容。没有显示，只说明此处未知，并不说明不存在。";
    LIMIT_UNTIL: "Sources stop at different dates. A state says as of when it is so.",
        "Les sources s’arrêtent à des dates différentes. Un état dit à quelle date il vaut.",
        "Las fuentes terminan en fechas distintas. Un estado dice a qué fecha corresponde.",
        "Источники обрываются на разных датах. Состояние указывает, на какую дату оно верно.",
        "تتوقف المصادر عند تواريخ مختلفة، وتبيّن كل حالة تاريخها.",
        "各来源的截止日期不同；每个状态都注明其时点。";
    LIMIT_CLAIMS: "Sources contradict each other. Claims that differ are shown side by side, and none is chosen.",
        "Les sources se contredisent. Les affirmations divergentes figurent côte à côte, et aucune n’est choisie.",
        "Las fuentes se contradicen. Las afirmaciones que difieren se muestran una al lado de otra y no se elige ninguna.",
        "Источники противоречат друг другу. Расходящиеся утверждения показаны рядом, и ни одно не выбрано.",
        "تتعارض المصادر. وتُعرض الأقوال المختلفة جنبًا إلى جنب ولا يُختار أي منها.",
        "来源之间相互矛盾。不同的说法并列显示，不作取舍。";
    LIMIT_SIGNED: "A signature proves who published a text and that nobody changed it since. It does not prove that the text is true.",
        "Une signature prouve qui a publié un texte et que personne ne l’a changé depuis. Elle ne prouve pas que le texte dit vrai.",
        "Una firma prueba quién publicó un texto y que nadie lo ha cambiado desde entonces. No prueba que sea verdad.",
        "Подпись доказывает, кто опубликовал текст и что с тех пор его никто не менял. Она не доказывает, что текст верен.",
        "يثبت التوقيع من نشر النص وأن أحدًا لم يغيّره منذئذ، ولا يثبت أن النص صحيح.",
        "签名证明文本由谁发布且此后无人改动，但不证明内容属实。";
    LIMIT_NAMES: "Names of countries and areas, and the groups they stand in, state no opinion on anybody’s legal status.",
        "Les noms de pays et de zones, et les groupes où ils figurent, n’expriment aucune opinion sur leur statut juridique.",
        "Los nombres de países y zonas, y los grupos en que figuran, no expresan opinión sobre su condición jurídica.",
        "Названия стран и районов и группы, в которых они стоят, не выражают мнения об их правовом статусе.",
        "لا تعبّر أسماء البلدان والمناطق ولا المجموعات التي ترد فيها عن أي رأي في وضعها القانوني.",
        "国家和地区的名称及其所属分组不代表对其法律地位的任何看法。";
    LIMIT_MACHINE: "Labels in this language were translated by software, and nobody has read all of them yet.",
        "Les libellés dans cette langue ont été traduits par logiciel, et personne ne les a encore tous relus.",
        "Las etiquetas en este idioma las tradujo un programa y nadie las ha revisado todas todavía.",
        "Подписи на этом языке переведены программой, и всех их ещё никто не вычитал.",
        "تُرجمت التسميات بهذه اللغة برمجيًا، ولم يراجعها أحد كلها بعد.",
        "本语言的标签由软件翻译，尚未全部经人审阅。";
    LICENCE: "What you may do with it", "Ce que vous pouvez en faire", "Qué puede hacer con ello", "Что с этим можно делать", "ما يجوز لك فعله به", "如何使用";
    LICENCE_SAYS: "Each record stands under the licence that its publisher gave it, under “{0}”. Where none is given, ask its publisher.",
        "Chaque fiche est sous la licence donnée par son éditeur, sous « {0} ». S’il n’y en a pas, demandez à l’éditeur.",
        "Cada ficha está bajo la licencia que le dio su editor, en «{0}». Si no hay ninguna, pregúntele.",
        "Каждая запись доступна по лицензии, которую дал издатель, в поле «{0}». Если её нет, спросите издателя.",
        "يخضع كل سجل للرخصة التي أعطاها ناشره تحت «{0}». فإن لم توجد فاسأل الناشر.",
        "每条记录适用其发布者在“{0}”下给出的许可。没有注明时，请向发布者询问。";
    LICENCE_CODES: "Where names and codes come from, with their licences", "D’où viennent les noms et les codes, et leurs licences", "De dónde proceden los nombres y códigos, y sus licencias", "Откуда взяты названия и коды и по каким лицензиям", "من أين تأتي الأسماء والرموز، ورخصها", "名称和代码的来源及其许可";
    WHAT: "What it is", "Ce que c’est", "Qué es", "Что это", "ما هو", "内容";
    SOURCE: "Source", "Source", "Fuente", "Источник", "المصدر", "来源";
    UNDER: "Licence", "Licence", "Licencia", "Лицензия", "الرخصة", "许可";
    CAN_SAY: "What a record can say", "Ce qu’une fiche peut dire", "Qué puede decir una ficha", "Что может содержать запись", "ما يمكن أن يقوله السجل", "记录可包含的内容";
    CAN_SAY_SAYS: "Each kind has its own page with every field, what belongs there, and the codes it takes.",
        "Chaque type a sa page avec tous ses champs, ce qui y figure et les codes admis.",
        "Cada tipo tiene su página con todos los campos, qué va en ellos y los códigos que admiten.",
        "У каждого вида есть страница со всеми полями, их содержанием и допустимыми кодами.",
        "لكل نوع صفحة فيها جميع الحقول وما يوضع فيها والرموز التي تقبلها.",
        "每种类型都有自己的页面，列出全部字段、填写内容和可用代码。";
    EVERY_RECORD: "What every record can say", "Ce que toute fiche peut dire", "Lo que toda ficha puede decir", "Что может содержать любая запись", "ما يمكن أن يقوله كل سجل", "每条记录都可包含的内容";
    FIELD: "Field", "Champ", "Campo", "Поле", "الحقل", "字段";
    BELONGS: "What belongs there", "Ce qui y figure", "Qué va ahí", "Что сюда вносится", "ما يوضع فيه", "填写内容";
    TAKES: "Takes", "Admet", "Admite", "Принимает", "يقبل", "取值";
    MUST: "required", "obligatoire", "obligatorio", "обязательно", "إلزامي", "必填";
    SEVERAL: "several", "plusieurs", "varios", "несколько", "عدة قيم", "可多个";
    A_TEXT: "text", "texte", "texto", "текст", "نص", "文本";
    A_NUMBER: "number", "nombre", "número", "число", "عدد", "数字";
    YES_OR_NO: "yes or no", "oui ou non", "sí o no", "да или нет", "نعم أو لا", "是或否";
    VOCABULARIES: "Lists of codes", "Listes de codes", "Listas de códigos", "Списки кодов", "قوائم الرموز", "代码表";
    CODE: "Code", "Code", "Código", "Код", "الرمز", "代码";
    NAME: "Name", "Nom", "Nombre", "Название", "الاسم", "名称";
    SEE_RECORDS: "See the records of this kind", "Voir les fiches de ce type", "Ver las fichas de este tipo", "Смотреть записи этого вида", "عرض سجلات هذا النوع", "查看此类记录";
}
