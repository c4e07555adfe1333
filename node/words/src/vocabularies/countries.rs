//! Countries and areas: codes that changed, user-assigned ones, and who belongs to what.

use std::collections::HashMap;

use wpsx_proto::record::{CountryCode, Date};

use super::{
    all::Vocabularies,
    memberships::{self, Members},
    vocabulary::{Found, How, Vocabulary},
};

/// What is asked about countries, over one set of vocabularies.
#[derive(Clone, Copy, Debug)]
pub struct Countries<'a> {
    all: &'a Vocabularies,
}

impl Vocabularies {
    /// What is asked about countries.
    #[must_use]
    pub fn countries(&self) -> Countries<'_> {
        Countries { all: self }
    }
}

/// No organisation and no region has that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    /// Neither an organisation nor a region.
    #[error(
        "{0:?} is no organisation or region that is known here; write a code such as EU, AU or 002, or a name"
    )]
    Unknown(String),
    /// It fits several.
    #[error("{text:?} can be {candidates}; write the code")]
    Ambiguous {
        /// What was asked.
        text: String,
        /// Codes with names.
        candidates: String,
    },
    /// The date is none.
    #[error("{0:?}: a date is written 2018, 2018-09 or 2018-09-11")]
    Date(String),
}

impl<'a> Countries<'a> {
    fn table(self) -> &'a Vocabulary {
        self.all.get_or_empty("countries")
    }

    /// What a text means: a code in any case (also of two letters, or of M49), a name or a
    /// short form in any language, or a code of the past.
    #[must_use]
    pub fn find(self, text: &str) -> Found<'a> {
        self.table().find(text)
    }

    /// Today's code for a code, where it changed; user-assigned and unknown codes as they are.
    #[must_use]
    pub fn today<'b>(self, code: &'b str) -> &'b str
    where
        'a: 'b,
    {
        let table = self.table();
        table
            .term(code)
            .map_or(code, |term| table.today(term).code.as_str())
    }

    /// The code is legal, but ISO 3166-1 leaves it to its users: XKX.
    #[must_use]
    pub fn is_user_assigned(self, code: &str) -> bool {
        code.parse::<CountryCode>()
            .is_ok_and(|code| code.is_user_assigned())
    }

    /// The members of an organisation at a date, or the countries of an M49 region.
    /// Without a date: those of today, as far as is known.
    ///
    /// # Errors
    ///
    /// No group, or several, have that code or name; the date is none.
    pub fn members(self, group: &str, at: Option<&str>) -> Result<Members, GroupError> {
        if let Some(at) = at
            && at.parse::<Date>().is_err()
        {
            return Err(GroupError::Date(at.chars().take(60).collect()));
        }
        let organisations = self.all.get_or_empty("groups");
        let regions = self.all.get_or_empty("m49");
        let organisation = organisations.find(group);
        let region = regions.find(group);
        match (organisation, region) {
            (Found::One { term, how }, region) if how == How::Code || region == Found::Nothing => {
                Ok(memberships::members(self.all.memberships(), &term.code, at))
            }
            (Found::Nothing, Found::One { term, .. }) => Ok(self.region(&term.code)),
            (Found::Nothing, Found::Nothing) => {
                Err(GroupError::Unknown(group.chars().take(60).collect()))
            }
            (one, other) => Err(GroupError::Ambiguous {
                text: group.chars().take(60).collect(),
                candidates: candidates(&[one, other]),
            }),
        }
    }

    /// Every country and area within a region of M49.
    fn region(self, region: &str) -> Members {
        let within = self.all.within(|| self.by_region()).get(region).cloned();
        Members {
            group: region.to_owned(),
            countries: within.unwrap_or_default(),
            ..Members::default()
        }
    }

    /// The sorted codes of the countries and areas within each region of M49.
    fn by_region(self) -> HashMap<String, Vec<String>> {
        let regions = self.all.get_or_empty("m49");
        let mut within: HashMap<String, Vec<String>> = HashMap::new();
        for term in self.table().offered() {
            let mut enclosing = vec![term.attribute("m49")];
            let mut at = term.parent.as_str();
            // As deep as M49 is, and no circle of an operator's rows keeps us.
            for _ in 0..8 {
                enclosing.push(at);
                let Some(term) = regions.term(at) else { break };
                at = &term.parent;
            }
            enclosing.sort_unstable();
            enclosing.dedup();
            for region in enclosing {
                let codes = within.entry(region.to_owned()).or_default();
                codes.push(term.code.clone());
            }
        }
        within.values_mut().for_each(|codes| codes.sort());
        within
    }
}

fn candidates(found: &[Found<'_>]) -> String {
    let terms = found.iter().flat_map(|found| match found {
        Found::One { term, .. } => vec![*term],
        Found::Several(terms) => terms.clone(),
        Found::Nothing => Vec::new(),
    });
    let named: Vec<String> = terms
        .map(|term| format!("{} ({})", term.code, term.names[0]))
        .collect();
    named.join(" or ")
}
