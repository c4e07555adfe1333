//! What was refused, in plain words: what happened, and what it means for who reads.
//!
//! The codes are those of the protocol; a newer node may send one that is not among them.

use super::Said;

texts! {
    REFUSED_HERE: "This site did not accept what {0} sent.", "Ce site n’a pas accepté ce que {0} a envoyé.", "Este sitio no aceptó lo que envió {0}.", "Этот сайт не принял то, что прислал {0}.", "لم يقبل هذا الموقع ما أرسله {0}.", "本网站没有接受{0}发送的内容。";
    REFUSED_THERE: "{0} did not accept what this site sent.", "{0} n’a pas accepté ce que ce site a envoyé.", "{0} no aceptó lo que envió este sitio.", "{0} не принял то, что прислал этот сайт.", "لم يقبل {0} ما أرسله هذا الموقع.", "{0}没有接受本网站发送的内容。";
    KEPT_HERE: "Nothing of it is shown here; what was checked before stays.",
        "Rien n’en est affiché ici ; ce qui a été vérifié avant reste.",
        "Nada de ello se muestra aquí; lo comprobado antes permanece.",
        "Ничего из этого здесь не показано; проверенное раньше остаётся.",
        "لا يُعرض منه شيء هنا؛ ويبقى ما جرى التحقق منه من قبل.",
        "其中任何内容都不在此显示；此前核实过的内容保持不变。";
    KEPT_THERE: "There, what was checked before stays, and it may be older than what is shown here.",
        "Là-bas reste ce qui a été vérifié avant, peut-être plus ancien que ce qui est affiché ici.",
        "Allí permanece lo comprobado antes, quizá más antiguo que lo que se muestra aquí.",
        "Там остаётся проверенное раньше; оно может быть старше показанного здесь.",
        "يبقى هناك ما جرى التحقق منه من قبل، وقد يكون أقدم مما يُعرض هنا.",
        "对方保留此前核实过的内容，可能比此处显示的要旧。";
}

/// What happened, by the code.
pub(crate) fn why(code: &str) -> &'static Said {
    let known = WHY.iter().find(|(known, _)| *known == code);
    known.map_or(&UNKNOWN, |(_, said)| said)
}

const UNKNOWN: Said = [
    "Why, only newer software than this site’s can say.",
    "Seul un logiciel plus récent que celui de ce site peut dire pourquoi.",
    "El motivo solo lo conoce un programa más nuevo que el de este sitio.",
    "Почему, знает лишь более новая программа, чем на этом сайте.",
    "السبب لا يعرفه إلا برنامج أحدث من برنامج هذا الموقع.",
    "原因只有比本网站更新的软件才能说明。",
];

