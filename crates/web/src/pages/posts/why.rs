//! Why one may, or may not, do something; and which posts would permit it.

use askama::Template;
use axum::{extract::State, response::Response};
use tongxin_app::{
    Error,
    policy::why::{self, Thing, Why},
};
use uuid::Uuid;

use crate::{
    Web,
    error::WebError,
    form::Choice,
    layout::{Shell, page},
    paging::ListQuery,
    session::Who,
};

#[derive(Template)]
#[template(path = "posts/why.html")]
struct WhyPage {
    shell: Shell,
    actions: Vec<Choice>,
    action: String,
    kind: String,
    id: String,
    why: Option<Why>,
    /// The thing is of no kind to which the action is done.
    does_not_fit: bool,
}

impl WhyPage {
    /// The page of the thing that is asked about; empty for one without.
    fn back(&self) -> String {
        let id = &self.id;
        match self.kind.as_str() {
            "place" => format!("/places/{id}"),
            "member" => format!("/members/{id}"),
            "organisation" => format!("/organisations/{id}"),
            _ => String::new(),
        }
    }

    fn policy(&self, id: impl AsRef<str>) -> String {
        self.shell.t(format!("policy-{}", id.as_ref()))
    }

    fn holders(&self, holders: &[String]) -> String {
        holders.join(&self.shell.t("list-separator"))
    }

    fn title_of(&self) -> String {
        self.shell.t(format!("action-word-{}", self.action))
    }
}

pub(super) async fn show(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
) -> Result<Response, WebError> {
    who.actor()?;
    let names = why::actions(&web.app);
    let actions: Vec<Choice> =
        names.iter().map(|name| Choice::new(name, shell.t(format!("action-word-{name}")))).collect();
    let action = list.get("action").filter(|name| names.contains(name)).unwrap_or_default().to_owned();
    let (kind, id) = (list.value("kind").to_owned(), list.value("id").to_owned());
    let thing = id.parse::<Uuid>().ok().and_then(|id| Thing::read(&kind, id));
    let (mut explained, mut does_not_fit) = (None, false);
    if let (Some(thing), false) = (thing, action.is_empty()) {
        match why::explain(&web.app, &who, &action, thing).await {
            Ok(why) => explained = Some(why),
            Err(Error::NotFound) => does_not_fit = true,
            Err(error) => return Err(error.into()),
        }
    }
    page(&WhyPage {
        shell: shell.page_key("why-title", "organisations"),
        why: explained,
        actions,
        action,
        kind,
        id,
        does_not_fit,
    })
}
