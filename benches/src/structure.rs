//! Lines and history of the large community's organisations.

use chrono::NaiveDate;
use tongxin_core::{
    community::structure::Standing,
    people::{MemberDetails, MemberKind},
    period::{BEGINNING, Period},
};
use tongxin_store::people::Member;

/// The day on which a third of the organisations became what they are.
pub const TURN: &str = "2015-01-01";
/// How many organisations have others under them: the first few of those of the subdistrict, then those of the areas.
const LEADING: usize = 200;

/// How the organisations of the community stood and stand: the first is above all, the next three under it, the next two
/// hundred under these; two in five of the others are under one of the two hundred, the rest have no superior. Every third
/// had another name and superior until [`TURN`].
pub fn standings(members: &[Member]) -> Vec<Standing> {
    let all: Vec<&Member> = members.iter().filter(|m| m.kind == MemberKind::Organisation).collect();
    let turn: NaiveDate = TURN.parse().unwrap_or(BEGINNING);
    let mut made = Vec::with_capacity(all.len() * 4 / 3);
    for (n, member) in all.iter().enumerate() {
        let MemberDetails::Organisation { kind, .. } = member.draft.details else { continue };
        let above = match n {
            0 => None,
            1..4 => Some(0),
            4..LEADING => Some(1 + n % 3),
            _ if n % 5 < 2 => Some(4 + n * 7 % (LEADING - 4)),
            _ => None,
        };
        let at = |n: usize| all.get(n).map(|m| m.id);
        let now = Standing {
            organisation: member.id,
            period: Period::since(BEGINNING),
            name: member.draft.name.clone(),
            kind,
            line: above.and_then(at),
            line_outside: None,
            location: member.location,
            reorganisation: None,
        };
        if n >= LEADING && n.is_multiple_of(3) {
            let before = Period { from: BEGINNING, until: Some(turn) };
            made.push(Standing {
                period: before, name: format!("原{}", now.name), line: at(1 + n % 3), ..now.clone()
            });
            made.push(Standing { period: Period::since(turn), ..now });
        } else {
            made.push(now);
        }
    }
    made
}
