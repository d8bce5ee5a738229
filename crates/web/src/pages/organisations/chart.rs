//! The chart of the organisations: drawn here, so that it can be read and printed without a script; a script adds zooming,
//! moving, opening and closing.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::State, response::Response};
use tongxin_app::community::{
    Territory,
    structure::{self, Standing, Structure},
};
use uuid::Uuid;

use super::{address, asked_day, superiors, title, views};
use crate::{
    Web,
    error::WebError,
    form::Choice,
    layout::{Shell, page},
    paging::ListQuery,
    session::Who,
};

/// The most nodes of one chart; what lies deeper is one link further.
const NODES_MAX: usize = 400;
/// How many levels are drawn at first.
const LEVELS: usize = 3;
/// The distance of two levels and of two rows, and the size of a box, in the chart's own units.
const COLUMN: usize = 252;
const ROW: usize = 40;
const BOX_WIDTH: usize = 212;
const BOX_HEIGHT: usize = 32;
/// How wide a name may be, in units of half a Chinese character.
const NAME_WIDTH: usize = 28;

/// A node before it has its place.
struct Node {
    parent: Option<usize>,
    depth: usize,
    name: String,
    note: String,
    href: String,
    /// How many are under it in all, drawn or not.
    below: usize,
}

/// A node that is drawn.
struct Drawn {
    node: Node,
    x: usize,
    y: usize,
    is_shown: bool,
    /// Whether it has others under it that can be opened and closed here, and whether they are open.
    opens: Option<bool>,
    /// The line to its parent; empty for a root.
    path: String,
    short: String,
}

#[derive(Template)]
#[template(path = "organisations/chart.html")]
struct ChartPage {
    shell: Shell,
    list: ListQuery,
    lines: Vec<Choice>,
    levels: Vec<Choice>,
    by: Vec<Choice>,
    /// How many levels are drawn open.
    drawn: String,
    nodes: Vec<Drawn>,
    width: usize,
    height: usize,
    /// Whether some did not fit.
    is_cut: bool,
    days: String,
}

impl ChartPage {
    fn views(&self) -> Vec<(bool, String, String)> {
        views(&self.shell, &self.list, "chart")
    }

    /// What the script has to know of the drawing: distances and size of a box.
    fn measures(&self) -> String {
        format!("{COLUMN} {ROW} {BOX_WIDTH} {BOX_HEIGHT}")
    }
}

/// Gathers the nodes, each before those under it.
struct Gather<'a> {
    shell: &'a Shell,
    list: &'a ListQuery,
    structure: &'a Structure,
    nodes: Vec<Node>,
    is_cut: bool,
}

impl Gather<'_> {
    fn push(&mut self, node: Node) -> Option<usize> {
        if self.nodes.len() >= NODES_MAX {
            self.is_cut = true;
            return None;
        }
        self.nodes.push(node);
        Some(self.nodes.len() - 1)
    }

    fn line(&mut self, standing: &Standing, parent: Option<usize>, depth: usize) {
        let below: Vec<Standing> = self.structure.below(standing.organisation).cloned().collect();
        let node = self.organisation(standing, parent, depth, below.len());
        let Some(at) = self.push(node) else { return };
        for standing in &below {
            self.line(standing, Some(at), depth + 1);
        }
    }

    fn organisation(&self, standing: &Standing, parent: Option<usize>, depth: usize, below: usize) -> Node {
        Node {
            parent,
            depth,
            name: standing.name.clone(),
            note: self.shell.word(&standing.kind),
            href: address(self.list, standing.organisation),
            below,
        }
    }

    fn place(
        &mut self,
        territory: &Territory,
        here: &HashMap<Uuid, Vec<Standing>>,
        id: Uuid,
        at: (Option<usize>, usize),
    ) {
        let Some(place) = territory.place(id) else { return };
        let (parent, depth) = at;
        let (inside, children) = (here.get(&id).map_or(&[][..], Vec::as_slice), territory.children(id));
        let node = Node {
            parent,
            depth,
            name: place.name.clone(),
            note: self.shell.word(&place.kind),
            href: format!("/places/{id}"),
            below: inside.len() + children.len(),
        };
        let Some(own) = self.push(node) else { return };
        for child in children {
            self.place(territory, here, child.id, (Some(own), depth + 1));
        }
        for standing in inside {
            let node = self.organisation(standing, Some(own), depth + 1, 0);
            self.push(node);
        }
    }
}

