//! The words around proofs, for somebody who has to rely on them.

use super::{Counted, Said};

texts! {
    SIGNED_WHEN: "When, by its publisher’s clock", "Quand, selon l’horloge de l’éditeur", "Cuándo, según el reloj de quien publica", "Когда, по часам издателя", "متى، بساعة الناشر", "时间（以发布者时钟为准）";
    ENTRY: "Entry number in the log", "Numéro de l’entrée dans le journal", "Número de la entrada en el registro", "Номер записи в журнале", "رقم القيد في السجل الزمني", "日志条目序号";
    INDEX: "In the proof: index {0}, counted from 0", "Dans la preuve : indice {0}, compté à partir de 0", "En la prueba: índice {0}, contado desde 0", "В доказательстве: индекс {0}, счёт от 0", "في الإثبات: الفهرس {0}، والعدّ يبدأ من 0", "在证明中：索引 {0}，从 0 起计";
    OWN_NODE: "Last confirmed by the node that signs for the publisher", "Confirmé en dernier par le nœud qui signe pour l’éditeur", "Confirmado por última vez por el nodo que firma por quien publica", "Последний раз подтверждено узлом, который подписывает за издателя", "آخر تأكيد من العقدة التي توقّع عن الناشر", "由代表发布者签名的节点最近一次确认";
    OWN_WORD: "This is the publisher’s own word. It says how recent the log is, and counts as no witness.",
        "C’est la parole de l’éditeur lui-même. Elle dit de quand date le journal et ne vaut pas témoignage.",
        "Es la palabra de quien publica. Dice lo reciente que es el registro y no vale como testimonio.",
        "Это слово самого издателя. Оно говорит, насколько свеж журнал, и не считается свидетельством.",
        "هذه كلمة الناشر نفسه. وهي تبيّن مدى حداثة السجل الزمني، ولا تُعدّ شهادة.",
        "这是发布者自己的说法，只说明日志有多新，不算作见证。";
    SEEN_BY: "Seen and kept by others", "Vu et conservé par d’autres", "Visto y conservado por otros", "Видели и сохранили другие", "رآه وحفظه غيره", "其他见证并保存者";
    SEEN_BY_NOBODY: "No mark of another node that this site can check stands under the newest state of the log yet.",
        "Aucune marque d’un autre nœud que ce site puisse vérifier ne figure encore sous l’état le plus récent du journal.",
        "Todavía no hay bajo el estado más reciente del registro ninguna marca de otro nodo que este sitio pueda comprobar.",
        "Под новейшим состоянием журнала пока нет отметки другого узла, которую этот сайт мог бы проверить.",
        "لا توجد بعد تحت أحدث حالة للسجل الزمني علامة من عقدة أخرى يستطيع هذا الموقع التحقق منها.",
        "日志最新状态下尚无本网站可验证的其他节点标记。";
    SEEN_UNCHECKED: "Marks whose keys this site does not know", "Marques dont ce site ne connaît pas les clés", "Marcas cuyas claves este sitio no conoce", "Отметки, ключи которых этому сайту неизвестны", "علامات لا يعرف هذا الموقع مفاتيحها", "本网站不知其密钥的标记";
    PROOF_LIMIT: "The proof shows who published these very words, and that this cannot be denied or changed later. It does not show that what they say is true.",
        "La preuve montre qui a publié ces mots précis, et que cela ne peut être ni nié ni modifié plus tard. Elle ne montre pas que ce qu’ils disent est vrai.",
        "La prueba muestra quién publicó estas mismas palabras y que después no puede negarse ni cambiarse. No muestra que lo que dicen sea cierto.",
        "Доказательство показывает, кто опубликовал именно эти слова, и что потом этого нельзя отрицать или изменить. Оно не показывает, что сказанное верно.",
        "يبيّن الإثبات من نشر هذه الكلمات بعينها، وأن ذلك لا يمكن إنكاره أو تغييره لاحقًا. ولا يبيّن أن ما تقوله صحيح.",
        "该证明表明是谁发布了这些原文，且事后无法否认或更改；但并不表明其内容属实。";
    PROOF_LIMIT_OF_HOLE: "The proof shows who published that entry, and that this cannot be denied or changed later. It does not show that what it says is true.",
        "La preuve montre qui a publié cette entrée, et que cela ne peut être ni nié ni modifié plus tard. Elle ne montre pas que ce qu’elle dit est vrai.",
        "La prueba muestra quién publicó esa entrada y que después no puede negarse ni cambiarse. No muestra que lo que dice sea cierto.",
        "Доказательство показывает, кто опубликовал эту запись журнала, и что потом этого нельзя отрицать или изменить. Оно не показывает, что сказанное в ней верно.",
        "يبيّن الإثبات من نشر ذلك القيد، وأن ذلك لا يمكن إنكاره أو تغييره لاحقًا. ولا يبيّن أن ما يقوله صحيح.",
        "该证明表明是谁发布了该条目，且事后无法否认或更改；但并不表明其内容属实。";
    CHECK_IT: "How to check it without this site", "Comment le vérifier sans ce site", "Cómo comprobarlo sin este sitio", "Как проверить без этого сайта", "كيف تتحقق من ذلك بدون هذا الموقع", "如何不依赖本网站进行核验";
    GET_PROOF: "Download the proof", "Téléchargez la preuve", "Descargue la prueba", "Скачайте доказательство", "نزّل الإثبات", "下载证明";
    GET_CARD: "Get the publisher’s card from the publisher itself, by another way than this site: it is what wpsx card prints there. Save it as {0}. The key of this log, to compare it with:",
        "Obtenez la carte de l’éditeur auprès de lui-même, par une autre voie que ce site : c’est ce que wpsx card affiche chez lui. Enregistrez-la sous {0}. La clé de ce journal, pour comparer :",
        "Pida la tarjeta a quien publica, por otra vía que este sitio: es lo que wpsx card muestra allí. Guárdela como {0}. La clave de este registro, para comparar:",
        "Получите карточку издателя у него самого, другим путём, чем через этот сайт: её печатает там wpsx card. Сохраните её как {0}. Ключ этого журнала для сравнения:",
        "احصل على بطاقة الناشر منه نفسه، بطريق غير هذا الموقع: هي ما يطبعه wpsx card عنده. احفظها باسم {0}. مفتاح هذا السجل الزمني للمقارنة:",
        "请通过本网站以外的途径直接向发布者索取其卡片，即其运行 wpsx card 所得，并存为 {0}。用于比对的日志密钥：";
    RUN_CHECK: "Run this command in the folder of both files; it asks nobody:", "Lancez cette commande dans le dossier des deux fichiers ; elle ne contacte aucun serveur :", "Ejecute esta orden en la carpeta de ambos archivos; no pregunta a nadie:", "Выполните эту команду в папке с обоими файлами; она никого не спрашивает:", "شغّل هذا الأمر في مجلد الملفين؛ وهو لا يتصل بأي خادم:", "在存放这两个文件的文件夹中运行此命令，它不向任何人查询：";
    RUN_OTHER: "Or have it checked by a program that shares nothing with this network’s: verify_proof.py, in another language and written from the public specifications alone, from the folder tests/interop of the source of wpsx. It needs Python, the proof and the key, best as the publisher gave it to you:",
        "Ou faites-le vérifier par un programme qui n’a rien de commun avec celui de ce réseau : verify_proof.py, dans un autre langage et écrit d’après les seules spécifications publiques, du dossier tests/interop du code source de wpsx. Il demande Python, la preuve et la clé, de préférence telle que l’éditeur vous l’a donnée :",
        "O haga que lo compruebe un programa que no comparte nada con el de esta red: verify_proof.py, en otro lenguaje y escrito solo a partir de las especificaciones públicas, de la carpeta tests/interop del código fuente de wpsx. Necesita Python, la prueba y la clave, mejor tal como se la dio quien publica:",
        "Или проверьте программой, у которой нет ничего общего с программой этой сети: verify_proof.py, на другом языке, написана лишь по открытым спецификациям, из папки tests/interop исходного кода wpsx. Ей нужны Python, доказательство и ключ, лучше тот, что вам дал сам издатель:",
        "أو تحقق منه ببرنامج لا يشترك مع برنامج هذه الشبكة في شيء: verify_proof.py، وهو بلغة أخرى ومكتوب من المواصفات العلنية وحدها، من المجلد tests/interop في الشفرة المصدرية لـ wpsx. يحتاج إلى Python والإثبات والمفتاح، والأفضل كما أعطاك إياه الناشر:",
        "或用与本网络程序毫无共用之处的程序核验：verify_proof.py，用另一种语言、仅依据公开规范写成，位于 wpsx 源代码的文件夹 tests/interop。它需要 Python、证明和密钥，密钥最好以发布者亲自提供的为准：";
    CHECK_STEPS: "What is checked, step by step, and which programs of others can do it", "Ce qui est vérifié, étape par étape, et quels programmes d’autrui peuvent le faire", "Qué se comprueba, paso a paso, y qué programas ajenos pueden hacerlo", "Что проверяется, шаг за шагом, и какие чужие программы это умеют", "ما الذي يُتحقق منه خطوة بخطوة، وأي برامج لغيرنا تقوم بذلك", "逐步说明核验内容及可用的他方程序";
    OTHER_TOOLS: "The file has an open format, so that tools of others can check it too:", "Le fichier a un format ouvert, que les outils d’autrui vérifient aussi :", "El archivo tiene un formato abierto, que también comprueban herramientas ajenas:", "Формат файла открытый, его проверяют и чужие программы:", "للملف صيغة مفتوحة، فتتحقق منه أدوات غيرنا أيضًا:", "该文件采用开放格式，他方工具亦可核验：";
    LOG_HEAD: "The newest signed state of the log", "L’état signé le plus récent du journal", "El estado firmado más reciente del registro", "Новейшее подписанное состояние журнала", "أحدث حالة موقّعة للسجل الزمني", "日志的最新签名状态";
    PROOF_OF_ERASURE: "Proof that the publisher erased it", "Preuve que l’éditeur l’a effacée", "Prueba de que fue borrada por quien la publicó", "Доказательство того, что издатель её удалил", "إثبات أن الناشر محاه", "发布者已删除的证明";
}

/// How many entries a log has.
pub(crate) const IN_ALL: Counted = Counted {
    en: ["of {} in all", "of {} in all"],
    fr: ["sur {} en tout", "sur {} en tout", "sur {} en tout"],
    es: ["de {} en total", "de {} en total", "de {} en total"],
    ru: ["из {}", "из {}", "из {}"],
    ar: ["من {}", "من واحد", "من اثنين", "من {}", "من {}", "من {}"],
    zh: "共 {} 条",
};
