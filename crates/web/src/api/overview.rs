//! The figures of a period and a place; they are public and name nobody.

use axum::{Json, extract::State};
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use tongxin_app::service::overview::{self as cases, Count};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    extract::{Params, Reader},
    words::Ref,
};
use crate::{Web, error::WebError, session::Who};

/// Days of a period when none is asked for.
const DAYS: u64 = 90;

/// Which period and place.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct OverviewQuery {
    /// The place; the community unless said otherwise.
    #[param(value_type = Option<Uuid>)]
    place: Option<String>,
    /// The first day; 90 days before the last unless said otherwise.
    #[param(value_type = Option<NaiveDate>)]
    from: Option<String>,
    /// The last day; today unless said otherwise.
    #[param(value_type = Option<NaiveDate>)]
    to: Option<String>,
}

/// The figures.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OverviewOut {
    /// The first day.
    from: NaiveDate,
    /// The last day.
    to: NaiveDate,
    /// The place.
    place: Ref,
    /// The single figures.
    totals: TotalsOut,
    /// Needs by category.
    by_category: Vec<CountOut>,
    /// Needs by residential area; the key is its identifier.
    by_area: Vec<CountOut>,
    /// Needs by kind of care.
    by_care_kind: Vec<CountOut>,
    /// Needs by care group of the receiver; groups of fewer than three are left out.
    by_care_group: Vec<CountOut>,
    /// Needs by `person` or the kind of organisation.
    by_member_kind: Vec<CountOut>,
    /// Deliveries by month.
    by_month: Vec<MonthOut>,
}

/// Single figures.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TotalsOut {
    /// Needs handed in.
    needs: i64,
    /// Offers handed in.
    offers: i64,
    /// Deliveries made.
    deliveries: i64,
    /// Minutes delivered.
    minutes: i64,
    /// Members who received.
    receivers: i64,
    /// Members who gave.
    givers: i64,
    /// Members who did both.
    both: i64,
    /// Ratings given.
    ratings: i64,
    /// The mean rating, 1 to 5.
    mean_rating: Option<f64>,
    /// Median milliseconds from a need to the acceptance of its match.
    median_to_match_ms: Option<i64>,
    /// Median milliseconds from a need to its delivery.
    median_to_deliver_ms: Option<i64>,
}

/// Needs under one key.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CountOut {
    /// The code or identifier.
    key: String,
    /// Needs that are open or matched.
    open: i64,
    /// Needs that were met.
    met: i64,
    /// Needs that expired.
    unmet: i64,
}

/// The deliveries of a month.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MonthOut {
    /// Its first day.
    month: NaiveDate,
    /// Deliveries.
    deliveries: i64,
    /// Minutes.
    minutes: i64,
}

fn counts(counts: Vec<Count>) -> Vec<CountOut> {
    counts.into_iter().map(|c| CountOut { key: c.key, open: c.open, met: c.met, unmet: c.unmet }).collect()
}

#[utoipa::path(get, path = "/api/v1/overview", tag = "overview", operation_id = "showOverview",
    summary = "The figures of a period and a place", params(OverviewQuery), security((), ("token" = [])),
    responses((status = 200, description = "The figures", body = OverviewOut)))]
pub(super) async fn show(
    State(web): State<Web>,
    Who(who): Who,
    Params(query): Params<OverviewQuery>,
) -> Result<Json<OverviewOut>, WebError> {
    let mut reader = Reader::default();
    let place: Option<Uuid> = reader.value("place", query.place.as_ref());
    let to = reader.day("to", query.to.as_ref()).unwrap_or_else(|| web.app.today());
    let from = reader.day("from", query.from.as_ref());
    reader.finish()?;
    let from = from.or_else(|| to.checked_sub_days(Days::new(DAYS))).unwrap_or(to);
    let view = cases::show(&web.app, &who, place, from, to).await?;
    let totals = view.totals;
    let by_month = view.by_month.into_iter();
    Ok(Json(OverviewOut {
        from: view.from,
        to: view.to,
        place: Ref::place(&*web.app.territory().await?, view.place),
        totals: TotalsOut {
            needs: totals.needs,
            offers: totals.offers,
            deliveries: totals.deliveries,
            minutes: totals.minutes,
            receivers: totals.receivers,
            givers: totals.givers,
            both: totals.both,
            ratings: totals.ratings,
            mean_rating: totals.mean_rating,
            median_to_match_ms: totals.median_to_match_ms,
            median_to_deliver_ms: totals.median_to_deliver_ms,
        },
        by_category: counts(view.by_category),
        by_area: counts(view.by_area),
        by_care_kind: counts(view.by_care_kind),
        by_care_group: counts(view.by_care_group),
        by_member_kind: counts(view.by_member_kind),
        by_month: by_month.map(|(month, deliveries, minutes)| MonthOut { month, deliveries, minutes }).collect(),
    }))
}
