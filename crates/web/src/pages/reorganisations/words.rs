//! Steps and faults in words.

use tongxin_app::community::{
    Territory,
    reorganisation::{Fault, NewOrganisation, ReorganisationView, Step},
};
use uuid::Uuid;

use crate::{i18n::Message, layout::Shell};

fn list(shell: &Shell, names: impl IntoIterator<Item = String>) -> String {
    names.into_iter().collect::<Vec<_>>().join(&shell.t("list-separator"))
}

/// A post with its organisation.
fn post_name(shell: &Shell, view: &ReorganisationView, post: Uuid) -> String {
    match view.posts.get(&post) {
        Some(post) => {
            shell.tr2("reorganisation-post", "organisation", view.name(post.organisation), "post", post.title.as_str())
        }
        None => shell.t("reorganisation-post-unknown"),
    }
}

fn new_text(shell: &Shell, territory: &Territory, view: &ReorganisationView, new: &NewOrganisation) -> Message {
    let key = if new.line.is_some() { "reorganisation-step-create-under" } else { "reorganisation-step-create" };
    Message::new(key)
        .with("name", &new.name)
        .with("kind", shell.word(&new.kind))
        .with("line", new.line.map_or("", |line| view.name(line)))
        .with("place", territory.full_name(new.location.place))
}

/// What a step does.
pub(crate) fn step_text(shell: &Shell, territory: &Territory, view: &ReorganisationView, step: &Step) -> String {
    let say = |key: &'static str, id: &Uuid| Message::new(key).with("name", view.name(*id));
    let message = match step {
        Step::Create(new) => new_text(shell, territory, view, new),
        Step::Close { organisation, heir: None } => say("reorganisation-step-close", organisation),
        Step::Close { organisation, heir: Some(heir) } => {
            say("reorganisation-step-close-heir", organisation).with("heir", view.name(*heir))
        }
        Step::Merge { from, into } => say("reorganisation-step-merge", into)
            .with("from", list(shell, from.iter().map(|id| shell.tr("reorganisation-quoted", "name", view.name(*id))))),
        Step::Split { organisation, parts, goes_on } => {
            let key = if *goes_on { "reorganisation-step-split" } else { "reorganisation-step-split-ends" };
            let parts = parts.iter().map(|part| shell.tr("reorganisation-quoted", "name", part.name.as_str()));
            say(key, organisation).with("parts", list(shell, parts))
        }
        Step::Rename { organisation, name, kind } => {
            let before = view.before.get(*organisation);
            let other_kind = before.is_some_and(|standing| standing.kind != *kind);
            let other_name = before.is_none_or(|standing| standing.name != *name);
            let key = match (other_kind, other_name) {
                (false, _) => "reorganisation-step-rename",
                (true, true) => "reorganisation-step-rename-kind",
                (true, false) => "reorganisation-step-kind-only",
            };
            say(key, organisation).with("new", name).with("kind", shell.word(kind))
        }
        Step::MoveLine { organisation, line: None } => say("reorganisation-step-line-none", organisation),
        Step::MoveLine { organisation, line: Some(line) } => {
            say("reorganisation-step-line", organisation).with("line", view.name(*line))
        }
        Step::MovePlace { organisation, location } => {
            say("reorganisation-step-place", organisation).with("place", territory.full_name(location.place))
        }
        Step::MovePost { post, organisation } => {
            say("reorganisation-step-move-post", organisation).with("post", post_name(shell, view, *post))
        }
        Step::EndPost { post } => {
            Message::new("reorganisation-step-end-post").with("post", post_name(shell, view, *post))
        }
    };
    shell.say(&message)
}

/// Why a reorganisation can't be put into force, and what to do.
pub(crate) fn fault_text(shell: &Shell, view: &ReorganisationView, fault: &Fault) -> String {
    let day = shell.fmt.day(view.reorganisation.effective_on);
    let say = |key: &'static str, id: &Uuid| Message::new(key).with("name", view.name(*id)).with("day", &day);
    let post = |key: &'static str, id: &Uuid| Message::new(key).with("post", post_name(shell, view, *id));
    let message = match fault {
        Fault::NotThere { step, organisation } => {
            say("reorganisation-fault-not-there", organisation).with("step", step + 1)
        }
        Fault::NoSuchPost { step, post: id } => {
            post("reorganisation-fault-no-such-post", id).with("step", step + 1).with("day", &day)
        }
        Fault::AlreadyThere { step, organisation } => {
            say("reorganisation-fault-already-there", organisation).with("step", step + 1)
        }
        Fault::Pointless { step } => Message::new("reorganisation-fault-pointless").with("step", step + 1),
        Fault::LaterChange { organisation, on } => {
            say("reorganisation-fault-later-change", organisation).with("on", shell.fmt.day(*on))
        }
        Fault::Circle { organisations } => {
            let names = organisations.iter().map(|id| shell.tr("reorganisation-quoted", "name", view.name(*id)));
            Message::new("reorganisation-fault-circle").with("names", list(shell, names))
        }
        Fault::Orphaned { organisation } => say("reorganisation-fault-orphaned", organisation),
        Fault::PostLeft { post: id } => post("reorganisation-fault-post-left", id),
        Fault::MembersLeft { organisation, members } => {
            say("reorganisation-fault-members-left", organisation).with("count", members)
        }
        Fault::AppointedLater { post: id, on } => {
            post("reorganisation-fault-appointed-later", id).with("on", shell.fmt.day(*on))
        }
    };
    shell.say(&message)
}
