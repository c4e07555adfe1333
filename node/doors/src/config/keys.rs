//! Every key of the configuration: its default, its meaning, whom it trusts and how it
//! is read. Everything else about keys is derived from this table.

use toml::Value;
use wpsx_domain::publishing::Licences;
use wpsx_observatory::{AccentError, Spoken};

use super::{
    settings::{Config, DAY, LogFormat, MAX_PAYLOAD},
    site::{access, base, mail, optional, spoken, spoken_text},
    values::{
        address, country, endpoints, kind, log_filter, node_name, seconds, url, urls, within,
    },
};

/// One key of the configuration.
pub(super) struct Key {
    pub(super) section: &'static str,
    pub(super) name: &'static str,
    /// As it would stand in the file.
    pub(super) default: &'static str,
    pub(super) help: &'static str,
    /// Who gains what power by this key; empty where nobody does.
    pub(super) trust: &'static str,
    set: Setter,
}

enum Setter {
    Text(fn(&mut Config, &str) -> Result<(), String>),
    List(fn(&mut Config, &[&str]) -> Result<(), String>),
    Number(fn(&mut Config, i64) -> Result<(), String>),
    /// A text, or one for each language.
    Spoken(fn(&mut Config, Spoken)),
}

impl Key {
    pub(super) fn set(&self, config: &mut Config, value: &Value) -> Result<(), String> {
        match (&self.set, value) {
            (Setter::Text(set), Value::String(text)) => set(config, text),
            (Setter::Text(_), _) => Err(format!("a text such as {}", self.default)),
            (Setter::Number(set), Value::Integer(number)) => set(config, *number),
            (Setter::Number(_), _) => Err(format!("a number such as {}", self.default)),
            (Setter::List(set), Value::Array(values)) => {
                let texts: Option<Vec<&str>> = values.iter().map(Value::as_str).collect();
                set(config, &texts.ok_or("a list of texts")?)
            }
            (Setter::List(_), _) => Err("a list of texts".to_owned()),
            (Setter::Spoken(set), value) => {
                set(config, spoken(value)?);
                Ok(())
            }
        }
    }

    /// The same from a variable: lists are separated by commas.
    pub(super) fn set_text(&self, config: &mut Config, text: &str) -> Result<(), String> {
        match &self.set {
            Setter::Text(set) => set(config, text),
            Setter::Number(set) => {
                let number = text
                    .parse()
                    .map_err(|_| format!("a number such as {}", self.default))?;
                set(config, number)
            }
            Setter::List(set) => {
                let texts: Vec<&str> = text
                    .split(',')
                    .map(str::trim)
                    .filter(|text| !text.is_empty())
                    .collect();
                set(config, &texts)
            }
            Setter::Spoken(set) => {
                set(config, spoken_text(text)?);
                Ok(())
            }
        }
    }
}

