//! The figures of the service flow for a period and a place (S5, S29). They are public and name nobody.

use std::sync::Arc;

use chrono::{DateTime, Datelike, Days, NaiveDate, Offset, TimeZone, Utc};
use tongxin_core::service::schedule::day_window;
use tongxin_store::figures::{self, Scope};
pub use tongxin_store::figures::{Count, Totals};
use uuid::Uuid;

use crate::{
    App, Error, Result, Viewer,
    kept::{AsOf, Kept},
    policy::Resource,
};

/// A group with fewer receivers than this is not shown apart, so that nobody can be picked out.
const SMALL_GROUP: i64 = 3;

/// The figures.
#[derive(Debug, Clone)]
pub struct Overview {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// The place.
    pub place: Uuid,
    /// When they were counted, at most a minute ago.
    pub as_of: DateTime<Utc>,
    /// The single figures.
    pub totals: Totals,
    /// Needs by category.
    pub by_category: Vec<Count>,
    /// Needs by residential area; the key is the area's id.
    pub by_area: Vec<Count>,
    /// Needs by kind of care.
    pub by_care_kind: Vec<Count>,
    /// Needs by care group of the receiver; small groups are left out.
    pub by_care_group: Vec<Count>,
    /// Needs by kind of member: `person`, or the kind of organisation.
    pub by_member_kind: Vec<Count>,
    /// `(first day, deliveries, minutes)` of each month.
    pub by_month: Vec<(NaiveDate, i64, i64)>,
}

/// The place and the scope of figures that the viewer asks for.
async fn scope(app: &App, who: &Viewer, place: Option<Uuid>, from: NaiveDate, to: NaiveDate) -> Result<(Uuid, Scope)> {
    let territory = app.territory().await?;
    let place = place.unwrap_or_else(|| territory.root());
    territory.place(place).ok_or(Error::NotFound)?;
    app.authorise(who, "ViewOverview", Resource::Place(place)).await?;
    let to = to.max(from);
    let zone = app.zone();
    let (area, only) = territory.scope(place);
    let scope = Scope {
        from: day_window(from, zone).from,
        until: day_window(to, zone).until,
        area: area.or_else(|| only.and_then(|p| territory.parent(p))),
        place: only,
    };
    Ok((place, scope))
}

/// A place with the first and the last day.
type Period = (Uuid, NaiveDate, NaiveDate);

/// Figures that are kept for a minute; see [`crate::kept`].
#[derive(Default)]
pub(crate) struct KeptFigures {
    totals: Kept<Period, Totals>,
    overviews: Kept<Period, Arc<Overview>>,
}

/// Over how many rows the figures were counted.
fn rows(totals: &Totals) -> i64 {
    totals.needs + totals.offers + totals.deliveries
}

/// The single figures from `from` to `to`, both days included, of a place; at most a minute old.
///
/// # Errors
/// [`Error::NotFound`] for a place that is not there.
pub async fn totals(
    app: &App,
    who: &Viewer,
    place: Option<Uuid>,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<AsOf<Totals>> {
    let (place, scope) = scope(app, who, place, from, to).await?;
    let compute = async { Ok(figures::totals(app.read(), app.community_id(), &scope).await?) };
    app.0.figures.totals.get(app, (place, from, to.max(from)), rows, compute).await
}

/// All figures from `from` to `to`, both days included, of a place; at most a minute old.
///
/// # Errors
/// [`Error::NotFound`] for a place that is not there.
pub async fn show(app: &App, who: &Viewer, place: Option<Uuid>, from: NaiveDate, to: NaiveDate) -> Result<Overview> {
    let to = to.max(from);
    let (place, scope) = scope(app, who, place, from, to).await?;
    let compute = async { Ok(Arc::new(count(app, place, from, to, &scope).await?)) };
    let kept = app.0.figures.overviews.get(app, (place, from, to), |all| rows(&all.totals), compute).await?;
    Ok(Overview::clone(&kept.value))
}

async fn count(app: &App, place: Uuid, from: NaiveDate, to: NaiveDate, scope: &Scope) -> Result<Overview> {
    let (c, community, zone, as_of) = (app.read(), app.community_id(), app.zone(), app.now());
    let mut needs = figures::needs(c, community, scope).await?;
    needs.by_care_group.retain(|count| {
        count.key.is_empty() || needs.receivers.get(&count.key).is_some_and(|members| *members >= SMALL_GROUP)
    });
    let offset = zone.offset_from_utc_datetime(&scope.from.naive_utc()).fix().local_minus_utc();
    let days = figures::deliveries_by_day(c, community, scope, i64::from(offset) * 1_000).await?;
    Ok(Overview {
        from,
        to,
        place,
        as_of,
        totals: figures::totals(c, community, scope).await?,
        by_category: needs.by_category,
        by_area: needs.by_area,
        by_care_kind: needs.by_care_kind,
        by_care_group: needs.by_care_group,
        by_member_kind: needs.by_member_kind,
        by_month: months(&days),
    })
}

fn months(days: &[(i64, i64, i64)]) -> Vec<(NaiveDate, i64, i64)> {
    let mut months: Vec<(NaiveDate, i64, i64)> = Vec::new();
    for (day, deliveries, minutes) in days {
        let date =
            NaiveDate::default().checked_add_days(Days::new(u64::try_from(*day).unwrap_or(0))).unwrap_or_default();
        let first = date.with_day(1).unwrap_or(date);
        match months.last_mut() {
            Some(last) if last.0 == first => {
                last.1 += deliveries;
                last.2 += minutes;
            }
            _ => months.push((first, *deliveries, *minutes)),
        }
    }
    months
}
