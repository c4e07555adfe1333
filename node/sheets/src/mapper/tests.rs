//! Profiles that fit the schema, and what is told of those that do not.

use super::*;
use crate::shipped;

#[test]
fn every_shipped_profile_fits_the_schema() {
    for name in shipped::names() {
        let profile = shipped::named(name).unwrap().clone();
        if let Err(error) = Mapper::new(profile) {
            panic!("{name}: {error:?}");
        }
    }
}

#[test]
fn a_profile_with_a_slip_is_refused() {
    let head = "name = 'x'\nkind = 'good-practice'\ntells = []\nexternal_id = '{id}'\n";
    assert!(Profile::parse(&format!("{head}colour = 'red'")).is_err());
    for (field, reason) in [
        ("to = 'titel.en'\ncolumn = 'a'", "has no field"),
        ("to = 'title.en'", "either a column or a template"),
        ("to = 'title.en'\ntemplate = '{a'", "does not close"),
        (
            "to = 'title.en'\ntemplate = '{a|lowr}'",
            "no filter \"lowr\"; did you mean lower?; filters are lower, slug,",
        ),
    ] {
        let profile = Profile::parse(&format!("{head}[[field]]\n{field}")).unwrap();
        let (place, error) = Mapper::new(profile).err().unwrap().remove(0);
        assert!(place.starts_with("line 5: title") || place.starts_with("line 5: titel"));
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn a_slip_in_a_profile_is_told_with_its_line() {
    let head = "name = 'x'\nkind = 'series'\ntells = []\nexternal_id = '{id}'\n";
    for (text, told) in [
        ("[[field]]\nto = 'title.en'\ncolour = 'red'", "line 7"),
        ("[[field]]\nto = 'title.en'\nrows = 'some'", "line 7"),
        (
            "[[field]]\nto = 'title.en'\nwhen = { a = 5 }",
            "a condition is a text, or a list",
        ),
        ("[check]\nsum = ['a']", "line 5"),
    ] {
        let error = Profile::parse(&format!("{head}{text}")).unwrap_err();
        assert!(error.contains(told), "{error}");
    }
    let kind = head.replace("'series'", "{ column = 'a' }");
    let error = Profile::parse(&kind).unwrap_err();
    assert!(
        error.contains("line 2") && error.contains("`kind` is the name"),
        "{error}"
    );
    for (text, told) in [
        (
            "[[field]]\nto = 'unit'\ncolumn = 'a'\nkeep = 'shape'",
            "line 5: unit: there is no form \"shape\"",
        ),
        (
            "[[field]]\nto = 'unit'\ncolumn = 'a'\nkinds = ['law']",
            "line 5: unit: no record of this profile is a \"law\"",
        ),
        (
            "[[field]]\nto = 'unit'\ncolumn = 'a'\nrows = 'all'",
            "line 5: unit: `rows` belongs to a profile with a [group]",
        ),
        (
            "[group]\nby = ['a']\nto = 'observations'\n[[group.element]]\n\nyear = { column = 'a' }",
            "line 10: observations.0.year: series.observations has no part \"year\"",
        ),
        (
            "[[join]]\nfile = 'b'\nto = 'claims'\n[[join.element]]\nfeld = { column = 'a' }",
            "line 9: claims.0.feld: claims has no part \"feld\"",
        ),
        (
            "[group]\nby = []\nto = 'claims'\nelement = []",
            "[group]: `by` names no column",
        ),
    ] {
        let profile = Profile::parse(&format!("{head}{text}")).unwrap();
        let (place, reason) = Mapper::new(profile).err().unwrap().remove(0);
        let whole = format!("{place}: {reason}");
        assert!(whole.contains(told), "{whole}");
    }
}

#[test]
fn a_slip_in_the_id_is_told_with_its_line_beside_the_others() {
    let text = "name = 'x'\nkind = 'series'\ntells = []\nexternal_id = '{id|upper}'\n\
                [[field]]\nto = 'titel.en'\ncolumn = 'a'\n";
    let wrong = Mapper::new(Profile::parse(text).unwrap()).err().unwrap();
    let told: Vec<String> = wrong
        .iter()
        .map(|(place, reason)| format!("{place}: {reason}"))
        .collect();
    assert!(
        told[0].starts_with("line 4: external_id: there is no filter"),
        "{told:?}"
    );
    assert!(told[1].starts_with("line 5: titel.en: "), "{told:?}");
}

#[test]
fn a_part_that_is_a_bare_text_is_told_how_to_write_it() {
    let text = "name = 'x'\nkind = 'series'\ntells = []\nexternal_id = '{id}'\n\
                [group]\nby = ['a']\nto = 'observations'\n\
                [[group.element]]\nperiod = 'year'\n";
    let told = Profile::parse(text).unwrap_err();
    assert!(told.contains("line 9"), "{told}");
    assert!(
        told.contains("a value is { column = \"its column\" }"),
        "{told}"
    );
}
