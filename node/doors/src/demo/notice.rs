//! What the demo's pages say of themselves before all else, that nobody should rely on them, and
//! whom they name to write to.

use toml::{Table, Value};

/// The notice in each language of the pages.
const NOTICE: [(&str, &str); 6] = [
    (
        "en",
        "A demonstration on one machine: real data of public sources, signed with keys that were made for this run. Do not cite it.",
    ),
    (
        "fr",
        "Démonstration sur une seule machine : données réelles de sources publiques, signées avec des clés créées pour cette exécution. Ne pas citer.",
    ),
    (
        "es",
        "Demostración en una sola máquina: datos reales de fuentes públicas, firmados con claves creadas para esta ejecución. No debe citarse.",
    ),
    (
        "ru",
        "Демонстрация на одном компьютере: подлинные данные из открытых источников, подписанные ключами, созданными для этого запуска. Не для цитирования.",
    ),
    (
        "ar",
        "عرض تجريبي على جهاز واحد: بيانات حقيقية من مصادر عامة، موقّعة بمفاتيح أُنشئت لهذا التشغيل وحده. لا يُستشهد به.",
    ),
    (
        "zh",
        "单机演示：数据真实，来自公开来源，但所用签名密钥仅为本次运行而生成。请勿引用。",
    ),
];

/// The setting `site.notice`.
pub(super) fn setting() -> Value {
    let texts = NOTICE.map(|(tag, text)| (tag.to_owned(), Value::from(text)));
    Value::Table(texts.into_iter().collect::<Table>())
}

/// The setting `site.contact` of a node: an address that nobody has (RFC 2606), so that pages have
/// the link that those of a real node have, and no mail reaches anybody.
pub(super) fn contact(node: &str) -> String {
    format!("{node}@example.org")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use wpsx_words::{Language, Vocabularies};

    use super::*;
    use crate::config::Config;

    #[test]
    fn the_demo_says_that_it_is_one_in_every_language_and_names_whom_to_write_to() {
        let text = Config::file_text(&[
            ("site.notice", setting()),
            ("site.contact", Value::from(contact("western-balkans"))),
        ]);
        let config = Config::parse(Path::new("wpsx.toml"), &text).unwrap();
        config.check(Path::new(".")).unwrap();
        let vocabularies = Vocabularies::shipped();
        let settings = config.site.settings(Path::new("."), &vocabularies).unwrap();
        let contact = settings.contact.as_deref();
        assert_eq!(contact, Some("western-balkans@example.org"));
        for language in Language::ALL {
            let said = settings.notice(language).unwrap();
            let at = NOTICE.iter().find(|(tag, _)| *tag == language.tag());
            assert_eq!(Some(&*said.text), at.map(|(_, text)| *text));
            assert!(!said.is_fallback, "{language}");
        }
    }
}
