//! Who looked at the viewer's own sensitive data.

use askama::Template;
use axum::{extract::State, response::Response};
use tongxin_app::{
    Slice,
    people::{self, Look},
};

use crate::{
    Web,
    error::WebError,
    layout::{Shell, page},
    pages::records::words,
    paging::{ListQuery, Page},
    session::Who,
};

#[derive(Template)]
#[template(path = "me/looks.html")]
struct LooksPage {
    shell: Shell,
    list: ListQuery,
    pages: Page,
    looks: Vec<Look>,
}

impl LooksPage {
    fn by(&self, look: &Look) -> String {
        look.by.clone().unwrap_or_else(|| self.shell.t("record-system"))
    }

    fn capacity(&self, look: &Look) -> String {
        words(&self.shell, "capacity", &look.record.capacity)
    }

    fn reason(&self, look: &Look) -> String {
        look.reason().unwrap_or_else(|| self.shell.t("me-look-no-reason"))
    }
}

/// `GET /me/looks`.
pub(super) async fn show(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
) -> Result<Response, WebError> {
    let slice = Slice { offset: (list.number() - 1) * list.size(), limit: list.size() };
    let found = people::looks_at_me(&web.app, &who, slice).await?;
    let shell = shell.page_key("me-looks-title", "me");
    page(&LooksPage { pages: list.page(found.total), looks: found.rows, list, shell })
}
