//! Rows of which nobody is known to be the same, though somebody may be: the reader is asked before somebody is there twice.

use tongxin_core::{
    community::Location,
    people::{
        MemberKind,
        duplicate::{Crowd, Suspicion, Traits},
    },
    roster::{Field, RowChoice, read_day},
};
use tongxin_store::{
    ConnectionTrait, people as people_store,
    people::duplicate::{all_traits, sound},
};
use uuid::Uuid;

use super::{
    Candidate,
    check::{Cells, Ground},
    members::{KnownMembers, Whom, candidate},
};
use crate::{Result, search};

/// The most suspects that are shown for a row.
const SHOWN: usize = 5;

/// Asks for each row that would add somebody whom it may be, by the rule by which it is asked when somebody is added on a
/// page; unless its reader has said already that it is another. All are asked together: what is compared of those who are
/// there is read once.
pub(super) async fn ask(
    ground: &Ground<'_>,
    c: &impl ConnectionTrait,
    kind: MemberKind,
    known: &mut KnownMembers,
    rows: &mut [(Cells<'_>, Whom)],
) -> Result<()> {
    let is_open = |(cells, whom): &(Cells<'_>, Whom)| {
        whom.same.is_none() && !whom.asked && !matches!(cells.choice(), RowChoice::New | RowChoice::Skip)
    };
    if !rows.iter().any(is_open) {
        return Ok(());
    }
    let crowd = Crowd::new(all_traits(c, ground.community(), kind).await?);
    let mut suspected: Vec<(usize, Vec<(Uuid, Suspicion)>)> = Vec::new();
    for (at, row) in rows.iter().enumerate().filter(|(_, row)| is_open(row)) {
        let suspects = crowd.suspects(&traits(kind, row));
        if !suspects.is_empty() {
            suspected.push((at, suspects));
        }
    }
    let ids: Vec<Uuid> = suspected.iter().flat_map(|(_, suspects)| suspects).map(|(id, _)| *id).collect();
    for member in people_store::members(c, ground.community(), &ids).await? {
        known.add(member);
    }
    for (at, suspects) in suspected {
        let Some((cells, whom)) = rows.get_mut(at) else { continue };
        let candidates: Vec<Candidate> =
            suspects.into_iter().filter_map(|(id, suspicion)| suspect(ground, known, id, suspicion)).collect();
        match cells.choice() {
            RowChoice::Same(id) if candidates.iter().any(|one| one.id == id && !one.elsewhere) => {
                (whom.id, whom.same, cells.detail.subject) = (id, Some(id), Some(id));
            }
            _ => {
                whom.asked = true;
                cells.detail.candidates = candidates.into_iter().take(SHOWN).collect();
            }
        }
    }
    Ok(())
}

/// Who is suspected; of somebody in a place that is not the importer's no more is told than its page tells everybody.
fn suspect(ground: &Ground<'_>, known: &KnownMembers, id: Uuid, suspicion: Suspicion) -> Option<Candidate> {
    let member = known.get(id)?;
    let elsewhere = !ground.rights.imports(member.location.place);
    let mut one = Candidate { reasons: suspicion.reasons, elsewhere, ..candidate(member) };
    if elsewhere {
        (one.birth_date, one.code) = (None, None);
    }
    Some(one)
}

/// What is compared of a row.
fn traits(kind: MemberKind, (cells, whom): &(Cells<'_>, Whom)) -> Traits {
    let name = cells.detail.name.clone();
    let nowhere = Location { place: Uuid::nil(), area: None };
    Traits {
        kind,
        sound: sound(&search::sort_key(&name), &name),
        phone_digits: cells.get(Field::Phone).map(people_store::digits).unwrap_or_default(),
        birth_date: cells.get(Field::BirthDate).and_then(read_day),
        sex: cells.code(Field::Sex).and_then(|code| code.parse().ok()),
        location: whom.location.unwrap_or(nowhere),
        name,
    }
}
