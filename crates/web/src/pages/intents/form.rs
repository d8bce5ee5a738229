//! Handing in and editing a need or an offer.

use askama::Template;
use axum::{Extension, extract::State, http::StatusCode, response::Response};
use chrono::{Days, NaiveTime};
use tongxin_app::{Viewer, people, service::intents};
use tongxin_core::service::{CareKind, Category, Intent, IntentForm, Reach, Side, Urgency, Visibility};
use uuid::Uuid;

use crate::{
    Web,
    error::WebError,
    form::{Choice, FormState, OpenForm, RawForm},
    i18n::Message,
    layout::{self, Shell, see_other},
    paging::ListQuery,
    path::Path,
    session::{Who, done},
    words::choices,
};

/// The weekdays of RFC 5545, Monday first.
const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
/// How a repetition can be chosen.
const REPEATS: [&str; 6] = ["once", "daily", "weekly", "fortnightly", "monthly", "custom"];

#[derive(Template)]
#[template(path = "intents/form.html")]
struct FormPage {
    shell: Shell,
    side: Side,
    /// The need or offer that is edited; none for a new one.
    id: Option<Uuid>,
    form: FormState,
    members: Vec<Choice>,
    categories: Vec<Choice>,
    care_kinds: Vec<Choice>,
    places: Vec<Choice>,
    repeats: Vec<Choice>,
    weekdays: Vec<Choice>,
    urgencies: Vec<Choice>,
    reaches: Vec<Choice>,
    visibilities: Vec<Choice>,
}

impl FormPage {
    async fn new(
        web: &Web,
        who: &Viewer,
        side: Side,
        id: Option<Uuid>,
        shell: Shell,
        mut form: FormState,
    ) -> Result<Self, WebError> {
        let locale = shell.locale();
        let (name, chosen) = (form.value("find_name").trim().to_owned(), form.value("member").parse().ok());
        let found =
            if id.is_some() || name.is_empty() { Vec::new() } else { people::choose(&web.app, who, &name).await? };
        if id.is_none() && !name.is_empty() && form.is("find", "1") {
            match found.len() {
                0 => form.fail("find_name", "intent-find-none"),
                1 => form = form.with("member", found[0].id),
                count if found.iter().any(|m| chosen == Some(m.id)) && count < people::CHOICES => {}
                count => {
                    let key = if count < people::CHOICES { "intent-find-several" } else { "intent-find-many" };
                    form.fail("find_name", Message::new(key).with("count", count));
                }
            }
        }
        let members = match id {
            None => super::members(web, who, found, chosen).await?,
            Some(_) => Vec::new(),
        };
        let territory = web.app.territory().await?;
        let title = if id.is_some() { "intent-edit" } else { "intent-new" };
        Ok(Self {
            side,
            id,
            form,
            members,
            categories: choices::<Category>(locale),
            care_kinds: choices::<CareKind>(locale),
            places: super::places(&territory, &territory.in_order()),
            repeats: REPEATS.iter().map(|r| Choice::new(*r, locale.t(format!("intent-repeat-{r}")))).collect(),
            weekdays: (1..)
                .zip(DAYS)
                .map(|(n, day)| Choice::new(day, locale.t(format!("format-weekday-{n}"))))
                .collect(),
            urgencies: choices::<Urgency>(locale),
            reaches: choices::<Reach>(locale),
            visibilities: choices::<Visibility>(locale),
            shell: shell.page_key(&super::key(side, title), super::active(side)),
        })
    }

    fn key(&self, key: &str) -> String {
        super::key(self.side, key)
    }

    fn is_need(&self) -> bool {
        self.side == Side::Need
    }

    fn is_new(&self) -> bool {
        self.id.is_none()
    }

    fn action(&self) -> String {
        let base = super::base(self.side);
        self.id.map_or_else(|| format!("{base}/new"), |id| format!("{base}/{id}/edit"))
    }

    fn back(&self) -> String {
        let base = super::base(self.side);
        self.id.map_or_else(|| base.to_owned(), |id| format!("{base}/{id}"))
    }

    fn chooses_member(&self) -> bool {
        self.is_new() && (self.shell.is_staff || self.members.len() > 1)
    }
}

