//! The trees of organisations, by line and by territory: nested lists that open and close without a script.

use std::collections::{HashMap, HashSet, VecDeque};

use askama::Template;
use axum::{extract::State, response::Response};
use tongxin_app::community::{
    Territory,
    structure::{self, Shape, Standing, Structure},
};
use tongxin_core::community::OrganisationKind;
use uuid::Uuid;

use super::{address, asked_day, title, views};
use crate::{
    Web,
    error::WebError,
    layout::{Shell, page},
    paging::ListQuery,
    session::Who,
};

/// The most organisations in one tree; what lies deeper is one link further.
const NODES_MAX: usize = 800;
/// The most organisations listed at one place in the tree of the whole territory.
const PLACE_MAX: usize = 40;
/// How many levels are open at first.
const OPEN_LEVELS: usize = 2;

/// One step through a tree.
pub(in crate::pages) enum Item {
    /// A node with others in it, which follow until [`Item::Close`].
    Open(Node, bool),
    /// A node with none in it.
    Leaf(Node),
    /// The end of the latest open node.
    Close,
}

/// A node of a tree.
#[derive(Default)]
pub(in crate::pages) struct Node {
    pub name: String,
    pub href: String,
    pub note: String,
    /// How many are in it, and where they can be seen, when they don't fit.
    pub more: Option<(usize, String)>,
    /// How it differs from another day, in words.
    pub marks: Vec<String>,
}

#[derive(Template)]
#[template(path = "organisations/tree.html")]
struct TreePage {
    shell: Shell,
    list: ListQuery,
    view: &'static str,
    lead: String,
    items: Vec<Item>,
    /// The way up from a part of the tree.
    up: Vec<(String, String)>,
    /// Organisations that are in no line here, by kind: kind, how many, where they are listed.
    alone: Vec<(String, usize, String)>,
    shape: Option<Shape>,
}

impl TreePage {
    fn views(&self) -> Vec<(bool, String, String)> {
        views(&self.shell, &self.list, self.view)
    }
}

/// The organisations whose subordinates fit, level by level.
fn expanded(structure: &Structure, roots: &[Uuid]) -> HashSet<Uuid> {
    let mut shown = roots.len();
    let mut expanded = HashSet::new();
    let mut queue: VecDeque<Uuid> = roots.iter().copied().collect();
    while let Some(id) = queue.pop_front() {
        let below: Vec<Uuid> = structure.below(id).map(|s| s.organisation).collect();
        if shown + below.len() > NODES_MAX {
            continue;
        }
        shown += below.len();
        expanded.insert(id);
        queue.extend(below);
    }
    expanded
}

struct LineTree<'a> {
    shell: &'a Shell,
    list: &'a ListQuery,
    territory: &'a Territory,
    structure: &'a Structure,
    expanded: HashSet<Uuid>,
}

impl LineTree<'_> {
    fn node(&self, standing: &Standing) -> Node {
        let place = self.territory.full_name(standing.location.place);
        Node {
            name: standing.name.clone(),
            href: address(self.list, standing.organisation),
            note: format!("{} · {place}", self.shell.word(&standing.kind)),
            ..Node::default()
        }
    }

    fn walk(&self, standing: &Standing, depth: usize, items: &mut Vec<Item>) {
        let id = standing.organisation;
        let below: Vec<&Standing> = self.structure.below(id).collect();
        let mut node = self.node(standing);
        if below.is_empty() {
            items.push(Item::Leaf(node));
        } else if self.expanded.contains(&id) {
            items.push(Item::Open(node, depth < OPEN_LEVELS));
            for standing in below {
                self.walk(standing, depth + 1, items);
            }
            items.push(Item::Close);
        } else {
            node.more = Some((below.len(), self.list.link(&[("root", &id.to_string())])));
            items.push(Item::Leaf(node));
        }
    }
}

pub(super) async fn line(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
) -> Result<Response, WebError> {
    let structure = structure::structure(&web.app, &who, asked_day(&list, "on")).await?;
    let territory = web.app.territory().await?;
    let root = list.get("root").and_then(|id| id.parse().ok()).and_then(|id| structure.get(id));
    let has_below = |s: &&Standing| structure.below(s.organisation).next().is_some();
    let roots: Vec<&Standing> = root.map_or_else(|| structure.tops().filter(has_below).collect(), |root| vec![root]);
    let ids: Vec<Uuid> = roots.iter().map(|s| s.organisation).collect();
    let tree = LineTree {
        shell: &shell,
        list: &list,
        territory: &territory,
        structure: &structure,
        expanded: expanded(&structure, &ids),
    };
    let mut items = Vec::new();
    for standing in &roots {
        tree.walk(standing, 0, &mut items);
    }
    let (mut up, mut alone, mut shape) = (Vec::new(), Vec::new(), structure.whole_shape());
    if let Some(root) = root {
        up.push((shell.t("organisation-tree-all"), list.link(&[("root", "")])));
        let above = structure.above(root.organisation);
        let link = |s: &&Standing| (s.name.clone(), list.link(&[("root", &s.organisation.to_string())]));
        up.extend(above.iter().rev().map(link));
        shape = structure.shape(root.organisation);
    } else {
        alone = alone_by_kind(&shell, &list, structure.tops().filter(|s| !has_below(s)));
    }
    let title = title(&shell, "organisation-line-title", &list);
    page(&TreePage {
        items,
        up,
        alone,
        shape: Some(shape),
        view: "line",
        lead: shell.t("organisation-line-lead"),
        shell: shell.page(title, "organisations"),
        list,
    })
}

