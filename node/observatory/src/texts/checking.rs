//! The words that explain how a proof is checked without this site, for somebody who never saw
//! one.

use super::Said;

texts! {
    TITLE: "How to check a proof without this site", "Comment vérifier une preuve sans ce site", "Cómo comprobar una prueba sin este sitio", "Как проверить доказательство без этого сайта", "كيف تتحقق من إثبات بدون هذا الموقع", "如何不依赖本网站核验证明";
    LEAD: "The page of each record offers its proof as a file. Whoever has the file can find out who published these very words, at any time, on any computer, with a program of their own choice, and need trust neither this site nor whoever handed the file on.",
        "La page de chaque fiche propose sa preuve sous forme de fichier. Quiconque a ce fichier peut établir qui a publié ces mots précis, à tout moment, sur n’importe quel ordinateur, avec un programme de son choix, sans avoir à se fier ni à ce site ni à la personne qui a transmis le fichier.",
        "La página de cada ficha ofrece su prueba como archivo. Quien lo tiene puede averiguar quién publicó estas mismas palabras, en cualquier momento, en cualquier ordenador y con un programa de su elección, sin tener que fiarse de este sitio ni de quien le entregó el archivo.",
        "На странице каждой записи есть её доказательство в виде файла. Имея этот файл, любой может установить, кто опубликовал именно эти слова: в любое время, на любом компьютере, программой по своему выбору, не доверяя ни этому сайту, ни тому, кто передал файл.",
        "تتيح صفحة كل سجل إثباته في ملف. ومن لديه الملف يستطيع أن يعرف من نشر هذه الكلمات بعينها، في أي وقت وعلى أي حاسوب وببرنامج يختاره، من دون أن يثق بهذا الموقع ولا بمن سلّمه الملف.",
        "每条记录的页面都以文件形式提供其证明。任何人持有该文件，都可随时在任何计算机上用自选的程序查明是谁发布了这些原文，而无需信任本网站或转交文件的人。";
    FINGERPRINT: "A fingerprint, here, is a number that a public rule (SHA-256) computes from a text. Nobody knows how to make another text with the same fingerprint.",
        "Une empreinte est ici un nombre qu’une règle publique (SHA-256) calcule à partir d’un texte. Personne ne sait fabriquer un autre texte qui ait la même empreinte.",
        "Una huella es aquí un número que una regla pública (SHA-256) calcula a partir de un texto. Nadie sabe hacer otro texto con la misma huella.",
        "Отпечаток здесь — это число, которое по общеизвестному правилу (SHA-256) вычисляется из текста. Никто не умеет составить другой текст с тем же отпечатком.",
        "البصمة هنا رقم تحسبه قاعدة علنية (SHA-256) من نص. ولا يعرف أحد كيف يصنع نصًا آخر له البصمة نفسها.",
        "这里的“指纹”是按公开规则（SHA-256）由文本计算出的数字。无人知道如何制作另一份具有相同指纹的文本。";
    STEP_TAKE: "Take two things: the proof, from the page of the record; and the publisher’s key, from the publisher itself, by another way than this site: a letter, a meeting, a telephone call. The key is the only thing that has to be trusted.",
        "Prenez deux choses : la preuve, sur la page de la fiche, et la clé de l’éditeur, auprès de l’éditeur lui-même, par une autre voie que ce site : une lettre, une rencontre, un appel. La clé est la seule chose à laquelle il faut se fier.",
        "Reúna dos cosas: la prueba, de la página de la ficha, y la clave de quien publica, pedida directamente por otra vía que este sitio: una carta, una reunión, una llamada. La clave es lo único en lo que hay que confiar.",
        "Возьмите две вещи: доказательство — со страницы записи, и ключ издателя — у него самого, другим путём, чем через этот сайт: письмом, на встрече, по телефону. Ключ — единственное, чему нужно доверять.",
        "خذ شيئين: الإثبات من صفحة السجل، ومفتاح الناشر من الناشر نفسه بطريق غير هذا الموقع: رسالة أو لقاء أو مكالمة. والمفتاح هو الشيء الوحيد الذي يلزم الوثوق به.",
        "准备两样东西：从记录页面取得的证明，以及通过本网站以外的途径（信函、会面或电话）直接从发布者处取得的密钥。密钥是唯一需要信任的东西。";
    STEP_SIGNATURE: "Check the signature. The file ends with a statement of the publisher: the name of its log, how many entries the log has, and one fingerprint of them all. The signature beneath it fits the key only if the publisher signed this statement and nobody has changed a letter of it since.",
        "Vérifiez la signature. Le fichier se termine par une déclaration de l’éditeur : le nom de son journal, le nombre d’entrées du journal et une seule empreinte pour toutes. La signature placée dessous ne correspond à la clé que si l’éditeur a signé cette déclaration et que personne n’en a changé une lettre depuis.",
        "Compruebe la firma. El archivo termina con una declaración de quien publica: el nombre de su registro, cuántas entradas tiene y una sola huella de todas ellas. La firma que está debajo solo corresponde a la clave si se firmó esta declaración y nadie ha cambiado una letra desde entonces.",
        "Проверьте подпись. Файл кончается заявлением издателя: название его журнала, число записей в нём и один отпечаток их всех. Подпись под ним подходит к ключу, только если издатель подписал это заявление и с тех пор никто не изменил в нём ни буквы.",
        "تحقق من التوقيع. ينتهي الملف ببيان من الناشر: اسم سجله الزمني، وعدد قيوده، وبصمة واحدة لها كلها. ولا يطابق التوقيع الذي تحته المفتاح إلا إذا وقّع الناشر هذا البيان ولم يغيّر أحد منه حرفًا منذئذ.",
        "核验签名。文件末尾是发布者的声明：其日志的名称、日志的条目数，以及全部条目的一个总指纹。只有发布者签署了这份声明且此后一字未改，其下的签名才与密钥相符。";
    STEP_ENTRY: "Check that the entry is in the log. The entry stands in the file, with its place in the log, counted from 0. Its fingerprint, put together with the fingerprints that the file lists, gives the one that was signed. It would not if one letter of the entry were different, or if the entry stood in another place.",
        "Vérifiez que l’entrée est dans le journal. L’entrée figure dans le fichier, avec sa place dans le journal, comptée à partir de 0. Son empreinte, combinée aux empreintes que donne le fichier, produit celle qui a été signée. Ce ne serait pas le cas si une seule lettre de l’entrée était différente ou si l’entrée occupait une autre place.",
        "Compruebe que la entrada está en el registro. La entrada figura en el archivo, con su lugar en el registro, contado desde 0. Su huella, combinada con las que enumera el archivo, da la que se firmó. No la daría si una sola letra de la entrada fuera distinta o si ocupara otro lugar.",
        "Проверьте, что запись есть в журнале. Запись журнала находится в файле вместе со своим местом в журнале, считая от 0. Её отпечаток, соединённый с отпечатками из файла, даёт подписанный. Этого не было бы, если бы хоть одна буква в ней была другой или если бы она стояла на другом месте.",
        "تحقق من أن القيد في السجل الزمني. القيد موجود في الملف مع موضعه في السجل الزمني معدودًا من 0. وبصمته، إذا جُمعت مع البصمات المذكورة في الملف، تعطي البصمة الموقّعة. ولا يكون ذلك لو اختلف حرف واحد من القيد أو كان في موضع آخر.",
        "核验条目确在日志中。文件中载有该条目及其在日志中的位置（从 0 起计）。条目的指纹与文件所列各指纹合算，得出所签署的总指纹。只要条目有一字之差，或位于别处，结果便不相符。";
    STEP_WORDS: "Check the words. The entry holds a fingerprint of the record, and the record itself stands in the file behind the entry. A record that somebody changed has another fingerprint.",
        "Vérifiez les mots. L’entrée contient une empreinte de la fiche, et la fiche elle-même suit l’entrée dans le fichier. Une fiche que quelqu’un aurait modifiée a une autre empreinte.",
        "Compruebe las palabras. La entrada contiene una huella de la ficha, y la ficha misma está en el archivo detrás de la entrada. Una ficha que alguien haya cambiado tiene otra huella.",
        "Проверьте слова. Запись журнала содержит отпечаток опубликованного текста, а сам текст стоит в файле за ней. У текста, который кто-то изменил, другой отпечаток.",
        "تحقق من الكلمات. يحمل القيد بصمة للسجل، والسجل نفسه موجود في الملف بعد القيد. والسجل الذي غيّره أحد له بصمة أخرى.",
        "核验原文。条目中含有记录的指纹，记录本身则位于文件中该条目之后。任何经人改动的记录都会有不同的指纹。";
    STEP_WITNESSES: "See who else saw it. Beneath the publisher’s signature others may have signed the same statement. Each of them is checked with its own key, which it gives you itself. The more independent of the publisher they are, the less could the publisher have shown one log to you and another to others.",
        "Voyez qui d’autre l’a vu. Sous la signature de l’éditeur, d’autres ont pu signer la même déclaration. Chacun se vérifie avec sa propre clé, qu’il vous donne lui-même. Plus ils sont indépendants de l’éditeur, moins celui-ci a pu vous montrer un journal et en montrer un autre à d’autres.",
        "Vea quién más lo vio. Bajo la firma de quien publica pueden haber firmado otros la misma declaración. Cada uno se comprueba con su propia clave, que le da él mismo. Cuanto más independientes sean, menos posible es que le hayan mostrado a usted un registro y a los demás otro.",
        "Посмотрите, кто ещё это видел. Под подписью издателя то же заявление могли подписать другие. Каждый проверяется по собственному ключу, который он даёт вам сам. Чем они независимее от издателя, тем труднее ему было показать вам один журнал, а другим другой.",
        "انظر من رآه غيره. قد يكون آخرون وقّعوا البيان نفسه تحت توقيع الناشر. ويُتحقق من كل منهم بمفتاحه الذي يعطيك إياه بنفسه. وكلما كانوا أكثر استقلالًا عن الناشر، قلّ احتمال أن يكون قد أراك سجلًا زمنيًا وأرى غيرك سجلًا آخر.",
        "看看还有谁见证。在发布者签名之下，其他各方可能也签署了同一声明。每一方都用其自行提供的密钥核验。他们越独立于发布者，发布者就越不可能向您出示一份日志而向他人出示另一份。";
    PROGRAMS: "Programs that do this", "Des programmes qui le font", "Programas que lo hacen", "Программы, которые это делают", "برامج تقوم بذلك", "可用的程序";
    OWN_PROGRAM: "The program of this network, on any computer and without a connection:",
        "Le programme de ce réseau, sur n’importe quel ordinateur et sans connexion :",
        "El programa de esta red, en cualquier ordenador y sin conexión:",
        "Программа этой сети, на любом компьютере и без соединения:",
        "برنامج هذه الشبكة، على أي حاسوب وبدون اتصال:",
        "本网络的程序，可在任何计算机上离线运行：";
    OTHER_PROGRAM: "A second program in another language, Python, which shares nothing with the first and was written from the public specifications alone. It comes with the source of wpsx, in the folder tests/interop, and needs nothing but Python:",
        "Un second programme dans un autre langage, Python, qui ne partage rien avec le premier et a été écrit d’après les seules spécifications publiques. Il accompagne le code source de wpsx, dans le dossier tests/interop, et ne demande que Python :",
        "Un segundo programa en otro lenguaje, Python, que no comparte nada con el primero y se escribió solo a partir de las especificaciones públicas. Viene con el código fuente de wpsx, en la carpeta tests/interop, y solo necesita Python:",
        "Вторая программа, на другом языке — Python; у неё нет ничего общего с первой, она написана лишь по открытым спецификациям. Она входит в исходный код wpsx, папка tests/interop, и ей нужен только Python:",
        "برنامج ثانٍ بلغة أخرى هي Python، لا يشترك مع الأول في شيء، وكُتب من المواصفات العلنية وحدها. يأتي مع الشفرة المصدرية لـ wpsx في المجلد tests/interop، ولا يحتاج إلا إلى Python:",
        "另一种语言（Python）编写的第二个程序，与前者毫无共用之处，仅依据公开规范写成。它随 wpsx 源代码提供，位于文件夹 tests/interop，只需 Python：";
    WHOLE_LOG: "The program beside it checks a whole log, at the address of a node:",
        "Le programme voisin vérifie un journal entier, à l’adresse d’un nœud :",
        "El programa que está al lado comprueba un registro entero, en la dirección de un nodo:",
        "Программа рядом с ней проверяет весь журнал по адресу узла:",
        "والبرنامج الذي بجانبه يتحقق من سجل زمني كامل، على عنوان عقدة:",
        "旁边的程序可在节点地址上核验整个日志：";
    LIBRARIES: "Libraries of others, for a program of one’s own. What they ask for as the record is the entry: the file has it behind the word “extra”, after two bytes that say how long it is.",
        "Des bibliothèques d’autrui, pour écrire son propre programme. Ce qu’elles demandent comme enregistrement, c’est l’entrée : le fichier la donne après le mot « extra », derrière deux octets qui en disent la longueur.",
        "Bibliotecas ajenas, para un programa propio. Lo que piden como registro es la entrada: el archivo la tiene tras la palabra «extra», después de dos bytes que dicen su longitud.",
        "Чужие библиотеки, для собственной программы. То, что они называют записью, — это запись журнала: в файле она стоит за словом «extra», после двух байтов с её длиной.",
        "مكتبات لآخرين، لمن يكتب برنامجه. وما تطلبه سجلًا هو القيد: يرد في الملف بعد كلمة «extra»، بعد بايتين يبيّنان طوله.",
        "他方的程序库，可用于自编程序。它们所要的“记录”即日志条目：位于文件中 “extra” 一词之后，前有两个字节说明其长度。";
    FORMATS: "What the formats are", "Quels sont les formats", "Cuáles son los formatos", "Какие это форматы", "ما هي الصيغ", "所用格式";
    FORMATS_SAY: "All of them are public, and none is this project’s own; what stands behind “extra” is told by section 4.5 of proto/SPEC.md in the source of wpsx.",
        "Tous sont publics, et aucun n’est propre à ce projet ; ce qui suit « extra » est décrit à la section 4.5 de proto/SPEC.md, dans le code source de wpsx.",
        "Todos son públicos y ninguno es propio de este proyecto; lo que sigue a «extra» lo explica la sección 4.5 de proto/SPEC.md, en el código fuente de wpsx.",
        "Все они открыты, и ни один не придуман этим проектом; что стоит за «extra», сказано в разделе 4.5 файла proto/SPEC.md в исходном коде wpsx.",
        "كلها علنية، وليس أي منها خاصًا بهذا المشروع؛ أما ما يرد بعد «extra» فيشرحه القسم 4.5 من proto/SPEC.md في الشفرة المصدرية لـ wpsx.",
        "这些格式均为公开格式，无一是本项目自创；“extra” 之后的内容见 wpsx 源代码中 proto/SPEC.md 第 4.5 节。";
    OF_THE_FILE: "the file of a proof", "le fichier d’une preuve", "el archivo de una prueba", "файл доказательства", "ملف الإثبات", "证明文件";
    OF_THE_STATEMENT: "the publisher’s statement", "la déclaration de l’éditeur", "la declaración de quien publica", "заявление издателя", "بيان الناشر", "发布者的声明";
    OF_THE_SIGNATURE: "the signature beneath it", "la signature placée dessous", "la firma que está debajo", "подпись под ним", "التوقيع الذي تحته", "其下的签名";
    OF_OTHERS: "the signatures of others", "les signatures d’autrui", "las firmas de otros", "подписи других", "تواقيع الآخرين", "其他各方的签名";
    OF_FINGERPRINTS: "how fingerprints are put together", "comment les empreintes se combinent", "cómo se combinan las huellas", "как соединяются отпечатки", "كيف تُجمع البصمات", "指纹如何合算";
    OF_LOGS: "a whole log", "un journal entier", "un registro entero", "весь журнал", "السجل الزمني كاملًا", "整个日志";
}