/// `GET /needs/new?category=…&member=…`.
pub(super) async fn new(
    State(web): State<Web>,
    Who(who): Who,
    Extension(side): Extension<Side>,
    shell: Shell,
    list: ListQuery,
) -> Result<Response, WebError> {
    let actor = who.actor()?;
    let tomorrow = shell.fmt.today() + Days::new(1);
    let at = |day: chrono::NaiveDate, hour: u32| {
        day.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default()).format("%Y-%m-%dT%H:%M").to_string()
    };
    let care_kind = list.get("care_kind").unwrap_or(CareKind::Material.code());
    let form = FormState::new()
        .with("member", list.get("member").map_or_else(|| actor.person.to_string(), str::to_owned))
        .with("find_name", list.value("q"))
        .with_some("find", list.get("q").map(|_| 1))
        .with("category", list.value("category"))
        .with("care_kind", care_kind)
        .with("from", at(tomorrow, 9))
        .with("until", at(tomorrow + Days::new(7), 17))
        .with("repeat", "once")
        .with("quantity", 1)
        .with("urgency", Urgency::Normal)
        .with("reach", Reach::Community)
        .with("visibility", Visibility::Members);
    layout::page(&FormPage::new(&web, &who, side, None, shell, form).await?)
}

/// `POST /needs/new`. With `find`, it only looks a member's name up and shows the form again.
pub(super) async fn create(
    State(web): State<Web>,
    Who(who): Who,
    Extension(side): Extension<Side>,
    shell: Shell,
    OpenForm(mut form): OpenForm,
) -> Result<Response, WebError> {
    // Who was signed out meanwhile is asked to sign in again, before the form of the old session is refused.
    who.actor()?;
    form.check_csrf(&shell.csrf)?;
    if form.checked("find") {
        return layout::page(&FormPage::new(&web, &who, side, None, shell, form.into_state()).await?);
    }
    let (place, input) = read(&mut form, &shell);
    let member = form.get("member").map(|id| id.parse().unwrap_or_default());
    match intents::create(&web.app, &who, side, member, place, &input).await {
        Ok(id) => {
            let path = format!("{}/{id}", super::base(side));
            Ok(done(&path, Message::new(super::key(side, "done-intent-created"))))
        }
        Err(error) => refuse(&web, &who, side, None, shell, form, error).await,
    }
}

/// `GET /needs/{id}/edit`.
pub(super) async fn edit(
    State(web): State<Web>,
    Who(who): Who,
    Extension(side): Extension<Side>,
    Path(id): Path<Uuid>,
    shell: Shell,
) -> Result<Response, WebError> {
    let view = intents::show(&web.app, &who, id).await?;
    let intent = &view.card.intent;
    if intent.side != side {
        return Ok(see_other(&format!("{}/edit", super::href(&view.card))));
    }
    if !view.may_edit {
        who.actor()?;
        return Err(WebError::forbidden().back_to(super::href(&view.card)));
    }
    let form = filled(intent, &shell);
    layout::page(&FormPage::new(&web, &who, side, Some(id), shell, form).await?)
}

/// `POST /needs/{id}/edit`.
pub(super) async fn save(
    State(web): State<Web>,
    Who(who): Who,
    Extension(side): Extension<Side>,
    Path(id): Path<Uuid>,
    shell: Shell,
    mut form: RawForm,
) -> Result<Response, WebError> {
    let (place, input) = read(&mut form, &shell);
    match intents::edit(&web.app, &who, id, place, &input).await {
        Ok(()) => Ok(done(&format!("{}/{id}", super::base(side)), Message::new("done-intent-saved"))),
        Err(error) => refuse(&web, &who, side, Some(id), shell, form, error).await,
    }
}

/// Shows the form again with what was typed and what was wrong.
async fn refuse(
    web: &Web,
    who: &Viewer,
    side: Side,
    id: Option<Uuid>,
    shell: Shell,
    form: RawForm,
    error: tongxin_app::Error,
) -> Result<Response, WebError> {
    use tongxin_app::Error;
    let shown = matches!(error, Error::Invalid(_) | Error::Refused(_) | Error::Conflict(_));
    let error = WebError::from(error);
    if !shown {
        return Err(error);
    }
    let status = if error.fields().is_empty() { error.status() } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = FormPage::new(web, who, side, id, shell, form.into_state_with(&error)).await?;
    layout::page_with(status, &page)
}