/// Every code of the protocol.
const WHY: [(&str, Said); 14] = [
    (
        "malformed",
        [
            "It was not written as nodes write to each other, and could not be read.",
            "Ce n’était pas écrit comme les nœuds s’écrivent, et restait illisible.",
            "No estaba escrito como se escriben los nodos y no se pudo leer.",
            "Это было записано не так, как узлы пишут друг другу, и не читалось.",
            "لم يُكتب كما تكتب العُقد بعضها لبعض، فتعذرت قراءته.",
            "其写法不符合节点之间的约定，无法读取。",
        ],
    ),
    (
        "oversized",
        [
            "It was larger than nodes take from each other.",
            "C’était plus volumineux que ce que les nœuds acceptent les uns des autres.",
            "Era mayor de lo que los nodos aceptan unos de otros.",
            "Это было больше, чем узлы принимают друг от друга.",
            "كان أكبر مما تقبله العُقد بعضها من بعض.",
            "其大小超出节点之间可接受的范围。",
        ],
    ),
    (
        "wrong-origin",
        [
            "It was about the log of somebody else.",
            "Cela concernait le journal de quelqu’un d’autre.",
            "Se refería al registro de otra persona u organización.",
            "Это относилось к чужому журналу.",
            "كان عن سجل جهة أخرى.",
            "其内容属于他人的日志。",
        ],
    ),
    (
        "wrong-answer",
        [
            "It answered another question than the one that was asked.",
            "C’était la réponse à une autre question que celle posée.",
            "Respondía a otra pregunta distinta de la que se hizo.",
            "Это был ответ на другой вопрос.",
            "كان جوابًا عن سؤال غير الذي طُرح.",
            "其回答的不是所问的问题。",
        ],
    ),
    (
        "out-of-order",
        [
            "Its parts came in the wrong order.",
            "Les parties sont arrivées dans le mauvais ordre.",
            "Sus partes llegaron en un orden equivocado.",
            "Части пришли в неверном порядке.",
            "وصلت أجزاؤه بترتيب خاطئ.",
            "各部分到达的顺序有误。",
        ],
    ),
    (
        "truncated",
        [
            "It ended too early, as if it were complete.",
            "Cela s’arrêtait trop tôt, comme si c’était complet.",
            "Terminaba antes de tiempo, como si estuviera completo.",
            "Это оборвалось слишком рано, будто было полным.",
            "انتهى قبل أوانه كأنه كامل.",
            "其过早结束，却显得完整。",
        ],
    ),
    (
        "bad-signature",
        [
            "The publisher’s key had not signed it.",
            "La clé de l’éditeur ne l’avait pas signé.",
            "No lo había firmado la clave de quien publica.",
            "Это не было подписано ключом издателя.",
            "لم يوقّعه مفتاح الناشر.",
            "其未经发布者的密钥签名。",
        ],
    ),
    (
        "bad-proof",
        [
            "It did not match what the publisher had signed: something may have been changed on the way.",
            "Cela ne correspondait pas à ce que l’éditeur avait signé : quelque chose a pu être modifié en chemin.",
            "No coincidía con lo que había firmado quien publica: algo pudo cambiarse por el camino.",
            "Это не совпало с тем, что подписал издатель: по дороге могло что-то измениться.",
            "لم يطابق ما وقّعه الناشر: ربما تغيّر شيء في الطريق.",
            "其与发布者所签署的内容不符：传送途中可能有改动。",
        ],
    ),
    (
        "bad-payload",
        [
            "The content of its records was not the one that the publisher had signed.",
            "Le contenu des fiches n’était pas celui que l’éditeur avait signé.",
            "El contenido de las fichas no era el que había firmado quien publica.",
            "Содержание записей было не тем, что подписал издатель.",
            "لم يكن محتوى السجلات هو الذي وقّعه الناشر.",
            "记录内容不是发布者所签署的内容。",
        ],
    ),
    (
        "bad-identity",
        [
            "What it said of who the publisher is could not be confirmed.",
            "Ce qu’il disait de l’identité de l’éditeur n’a pu être confirmé.",
            "No se pudo confirmar lo que decía de quién publica.",
            "Сказанное о том, кто издатель, не удалось подтвердить.",
            "تعذّر تأكيد ما قاله عن هوية الناشر.",
            "其关于发布者身份的说明无法核实。",
        ],
    ),
    (
        "bad-card",
        [
            "The other node showed a card of itself that was not its own, or that could not be read.",
            "L’autre nœud a montré une carte qui n’était pas la sienne, ou qui était illisible.",
            "El otro nodo mostró una tarjeta que no era la suya o que no se podía leer.",
            "Другой узел показал не свою карточку, или её нельзя было прочесть.",
            "أظهرت العقدة الأخرى بطاقة ليست لها، أو لا تُقرأ.",
            "对方节点出示的名片不属于自己，或无法读取。",
        ],
    ),
    (
        "other-identity",
        [
            "It gave a publisher’s name other keys than the ones that are known.",
            "Il attribuait au nom d’un éditeur d’autres clés que celles connues.",
            "Daba al nombre de quien publica otras claves distintas de las conocidas.",
            "Имени издателя в нём приписаны не те ключи, что известны.",
            "نسب إلى اسم ناشر مفاتيح غير المعروفة.",
            "其给某发布者名称的密钥与已知的不同。",
        ],
    ),
    (
        "rolled-back",
        [
            "The publisher’s own node showed less than it had signed before.",
            "Le nœud de l’éditeur montrait moins que ce qu’il avait signé auparavant.",
            "El propio nodo de quien publica mostraba menos de lo que había firmado antes.",
            "Узел самого издателя показал меньше, чем подписал раньше.",
            "أظهرت عقدة الناشر نفسها أقل مما وقّعته من قبل.",
            "发布者自己的节点显示的内容少于其先前所签署的。",
        ],
    ),
    (
        "fork",
        [
            "The publisher’s key has signed two histories that cannot both be true.",
            "La clé de l’éditeur a signé deux historiques qui ne peuvent être vrais tous les deux.",
            "La clave de quien publica firmó dos historiales que no pueden ser ciertos a la vez.",
            "Ключом издателя подписаны две истории, которые не могут быть верны одновременно.",
            "وقّع مفتاح الناشر تاريخين لا يمكن أن يصحا معًا.",
            "发布者的密钥签署了两份不可能同时为真的历史。",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_protocol_is_said_in_plain_words() {
        let spec = include_str!("../../../../proto/SPEC.md");
        let table = spec.split_once("| code | what was refused |").unwrap().1;
        let table = table.split_once("\n\n").unwrap().0;
        let codes: Vec<&str> = table
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
            .collect();
        assert_eq!(codes.len(), WHY.len());
        for code in codes {
            assert!(why(code) != &UNKNOWN, "{code}");
        }
        assert_eq!(why("of-tomorrow"), &UNKNOWN);
    }
}
