//! Before and after, side by side: the trees of what is affected, levels and spans, and every organisation that differs.

use std::collections::HashMap;

use tongxin_app::community::{
    Territory,
    reorganisation::{ReorganisationState, ReorganisationView},
    structure::{Comparison, Difference, Structure},
};
use uuid::Uuid;

use crate::{
    layout::Shell,
    pages::organisations::{
        changes::{Differences, groups},
        trees::{Item, Node},
    },
};

/// The most organisations in one of the two trees.
const NODES_MAX: usize = 300;

/// Both sides.
pub(super) struct Preview {
    pub before: Vec<Item>,
    pub after: Vec<Item>,
    /// Whether a tree is longer than is shown.
    pub cut: bool,
    pub differences: Differences,
}

struct Tree<'a> {
    shell: &'a Shell,
    /// What is affected, and the whole of the same day.
    part: &'a Structure,
    whole: &'a Structure,
    marks: &'a HashMap<Uuid, Vec<Difference>>,
    /// Whether the organisation has a page on the day.
    has_page: &'a dyn Fn(Uuid) -> bool,
    left: usize,
    items: Vec<Item>,
}

impl Tree<'_> {
    fn walk(&mut self, id: Uuid) {
        let Some(standing) = self.part.get(id).filter(|_| self.left > 0) else { return };
        self.left -= 1;
        let below: Vec<Uuid> = self.part.below(id).map(|s| s.organisation).collect();
        let others = self.whole.below(id).count().saturating_sub(below.len());
        let mut note = self.shell.word(&standing.kind);
        if others > 0 {
            note = format!("{note} · {}", self.shell.tr("reorganisation-others", "count", others));
        }
        let day = self.part.day();
        let node = Node {
            name: standing.name.clone(),
            href: if (self.has_page)(id) { format!("/organisations/{id}?on={day}") } else { String::new() },
            note,
            marks: self.marks.get(&id).into_iter().flatten().map(|how| self.shell.word(how)).collect(),
            ..Node::default()
        };
        if below.is_empty() {
            self.items.push(Item::Leaf(node));
            return;
        }
        self.items.push(Item::Open(node, true));
        for id in below {
            self.walk(id);
        }
        self.items.push(Item::Close);
    }
}

/// What levels, spans and numbers become, in one sentence.
pub(super) fn levels(shell: &Shell, view: &ReorganisationView) -> String {
    let Some((before, after)) = view.shapes() else { return String::new() };
    shell.locale().tr_args(
        "reorganisation-levels",
        &[
            ("levels", &before.levels),
            ("new_levels", &after.levels),
            ("span", &before.widest_span),
            ("new_span", &after.widest_span),
            ("count", &before.organisations),
            ("new_count", &after.organisations),
        ],
    )
}

/// Both sides of a reorganisation without faults that changes anything.
pub(super) fn preview(shell: &Shell, territory: &Territory, view: &ReorganisationView) -> Option<Preview> {
    let (affected, after) = view.affected.as_ref().zip(view.after.as_ref())?;
    let (before_shape, after_shape) = view.shapes()?;
    let differences = view.differences();
    if differences.is_empty() {
        return None;
    }
    let mut marks: HashMap<Uuid, Vec<Difference>> = HashMap::new();
    for (id, how) in &differences {
        marks.entry(*id).or_default().push(*how);
    }
    // What a draft founds has no page yet.
    let is_draft = view.reorganisation.state != ReorganisationState::InForce;
    let has_page = |id: Uuid| !is_draft || view.before.get(id).is_some();
    let mut cut = false;
    let mut tree = |part: &Structure, whole: &Structure| {
        let (marks, has_page): (_, &dyn Fn(Uuid) -> bool) = (&marks, &has_page);
        let mut tree = Tree { shell, part, whole, marks, has_page, left: NODES_MAX, items: Vec::new() };
        part.tops().for_each(|top| tree.walk(top.organisation));
        cut |= part.all().len() > NODES_MAX;
        tree.items
    };
    let (before_items, after_items) = (tree(&affected.before, &view.before), tree(&affected.after, after));
    let comparison = Comparison { before: view.before.clone(), after: after.clone(), differences };
    let mut groups = groups(shell, territory, &comparison);
    for row in groups.iter_mut().flat_map(|group| &mut group.rows) {
        let id = row.1.trim_start_matches("/organisations/").split('?').next().and_then(|id| id.parse().ok());
        if id.is_some_and(|id| !has_page(id)) {
            row.1.clear();
        }
    }
    Some(Preview {
        before: before_items,
        after: after_items,
        cut,
        differences: Differences {
            was: shell.t("reorganisation-before"),
            is: shell.t("reorganisation-after"),
            before: before_shape,
            after: after_shape,
            groups,
        },
    })
}