/// Reads the fields as typed; the rules of the domain say what is wrong with them.
fn read(form: &mut RawForm, shell: &Shell) -> (Option<Uuid>, IntentForm) {
    let place = form.get("place").map(|id| id.parse().unwrap_or_default());
    let (from, until) = (form.datetime("from", shell.zone()), form.datetime("until", shell.zone()));
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    let input = IntentForm {
        category: text("category"),
        care_kind: text("care_kind"),
        title: text("title"),
        text: text("text"),
        from,
        until,
        rrule: rule(form),
        quantity: text("quantity"),
        urgency: text("urgency"),
        reach: text("reach"),
        visibility: text("visibility"),
    };
    (place, input)
}

/// The recurrence rule that the choices make.
fn rule(form: &RawForm) -> String {
    let days: Vec<&str> = DAYS.into_iter().filter(|day| form.all("weekday").contains(day)).collect();
    let on = if days.is_empty() { String::new() } else { format!(";BYDAY={}", days.join(",")) };
    match form.get("repeat").unwrap_or("once") {
        "once" => String::new(),
        "daily" => "FREQ=DAILY".to_owned(),
        "weekly" => format!("FREQ=WEEKLY{on}"),
        "fortnightly" => format!("FREQ=WEEKLY;INTERVAL=2{on}"),
        "monthly" => "FREQ=MONTHLY".to_owned(),
        // A rule of one's own that is left empty can't be read, and is told so.
        _ => form.get("rrule").unwrap_or("?").to_owned(),
    }
}

/// The choices that a rule stands for.
fn chosen(rule: Option<&str>) -> (&'static str, Vec<&str>) {
    let Some(rule) = rule else { return ("once", Vec::new()) };
    let days = |text: &'_ str| -> Option<Vec<&'static str>> {
        text.split(',').map(|day| DAYS.into_iter().find(|d| *d == day)).collect()
    };
    let weekly = rule.strip_prefix("FREQ=WEEKLY");
    let fortnightly = rule.strip_prefix("FREQ=WEEKLY;INTERVAL=2");
    let on = |rest: &str| if rest.is_empty() { Some(Vec::new()) } else { days(rest.strip_prefix(";BYDAY=")?) };
    match rule {
        "FREQ=DAILY" => ("daily", Vec::new()),
        "FREQ=MONTHLY" => ("monthly", Vec::new()),
        _ => fortnightly
            .and_then(on)
            .map(|days| ("fortnightly", days))
            .or_else(|| weekly.and_then(on).map(|days| ("weekly", days)))
            .unwrap_or(("custom", Vec::new())),
    }
}

fn filled(intent: &Intent, shell: &Shell) -> FormState {
    let draft = &intent.draft;
    let rule = draft.schedule.rule.as_deref();
    let (repeat, weekdays) = chosen(rule);
    FormState::new()
        .with("category", draft.category)
        .with("care_kind", draft.care_kind)
        .with("title", &draft.title)
        .with("text", &draft.text)
        .with("place", intent.location.place)
        .with("from", shell.fmt.input_datetime(draft.schedule.window.from))
        .with("until", shell.fmt.input_datetime(draft.schedule.window.until))
        .with("repeat", repeat)
        .with_all("weekday", weekdays)
        .with_some("rrule", rule.filter(|_| repeat == "custom"))
        .with("quantity", draft.quantity)
        .with("urgency", draft.urgency)
        .with("reach", draft.reach)
        .with("visibility", draft.visibility)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn composed(pairs: &[(&str, &str)]) -> String {
        rule(&RawForm::from_pairs(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()))
    }

    #[test]
    fn choices_make_a_rule_and_a_rule_its_choices() {
        assert_eq!(composed(&[]), "");
        let weekly = composed(&[("repeat", "weekly"), ("weekday", "WE"), ("weekday", "MO"), ("weekday", "XX")]);
        assert_eq!(weekly, "FREQ=WEEKLY;BYDAY=MO,WE");
        assert_eq!(chosen(Some(&weekly)), ("weekly", vec!["MO", "WE"]));
        let fortnightly = composed(&[("repeat", "fortnightly")]);
        assert_eq!(chosen(Some(&fortnightly)), ("fortnightly", vec![]));
        assert_eq!(chosen(Some("FREQ=WEEKLY;BYDAY=MO;COUNT=3")).0, "custom");
        assert_eq!(chosen(Some(&composed(&[("repeat", "daily")]))).0, "daily");
        assert_eq!(chosen(Some(&composed(&[("repeat", "monthly")]))).0, "monthly");
        assert_eq!(chosen(None).0, "once");
        assert_eq!(composed(&[("repeat", "custom")]), "?");
    }
}
