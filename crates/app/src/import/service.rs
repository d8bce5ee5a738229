//! The rows of `needs.csv` and `offers.csv`.

use tongxin_core::{
    invalid::Problem,
    service::{Intent, IntentForm, IntentState, Side, intent::check},
};

use super::{
    plan::{Check, NamedIntent, named},
    table::Row,
};

/// Checks a need or an offer. Its stated state is judged later, when its matches are known.
pub(super) fn intent(all: &mut Check<'_>, side: Side, row: &Row) {
    let before = all.problems.len();
    let (member_column, quantity_column) = match side {
        Side::Need => ("receiver", "quantity"),
        Side::Offer => ("giver", "capacity"),
    };
    let code = all.code(row);
    let member = all.member(row, member_column, None);
    let entered_by = match row.get("entered_by") {
        "" => None,
        login => {
            let found = named(&all.logins, "entered_by", &login.to_lowercase());
            all.take(row, found).flatten()
        }
    };
    let location = all.place(row);
    let form = IntentForm {
        category: row.text("category"),
        care_kind: row.text("care_kind"),
        title: row.text("title"),
        text: row.text("text"),
        from: super::times::instant(row.get("from"), all.today, all.zone),
        until: super::times::instant(row.get("until"), all.today, all.zone),
        rrule: row.text("rrule"),
        quantity: row.text(quantity_column),
        urgency: row.text("urgency"),
        reach: row.text("reach"),
        visibility: row.text("visibility"),
    };
    let draft = match check(side, &form, all.zone, None) {
        Ok(draft) => Some(draft),
        Err(problems) => {
            all.problems(row, problems, &[("quantity", quantity_column)]);
            None
        }
    };
    let created_at = match row.get("created_at") {
        "" => Some(all.now),
        _ => all.past_time(row, "created_at"),
    };
    let stated = match row.get("state") {
        "" => Ok(IntentState::Open),
        state => state.parse().map_err(|_| Problem::new("state", "unknown_choice")),
    };
    let stated = all.take(row, stated);
    let Some(code) = code else { return };
    if let Some(first) = all.intents.get(&code).map(|named| named.line) {
        all.problem(row, Problem::new("code", "duplicate").with("line", first));
        return;
    }
    let mut at = None;
    let good = all.problems.len() == before;
    if let (true, Some(member), Some(location), Some(draft), Some(created_at)) =
        (good, member, location, draft, created_at)
    {
        let id = all.id(created_at);
        at = Some(all.plan.intents.len());
        all.record(row.file, row.line, side.code(), id, &code);
        let intent = Intent {
            id,
            side,
            member: member.id,
            entered_by,
            location,
            draft,
            committed: 0,
            fulfilled: 0,
            state: IntentState::Open,
            created_at,
            updated_at: created_at,
        };
        all.plan.intents.push((intent, Some(code.clone())));
    }
    let named = NamedIntent {
        side,
        line: row.line,
        member: row.text(member_column),
        category: row.text("category"),
        at,
        stated,
        doubtful: false,
    };
    all.intents.insert(code, named);
}
