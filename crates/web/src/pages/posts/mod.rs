//! Posts of organisations and who holds them.

use tongxin_app::{Viewer, community::post::Holding, people};
use tongxin_core::period::{BEGINNING, Period};
use uuid::Uuid;

use crate::{Web, error::WebError, layout::Shell};

/// A post that a person holds or held, as a line of a table.
pub(super) struct HoldingLine {
    /// The post.
    pub post: Uuid,
    /// Its title.
    pub title: String,
    /// Its organisation.
    pub organisation: Uuid,
    /// The organisation's name.
    pub organisation_name: String,
    /// The days in the reader's form.
    pub days: String,
    /// The note.
    pub note: String,
    /// Whether it is held today.
    pub held: bool,
}

/// The lines of these holdings.
pub(super) async fn holding_lines(
    web: &Web,
    who: &Viewer,
    shell: &Shell,
    held: &[Holding],
) -> Result<Vec<HoldingLine>, WebError> {
    let names = people::names(&web.app, who, held.iter().map(|h| h.post.organisation)).await?;
    let today = web.app.today();
    let line = |h: &Holding| HoldingLine {
        post: h.post.id,
        title: h.post.title.clone(),
        organisation: h.post.organisation,
        organisation_name: names.get(&h.post.organisation).cloned().unwrap_or_default(),
        days: days(shell, &h.appointment.period),
        note: h.appointment.note.clone(),
        held: h.appointment.period.contains(today) && h.post.period.contains(today),
    };
    Ok(held.iter().map(line).collect())
}

/// A period in the reader's form.
pub(super) fn days(shell: &Shell, period: &Period) -> String {
    let from = shell.fmt.day(period.from);
    match (period.from == BEGINNING, period.until) {
        (true, None) => shell.t("post-days-always"),
        (true, Some(until)) => shell.tr("post-days-until", "until", shell.fmt.day(until)),
        (false, None) => shell.tr("post-days-since", "from", from),
        (false, Some(until)) => shell.tr2("post-days-between", "from", from, "until", shell.fmt.day(until)),
    }
}