/// Those without anybody above or below, by kind.
fn alone_by_kind<'a>(
    shell: &Shell,
    list: &ListQuery,
    alone: impl Iterator<Item = &'a Standing>,
) -> Vec<(String, usize, String)> {
    let mut counts: HashMap<OrganisationKind, usize> = HashMap::new();
    for standing in alone {
        *counts.entry(standing.kind).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_unstable();
    let base = list.carry("/organisations", &["on"]);
    let join = if base.contains('?') { '&' } else { '?' };
    counts
        .into_iter()
        .map(|(kind, count)| (shell.word(&kind), count, format!("{base}{join}line=none&kind={}", kind.code())))
        .collect()
}

struct TerritoryTree<'a> {
    shell: &'a Shell,
    list: &'a ListQuery,
    territory: &'a Territory,
    here: HashMap<Uuid, Vec<&'a Standing>>,
    most: usize,
}

impl TerritoryTree<'_> {
    /// How many organisations are at a place and in all that lies in it.
    fn count(&self, place: Uuid) -> usize {
        let inside: usize = self.territory.children(place).iter().map(|p| self.count(p.id)).sum();
        self.here.get(&place).map_or(0, Vec::len) + inside
    }

    fn walk(&self, place: Uuid, depth: usize, items: &mut Vec<Item>) {
        let Some(found) = self.territory.place(place) else { return };
        let here: &[&Standing] = self.here.get(&place).map_or(&[], Vec::as_slice);
        let count = self.count(place);
        let kind = self.shell.word(&found.kind);
        let mut node = Node {
            name: found.name.clone(),
            href: format!("/places/{place}"),
            note: format!("{kind} · {}", self.shell.tr("organisation-count", "count", count)),
            ..Node::default()
        };
        let children = self.territory.children(place);
        if here.len() > self.most {
            node.more = Some((here.len(), self.list.link(&[("root", &place.to_string())])));
        }
        let shown = if here.len() > self.most { &[][..] } else { here };
        if shown.is_empty() && children.is_empty() {
            items.push(Item::Leaf(node));
            return;
        }
        items.push(Item::Open(node, depth < OPEN_LEVELS));
        for standing in shown {
            items.push(Item::Leaf(Node {
                name: standing.name.clone(),
                href: address(self.list, standing.organisation),
                note: self.shell.word(&standing.kind),
                ..Node::default()
            }));
        }
        for child in children {
            self.walk(child.id, depth + 1, items);
        }
        items.push(Item::Close);
    }
}

pub(super) async fn territory(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
) -> Result<Response, WebError> {
    let structure = structure::structure(&web.app, &who, asked_day(&list, "on")).await?;
    let territory = web.app.territory().await?;
    let root = list.get("root").and_then(|id| id.parse().ok()).and_then(|id| territory.place(id)).map(|p| p.id);
    let mut here: HashMap<Uuid, Vec<&Standing>> = HashMap::new();
    for standing in structure.all() {
        here.entry(standing.location.place).or_default().push(standing);
    }
    let most = if root.is_some() || structure.all().len() <= NODES_MAX { usize::MAX } else { PLACE_MAX };
    let tree = TerritoryTree { shell: &shell, list: &list, territory: &territory, here, most };
    let mut items = Vec::new();
    tree.walk(root.unwrap_or_else(|| territory.root()), 0, &mut items);
    let mut up = Vec::new();
    if let Some(root) = root {
        let above: Vec<Uuid> = std::iter::successors(territory.parent(root), |id| territory.parent(*id)).collect();
        let link = |id: &Uuid| {
            let root = if *id == territory.root() { String::new() } else { id.to_string() };
            Some((territory.place(*id)?.name.clone(), list.link(&[("root", &root)])))
        };
        up.extend(above.iter().rev().filter_map(link));
    }
    let title = title(&shell, "organisation-territory-title", &list);
    page(&TreePage {
        items,
        up,
        alone: Vec::new(),
        shape: None,
        view: "territory",
        lead: shell.t("organisation-territory-lead"),
        shell: shell.page(title, "organisations"),
        list,
    })
}