/// Every key, in the order of the file.
pub(super) const KEYS: &[Key] = &[
    Key {
        section: "node",
        name: "name",
        default: "\"node.example.org\"",
        help: "The node's name: lower-case labels with dots, best a DNS name of yours. It is written into\n\
               the node's keys by `wpsx init` and cannot change afterwards.",
        trust: "peers know the node by its key; the name is only what people read.",
        set: Setter::Text(|config, text| {
            config.node.name = Some(node_name(text)?);
            Ok(())
        }),
    },
    Key {
        section: "node",
        name: "listen",
        default: "\"0.0.0.0:7443\"",
        help: "Where peers and readers reach the node (gRPC over TLS). \"none\": listen on nothing; the\n\
               node then connects outward and is pulled over the same connections.",
        trust: "anyone who reaches it may read public logs; peers are known by the key on their card.",
        set: Setter::Text(|config, text| {
            config.node.listen = address(text)?;
            Ok(())
        }),
    },
    Key {
        section: "node",
        name: "http_listen",
        default: "\"0.0.0.0:7480\"",
        help: "Where the static public log is served (plain HTTP, /mirror/). \"none\": not served.",
        trust: "anyone who reaches it may read public logs; what they read is signed, so that a proxy\n\
                in between cannot change it.",
        set: Setter::Text(|config, text| {
            config.node.http_listen = address(text)?;
            Ok(())
        }),
    },
    Key {
        section: "node",
        name: "metrics_listen",
        default: "\"127.0.0.1:7490\"",
        help: "Where Prometheus reads metrics (plain HTTP, /metrics). \"none\": not served.",
        trust: "anyone who reaches it sees the names of peers and the load of this node; keep it on\n\
                loopback or behind a firewall.",
        set: Setter::Text(|config, text| {
            config.node.metrics_listen = address(text)?;
            Ok(())
        }),
    },
    Key {
        section: "node",
        name: "advertise",
        default: "[]",
        help: "The endpoints written on the node's card, such as [\"https://node.example.org:7443\"].\n\
               Empty: the address of `listen`, if it names one machine; with 0.0.0.0, peers do not\n\
               dial this node, it dials them.",
        trust: "none: whoever answers there must hold this node's TLS key.",
        set: Setter::List(|config, texts| {
            config.node.advertise = endpoints(texts)?;
            Ok(())
        }),
    },
    Key {
        section: "node",
        name: "advertise_http",
        default: "[]",
        help: "Where the static public log is reached from outside, such as [\"http://node.example.org:7480\"].",
        trust: "none: what is read there is signed.",
        set: Setter::List(|config, texts| {
            config.node.advertise_http = urls(texts, &["http", "https"])?;
            Ok(())
        }),
    },
    Key {
        section: "node",
        name: "proxy",
        default: "\"none\"",
        help: "An HTTP CONNECT proxy for outgoing connections, such as \"http://proxy.example.org:3128\".",
        trust: "the proxy learns which peers this node talks to and how much, and nothing else.",
        set: Setter::Text(|config, text| {
            config.node.proxy = match text {
                "none" | "" => None,
                text => Some(url(text, &["http"])?),
            };
            Ok(())
        }),
    },
    Key {
        section: "limits",
        name: "connections",
        default: "1024",
        help: "Open connections of peers and readers; a quarter is kept for peers. Further ones are closed\n\
               at once. The operator's socket and `metrics_listen` have places of their own.",
        trust: "",
        set: Setter::Number(|config, number| {
            config.limits.connections = within(number, 1, 1_000_000)?;
            Ok(())
        }),
    },
    Key {
        section: "limits",
        name: "connections_per_address",
        default: "64",
        help: "Open connections from one address, or of one peer. Raise it when many callers share one (a proxy).",
        trust: "",
        set: Setter::Number(|config, number| {
            config.limits.connections_per_address = within(number, 1, 1_000_000)?;
            Ok(())
        }),
    },
    Key {
        section: "limits",
        name: "streams",
        default: "64",
        help: "Open calls on one connection.",
        trust: "",
        set: Setter::Number(|config, number| {
            config.limits.streams = within(number, 4, 10_000)?;
            Ok(())
        }),
    },
    Key {
        section: "limits",
        name: "request_deadline_seconds",
        default: "30",
        help: "The longest that a call with one answer may take.",
        trust: "",
        set: Setter::Number(|config, number| {
            config.limits.request_deadline = seconds(number)?;
            Ok(())
        }),
    },
    Key {
        section: "limits",
        name: "handshake_seconds",
        default: "10",
        help: "The longest that a TLS handshake, or the first line of a request, may take.",
        trust: "",
        set: Setter::Number(|config, number| {
            config.limits.handshake = seconds(number)?;
            Ok(())
        }),
    },
    Key {
        section: "limits",
        name: "drain_seconds",
        default: "20",
        help: "How long open calls may finish after the node was told to stop.",
        trust: "",
        set: Setter::Number(|config, number| {
            config.limits.drain = seconds(number)?;
            Ok(())
        }),
    },
    Key {
        section: "limits",
        name: "disk_reserve_megabytes",
        default: "64",
        help: "Room on the disk that the running node keeps as the file `reserve` in its data directory, and\n\
               gives back for erasing and closing when the disk is full. 0: none.",
        trust: "",
        set: Setter::Number(|config, number| {
            config.limits.disk_reserve = within::<u64>(number, 0, 1_000_000)? << 20;
            Ok(())
        }),
    },
    Key {
        section: "store",
        name: "scrub_every_days",
        default: "30",
        help: "How often all stored files are read through and checked, at a quiet pace. What is damaged is\n\
               mended from what is not, and from connected peers.",
        trust: "",
        set: Setter::Number(|config, number| {
            let days: u32 = within(number, 1, 3650)?;
            config.store.scrub_every = days * DAY;
            Ok(())
        }),
    },
    Key {
        section: "publishing",
        name: "licences",
        default: "[]",
        help: "The licence of records that name none, when they are published: an SPDX identifier or the\n\
               address of a licence, such as [\"CC-BY-4.0\"]. With several publishers, those that differ:\n\
               [\"CC-BY-4.0\", \"ke.example.org=CC0-1.0\"]. Empty: such records say nothing of a licence, and\n\
               nobody knows what they may do with them.",
        trust: "",
        set: Setter::List(|config, texts| {
            config.publishing.licences = Licences::parse(texts)
                .map_err(|reason| format!("one licence for each publisher ({reason})"))?;
            Ok(())
        }),
    },
    Key {
        section: "replication",
        name: "kinds",
        default: "[]",
        help: "Fetch only payloads of these kinds, such as [\"national-action-plan\"]; empty: all. A peer's\n\
               own setting (wpsx peer add --kind) comes on top. Entries and proofs are always fetched.",
        trust: "none: the kind stands in the signed entry.",
        set: Setter::List(|config, texts| {
            config.replication.kinds = texts
                .iter()
                .map(|text| kind(text))
                .collect::<Result<_, _>>()?;
            Ok(())
        }),
    },
    Key {
        section: "replication",
        name: "countries",
        default: "[]",
        help: "Fetch only payloads that name one of these countries (ISO 3166-1 alpha-3); empty: all.",
        trust: "the sending peer reads the countries from the payload; what it leaves out shows as a\n\
                hole with the reason \"filtered\", which a fetch without this setting checks.",
        set: Setter::List(|config, texts| {
            config.replication.countries = texts
                .iter()
                .map(|text| country(text))
                .collect::<Result<_, _>>()?;
            Ok(())
        }),
    },
    Key {
        section: "replication",
        name: "max_payload",
        default: "262144",
        help: "The largest payload that is fetched, in bytes; at most 262144, which is also the protocol's limit.",
        trust: "none: the length stands in the signed entry.",
        set: Setter::Number(|config, number| {
            config.replication.max_payload = within(number, 0, i64::from(MAX_PAYLOAD))?;
            Ok(())
        }),
    },
    Key {
        section: "site",
        name: "title",
        default: "\"\"",
        help: "The name of the site: a text, or one for each language, such as\n\
               { en = \"The Network\", fr = \"Le Réseau\" }. A language that is missing shows the English\n\
               one. Empty: what every such site is called.",
        trust: "",
        set: Setter::Spoken(|config, texts| config.site.title = texts),
    },
    Key {
        section: "site",
        name: "about",
        default: "\"\"",
        help: "What the site is, in a sentence or two, as `title`. Empty: what every such site is.",
        trust: "",
        set: Setter::Spoken(|config, texts| config.site.about = texts),
    },
    Key {
        section: "site",
        name: "notice",
        default: "\"\"",
        help: "What every reader has to know before all else, as `title`: that this is a trial, say, or a\n\
               copy. It stands at the top of every page, in files and in what is cited. Empty: none.",
        trust: "",
        set: Setter::Spoken(|config, texts| config.site.notice = texts),
    },
    Key {
        section: "site",
        name: "accent",
        default: "\"\"",
        help: "The colour of links, such as \"#0b5563\"; its contrast with the ground must be 4.5:1 or more.\n\
               By night it is lightened until it can be read. Empty: that of the stylesheet.",
        trust: "",
        set: Setter::Text(|config, text| {
            config.site.accent = optional(text, |text| {
                text.parse().map_err(|error: AccentError| error.to_string())
            })?;
            Ok(())
        }),
    },
    Key {
        section: "site",
        name: "logo",
        default: "\"\"",
        help: "The file of a picture beside the name, PNG or SVG, at most 200 KB: a path from the data\n\
               directory, such as \"logo.svg\". It is read when the node starts. Empty: none.",
        trust: "",
        set: Setter::Text(|config, text| {
            config.site.logo = optional(text, |text| Ok(text.into()))?;
            Ok(())
        }),
    },
    Key {
        section: "site",
        name: "contact",
        default: "\"\"",
        help: "The mail address that readers write to, such as \"wps@example.org\": it stands on every page.",
        trust: "",
        set: Setter::Text(|config, text| {
            config.site.contact = optional(text, mail)?;
            Ok(())
        }),
    },
    Key {
        section: "site",
        name: "base",
        default: "\"\"",
        help: "Where the site is reached from outside, such as \"https://wps.example.org\": for feeds, for\n\
               citing, and for what search engines are told. Empty: such links are short ones.",
        trust: "",
        set: Setter::Text(|config, text| {
            config.site.base = optional(text, base)?;
            Ok(())
        }),
    },
    Key {
        section: "site",
        name: "scope",
        default: "\"\"",
        help: "Whose countries the pages show where nobody asks for others: a region (UN M49) or an\n\
               organisation, by code or name, such as \"AU\" or \"002\". Each page says so, with a link to\n\
               all. Empty: all.",
        trust: "",
        set: Setter::Text(|config, text| {
            config.site.scope = optional(text, |text| Ok(text.to_owned()))?;
            Ok(())
        }),
    },
    Key {
        section: "site",
        name: "trusted_proxies",
        default: "[]",
        help: "The addresses of the proxies before `http_listen`, such as [\"127.0.0.1\", \"10.1.0.0/16\"].\n\
               What they say of a reader's address counts for limits; nobody else's word does.",
        trust: "who comes from there can take any reader's share of this node; name machines of yours alone.",
        set: Setter::List(|config, texts| {
            config.site.proxies.trust(texts)?;
            Ok(())
        }),
    },
    Key {
        section: "site",
        name: "proxy_header",
        default: "\"X-Forwarded-For\"",
        help: "The header in which they say it, \"X-Forwarded-For\" or \"Forwarded\" (RFC 7239): the one that\n\
               they set themselves or add to. The other is not read, since it may be a stranger's.",
        trust: "",
        set: Setter::Text(|config, text| {
            config.site.proxies.read(text)?;
            Ok(())
        }),
    },
    Key {
        section: "log",
        name: "level",
        default: "\"info\"",
        help: "What is logged: error, warn, info, debug or trace, also by module (\"info,wpsx_federation=debug\").",
        trust: "whoever reads the log sees names of peers and origins; keys and records are never logged.",
        set: Setter::Text(|config, text| {
            config.log.level = log_filter(text)?;
            Ok(())
        }),
    },
    Key {
        section: "log",
        name: "format",
        default: "\"text\"",
        help: "\"text\" for people or \"json\", one object a line; both go to standard error.",
        trust: "",
        set: Setter::Text(|config, text| {
            config.log.format = match text {
                "text" => LogFormat::Text,
                "json" => LogFormat::Json,
                _ => return Err("\"text\" or \"json\"".to_owned()),
            };
            Ok(())
        }),
    },
    Key {
        section: "log",
        name: "access",
        default: "[\"requests\"]",
        help: "What is logged of requests for pages and files: \"requests\", a line for each with its path,\n\
               status and time; \"addresses\", also from where; \"questions\", also what stood behind the\n\
               question mark. Empty: nothing.",
        trust: "addresses and questions are about people: whoever reads the log learns who read what.",
        set: Setter::List(|config, texts| {
            config.log.access = access(texts)?;
            Ok(())
        }),
    },
];