/// Gives each node its place: those under one stand in a row, and it in their middle.
fn draw(nodes: Vec<Node>, levels: usize) -> (Vec<Drawn>, usize, usize) {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (at, node) in nodes.iter().enumerate() {
        if let Some(parent) = node.parent {
            children[parent].push(at);
        }
    }
    let is_open = |at: usize| !children[at].is_empty() && nodes[at].depth + 1 < levels;
    let mut y = vec![0; nodes.len()];
    let mut next = 0;
    for at in 0..nodes.len() {
        if nodes[at].depth < levels && !is_open(at) {
            y[at] = next;
            next += ROW;
        }
    }
    for at in (0..nodes.len()).rev() {
        if is_open(at)
            && let (Some(first), Some(last)) = (children[at].first(), children[at].last())
        {
            y[at] = usize::midpoint(y[*first], y[*last]);
        }
    }
    let deepest = nodes.iter().map(|n| n.depth).filter(|depth| *depth < levels).max().unwrap_or(0);
    let drawn = nodes.iter().map(|node| node.parent).zip(0..).map(|(parent, at)| {
        let (x, y_own) = (nodes[at].depth * COLUMN, y[at]);
        let middle = BOX_HEIGHT / 2;
        let path = parent.map(|p| {
            let (from_x, from_y) = (nodes[p].depth * COLUMN + BOX_WIDTH, y[p] + middle);
            format!("M{from_x} {from_y}H{}V{}H{x}", x - (COLUMN - BOX_WIDTH) / 2, y_own + middle)
        });
        (x, y_own, nodes[at].depth < levels, (!children[at].is_empty()).then(|| is_open(at)), path.unwrap_or_default())
    });
    let places: Vec<_> = drawn.collect();
    let drawn = nodes
        .into_iter()
        .zip(places)
        .map(|(node, (x, y, is_shown, opens, path))| Drawn {
            short: short(&node.name),
            node,
            x,
            y,
            is_shown,
            opens,
            path,
        })
        .collect();
    (drawn, deepest * COLUMN + BOX_WIDTH, next.max(ROW))
}

/// A name that fits into its box; the whole name is read out and shown as the title.
fn short(name: &str) -> String {
    let mut width = 0;
    let mut short = String::new();
    for c in name.chars() {
        width += if c.is_ascii() { 1 } else { 2 };
        if width > NAME_WIDTH {
            short.pop();
            short.push('…');
            break;
        }
        short.push(c);
    }
    short
}

pub(super) async fn show(
    State(web): State<Web>,
    Who(who): Who,
    shell: Shell,
    list: ListQuery,
) -> Result<Response, WebError> {
    let structure = structure::structure(&web.app, &who, asked_day(&list, "on")).await?;
    let territory = web.app.territory().await?;
    let levels = list.get("levels").and_then(|n| n.parse().ok()).unwrap_or(LEVELS).clamp(1, 20);
    let line: Option<Uuid> = list.get("line").and_then(|id| id.parse().ok());
    let mut gather = Gather { shell: &shell, list: &list, structure: &structure, nodes: Vec::new(), is_cut: false };
    if list.is("by", "territory") {
        let mut here: HashMap<Uuid, Vec<Standing>> = HashMap::new();
        for standing in structure.all() {
            here.entry(standing.location.place).or_default().push(standing.clone());
        }
        gather.place(&territory, &here, territory.root(), (None, 0));
    } else {
        let has_below = |s: &&Standing| structure.below(s.organisation).next().is_some();
        let roots: Vec<&Standing> = match line.and_then(|id| structure.get(id)) {
            Some(root) => vec![root],
            None => structure.tops().filter(has_below).collect(),
        };
        for standing in roots {
            gather.line(standing, None, 0);
        }
    }
    let Gather { nodes, is_cut, .. } = gather;
    let (nodes, width, height) = draw(nodes, levels);
    let (title, days) = (title(&shell, "organisation-chart-title", &list), shell.fmt.day(structure.day()));
    page(&ChartPage {
        lines: superiors(&structure),
        levels: (1..=6).map(|n| Choice::new(n, shell.tr("organisation-chart-levels", "levels", n))).collect(),
        by: [("line", "organisation-view-line"), ("territory", "organisation-view-territory")]
            .map(|(value, key)| Choice::new(value, shell.t(key)))
            .into(),
        drawn: levels.to_string(),
        nodes,
        width,
        height,
        is_cut,
        days,
        shell: shell.page(title, "organisations"),
        list,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(parent: Option<usize>, depth: usize) -> Node {
        Node { parent, depth, name: String::new(), note: String::new(), href: String::new(), below: 0 }
    }

    #[test]
    fn boxes_do_not_lie_on_each_other() {
        let nodes = vec![node(None, 0), node(Some(0), 1), node(Some(1), 2), node(Some(1), 2), node(Some(0), 1)];
        let (drawn, width, height) = draw(nodes, 3);
        let mut places: Vec<_> = drawn.iter().map(|d| (d.x, d.y)).collect();
        assert_eq!(places, [(0, 50), (252, 20), (504, 0), (504, 40), (252, 80)]);
        places.dedup();
        assert_eq!((places.len(), width, height), (5, 504 + BOX_WIDTH, 120));
        assert_eq!(drawn[1].path, "M212 66H232V36H252");
        assert_eq!((drawn[0].opens, drawn[2].opens), (Some(true), None));
    }

    #[test]
    fn deeper_levels_wait_to_be_opened() {
        let nodes = vec![node(None, 0), node(Some(0), 1), node(Some(1), 2)];
        let (drawn, width, height) = draw(nodes, 2);
        assert_eq!(drawn.iter().map(|d| d.is_shown).collect::<Vec<_>>(), [true, true, false]);
        assert_eq!((drawn[1].opens, width, height), (Some(false), COLUMN + BOX_WIDTH, ROW));
    }

    #[test]
    fn a_long_name_is_cut() {
        assert_eq!(short("静安寺街道党工委"), "静安寺街道党工委");
        assert_eq!(short("静安寺街道社会组织联合会联合党总支委员会"), "静安寺街道社会组织联合会联…");
    }
}
