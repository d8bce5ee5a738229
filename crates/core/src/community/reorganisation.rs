//! A reorganisation changes the structure on one day, in one act; nothing of the past is lost (S7, S8).

mod affected;

use std::collections::{BTreeMap, BTreeSet, HashMap};

pub use affected::Affected;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Location, OrganisationKind,
    post::Post,
    structure::{Standing, Structure},
};
use crate::period::Period;

coded! {
    /// How far a reorganisation is.
    ReorganisationState {
        /// 草案: can be changed.
        Draft => "draft",
        /// 已生效或待生效: the structure has it, from its day on.
        InForce => "in_force",
        /// 已撤回.
        Withdrawn => "withdrawn",
    }
}

/// An organisation that a reorganisation makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewOrganisation {
    /// Its identifier, given when the step is drafted, so that later steps can refer to it.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: OrganisationKind,
    /// Its superior in the line.
    pub line: Option<Uuid>,
    /// Where it is.
    pub location: Location,
}

/// One step. Steps are taken in order, each on what the ones before it left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// 新设.
    Create(NewOrganisation),
    /// 撤销: what is under it goes to `heir` in the line, and its posts too; without an heir there may be neither.
    Close {
        /// Which.
        organisation: Uuid,
        /// Who takes over what is under it, and its posts.
        heir: Option<Uuid>,
    },
    /// 合并: `from` are closed, `into` takes over what is under them, their posts and their members.
    Merge {
        /// Those that end.
        from: Vec<Uuid>,
        /// The one that goes on; it may have been created by a step before.
        into: Uuid,
    },
    /// 拆分: new ones come out of one, beside it under the same superior and at the same place; it goes on, or ends and the
    /// first of them takes over.
    Split {
        /// Which.
        organisation: Uuid,
        /// What comes out of it; their `line` and `location` are those of `organisation`.
        parts: Vec<NewOrganisation>,
        /// Whether it goes on beside them.
        goes_on: bool,
    },
    /// 更名, and of another kind if it is.
    Rename {
        /// Which.
        organisation: Uuid,
        /// The name from then on.
        name: String,
        /// The kind from then on.
        kind: OrganisationKind,
    },
    /// 调整隶属.
    MoveLine {
        /// Which.
        organisation: Uuid,
        /// The superior from then on; none for one without.
        line: Option<Uuid>,
    },
    /// 调整属地.
    MovePlace {
        /// Which.
        organisation: Uuid,
        /// Where it is from then on.
        location: Location,
    },
    /// 划转职务: the post and who holds it go to another organisation.
    MovePost {
        /// Which post.
        post: Uuid,
        /// To where.
        organisation: Uuid,
    },
    /// 撤销职务.
    EndPost {
        /// Which post.
        post: Uuid,
    },
}

/// Why a reorganisation can't be put into force.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The step (by number, from 0) speaks of an organisation that is not there on the day.
    NotThere {
        /// The step's number.
        step: usize,
        /// The organisation.
        organisation: Uuid,
    },
    /// The step speaks of a post that is not there on the day.
    NoSuchPost {
        /// The step's number.
        step: usize,
        /// The post.
        post: Uuid,
    },
    /// The step makes an organisation that is there already.
    AlreadyThere {
        /// The step's number.
        step: usize,
        /// The organisation.
        organisation: Uuid,
    },
    /// The step merges an organisation with itself, puts it under itself, or splits it into nothing.
    Pointless {
        /// The step's number.
        step: usize,
    },
    /// The organisation has a change on a later day already, which would be lost.
    LaterChange {
        /// The organisation.
        organisation: Uuid,
        /// The later day.
        on: NaiveDate,
    },
    /// These would stand in a circle.
    Circle {
        /// The circle, each under the next.
        organisations: Vec<Uuid>,
    },
    /// The organisation would be left under one that is gone.
    Orphaned {
        /// The organisation.
        organisation: Uuid,
    },
    /// The post would be left in an organisation that is gone.
    PostLeft {
        /// The post.
        post: Uuid,
    },
    /// The branch that ends has members, and nobody takes over from it.
    MembersLeft {
        /// The branch.
        organisation: Uuid,
        /// How many.
        members: usize,
    },
    /// The post ends on the day, and somebody is appointed to it from that day or later: that would be lost.
    AppointedLater {
        /// The post.
        post: Uuid,
        /// From when.
        on: NaiveDate,
    },
}

impl Fault {
    /// Its stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotThere { .. } => "not_there",
            Self::NoSuchPost { .. } => "no_such_post",
            Self::AlreadyThere { .. } => "already_there",
            Self::Pointless { .. } => "pointless",
            Self::LaterChange { .. } => "later_change",
            Self::Circle { .. } => "circle",
            Self::Orphaned { .. } => "orphaned",
            Self::PostLeft { .. } => "post_left",
            Self::MembersLeft { .. } => "members_left",
            Self::AppointedLater { .. } => "appointed_later",
        }
    }

    /// The number of the step, from 0, when it is one step's.
    #[must_use]
    pub const fn step(&self) -> Option<usize> {
        match self {
            Self::NotThere { step, .. }
            | Self::NoSuchPost { step, .. }
            | Self::AlreadyThere { step, .. }
            | Self::Pointless { step } => Some(*step),
            _ => None,
        }
    }

    /// The post that it speaks of.
    #[must_use]
    pub const fn post(&self) -> Option<Uuid> {
        match self {
            Self::NoSuchPost { post, .. } | Self::PostLeft { post } | Self::AppointedLater { post, .. } => Some(*post),
            _ => None,
        }
    }
}

/// What a reorganisation does, ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// All standings of every organisation that is touched, past ones too; they replace those that are stored.
    pub standings: Vec<Standing>,
    /// The organisations that are touched.
    pub touched: Vec<Uuid>,
    /// The organisations that are new.
    pub created: Vec<NewOrganisation>,
    /// Who takes over from whom in the end, for members and what else hangs on an organisation: one that ends, and one that
    /// is there on the day.
    pub heirs: Vec<(Uuid, Uuid)>,
    /// The organisations that end.
    pub closed: Vec<Uuid>,
    /// Posts that end on the day.
    pub ended_posts: Vec<Uuid>,
    /// Posts that go to another organisation on the day: `(post, organisation)`.
    pub moved_posts: Vec<(Uuid, Uuid)>,
    /// The structure of the day as it would be without the reorganisation.
    pub before: Structure,
    /// The structure of the day as it is with it.
    pub after: Structure,
}

/// The structure on which the steps work.
struct Work<'a> {
    day: NaiveDate,
    now: BTreeMap<Uuid, Standing>,
    posts: HashMap<Uuid, &'a Post>,
    post_homes: BTreeMap<Uuid, Uuid>,
    ended_posts: BTreeSet<Uuid>,
    created: Vec<NewOrganisation>,
    heirs: Vec<(Uuid, Uuid)>,
    faults: BTreeSet<Fault>,
}

/// Works a reorganisation of `day` out on `history`, all standings of all organisations, and on those of the `posts` that
/// exist on the day or later.
///
/// # Errors
/// Every fault, in order.
pub fn plan(
    day: NaiveDate,
    steps: &[Step],
    history: &[Standing],
    posts: &[Post],
    reorganisation: Uuid,
) -> Result<Plan, Vec<Fault>> {
    let before = Structure::new(day, history.iter().cloned());
    let mut work = Work {
        day,
        now: before.all().iter().map(|s| (s.organisation, s.clone())).collect(),
        posts: posts.iter().filter(|p| p.period.until.is_none_or(|until| until > day)).map(|p| (p.id, p)).collect(),
        post_homes: BTreeMap::new(),
        ended_posts: BTreeSet::new(),
        created: Vec::new(),
        heirs: Vec::new(),
        faults: BTreeSet::new(),
    };
    work.post_homes = work.posts.values().map(|p| (p.id, p.organisation)).collect();
    for (number, step) in steps.iter().enumerate() {
        work.take(number, step);
    }
    let (standings, touched) = work.merge_history(history, &before, reorganisation);
    work.check_posts();
    work.check_later_days(history, &standings, &touched);
    if !work.faults.is_empty() {
        return Err(work.faults.into_iter().collect());
    }
    let after = Structure::new(day, work.now.values().cloned());
    let closed = before.all().iter().map(|s| s.organisation).filter(|id| after.get(*id).is_none()).collect();
    let moved = |(post, home): (&Uuid, &Uuid)| {
        let was = work.posts.get(post).map(|p| p.organisation);
        (was != Some(*home) && !work.ended_posts.contains(post)).then_some((*post, *home))
    };
    let founded = |new: &NewOrganisation| after.get(new.id).is_some();
    Ok(Plan {
        moved_posts: work.post_homes.iter().filter_map(moved).collect(),
        ended_posts: work.ended_posts.iter().copied().collect(),
        heirs: work.last_heirs(&before),
        created: work.created.into_iter().filter(founded).collect(),
        standings,
        touched,
        closed,
        before,
        after,
    })
}

impl Work<'_> {
    fn take(&mut self, number: usize, step: &Step) {
        match step {
            Step::Create(new) => self.create(number, new.clone()),
            Step::Close { organisation, heir } => {
                if self.is_there(number, *organisation) && heir.is_none_or(|heir| self.is_there(number, heir)) {
                    self.close(number, *organisation, *heir);
                }
            }
            Step::Merge { from, into } => {
                if from.is_empty() {
                    self.faults.insert(Fault::Pointless { step: number });
                }
                for one in from {
                    if self.is_there(number, *one) && self.is_there(number, *into) {
                        self.close(number, *one, Some(*into));
                    }
                }
            }
            Step::Split { organisation, parts, goes_on } => self.split(number, *organisation, parts, *goes_on),
            Step::Rename { organisation, name, kind } => self.change(number, *organisation, |standing| {
                standing.name.clone_from(name);
                standing.kind = *kind;
            }),
            Step::MoveLine { organisation, line } => {
                if *line == Some(*organisation) {
                    self.faults.insert(Fault::Pointless { step: number });
                } else if line.is_none_or(|line| self.is_there(number, line)) {
                    self.change(number, *organisation, |standing| {
                        standing.line = *line;
                        standing.line_outside.take_if(|_| line.is_some());
                    });
                }
            }
            Step::MovePlace { organisation, location } => {
                self.change(number, *organisation, |standing| standing.location = *location);
            }
            Step::MovePost { post, organisation } => {
                if self.is_there(number, *organisation) {
                    match self.post_homes.get_mut(post) {
                        Some(home) => *home = *organisation,
                        None => drop(self.faults.insert(Fault::NoSuchPost { step: number, post: *post })),
                    }
                }
            }
            Step::EndPost { post } => {
                if self.posts.contains_key(post) {
                    self.ended_posts.insert(*post);
                } else {
                    self.faults.insert(Fault::NoSuchPost { step: number, post: *post });
                }
            }
        }
    }

    fn is_there(&mut self, step: usize, organisation: Uuid) -> bool {
        let there = self.now.contains_key(&organisation);
        if !there {
            self.faults.insert(Fault::NotThere { step, organisation });
        }
        there
    }

    fn change(&mut self, step: usize, organisation: Uuid, with: impl FnOnce(&mut Standing)) {
        match self.now.get_mut(&organisation) {
            Some(standing) => with(standing),
            None => drop(self.faults.insert(Fault::NotThere { step, organisation })),
        }
    }

    fn create(&mut self, step: usize, new: NewOrganisation) {
        if self.now.contains_key(&new.id) {
            self.faults.insert(Fault::AlreadyThere { step, organisation: new.id });
            return;
        }
        if let Some(line) = new.line
            && !self.is_there(step, line)
        {
            return;
        }
        let standing = Standing {
            organisation: new.id,
            period: Period::since(self.day),
            name: new.name.clone(),
            kind: new.kind,
            line: new.line,
            line_outside: None,
            location: new.location,
            reorganisation: None,
        };
        self.now.insert(new.id, standing);
        self.created.push(new);
    }

    /// Ends an organisation; its heir takes over what is under it and its posts.
    fn close(&mut self, step: usize, organisation: Uuid, heir: Option<Uuid>) {
        if heir == Some(organisation) {
            self.faults.insert(Fault::Pointless { step });
            return;
        }
        let closed = self.now.remove(&organisation);
        let Some(heir) = heir else { return };
        for standing in self.now.values_mut().filter(|s| s.line == Some(organisation)) {
            // An heir that was under the one that ends moves up to where that one stood.
            standing.line =
                if standing.organisation == heir { closed.as_ref().and_then(|c| c.line) } else { Some(heir) };
        }
        for home in self.post_homes.values_mut().filter(|home| **home == organisation) {
            *home = heir;
        }
        self.heirs.push((organisation, heir));
    }

    /// Who takes over in the end from each organisation that ends: the heir of an heir, when that one ends too.
    fn last_heirs(&self, before: &Structure) -> Vec<(Uuid, Uuid)> {
        let ended = self.heirs.iter().map(|(gone, _)| *gone).filter(|gone| before.get(*gone).is_some());
        let last = |gone: Uuid| self.heirs.iter().fold(gone, |at, (gone, heir)| if at == *gone { *heir } else { at });
        ended.map(|gone| (gone, last(gone))).filter(|(_, heir)| self.now.contains_key(heir)).collect()
    }

    fn split(&mut self, step: usize, organisation: Uuid, parts: &[NewOrganisation], goes_on: bool) {
        let Some(whole) = self.now.get(&organisation).cloned() else {
            self.faults.insert(Fault::NotThere { step, organisation });
            return;
        };
        for part in parts {
            self.create(step, NewOrganisation { line: whole.line, location: whole.location, ..part.clone() });
        }
        match parts.first() {
            None => drop(self.faults.insert(Fault::Pointless { step })),
            Some(first) if !goes_on => self.close(step, organisation, Some(first.id)),
            Some(_) => {}
        }
    }

    /// The past as it was and the day as it is now, of every organisation that changed.
    fn merge_history(
        &mut self,
        history: &[Standing],
        before: &Structure,
        reorganisation: Uuid,
    ) -> (Vec<Standing>, Vec<Uuid>) {
        let ids: BTreeSet<Uuid> = before.all().iter().map(|s| s.organisation).chain(self.now.keys().copied()).collect();
        let touched: Vec<Uuid> = ids.into_iter().filter(|id| before.get(*id) != self.now.get(id)).collect();
        let mut standings = Vec::new();
        for id in &touched {
            for standing in history.iter().filter(|s| s.organisation == *id) {
                if standing.period.from > self.day {
                    self.faults.insert(Fault::LaterChange { organisation: *id, on: standing.period.from });
                }
                let past = standing.period.ended(self.day);
                standings.extend(past.map(|period| Standing { period, ..standing.clone() }));
            }
            if let Some(now) = self.now.get_mut(id) {
                now.period = Period { from: self.day, until: before.get(*id).and_then(|s| s.period.until) };
                now.reorganisation = Some(reorganisation);
                standings.push(now.clone());
            }
        }
        (standings, touched)
    }

    fn check_posts(&mut self) {
        for (post, home) in &self.post_homes {
            if !self.ended_posts.contains(post) && !self.now.contains_key(home) {
                self.faults.insert(Fault::PostLeft { post: *post });
            }
        }
    }

    /// No circle and no orphan on the day, nor on any later day on which something changes.
    fn check_later_days(&mut self, history: &[Standing], standings: &[Standing], touched: &[Uuid]) {
        let all: Vec<&Standing> =
            history.iter().filter(|s| touched.binary_search(&s.organisation).is_err()).chain(standings).collect();
        let turns = all.iter().flat_map(|s| [Some(s.period.from), s.period.until]).flatten();
        let days: BTreeSet<NaiveDate> = turns.filter(|on| *on > self.day).chain([self.day]).collect();
        for day in days {
            let structure = Structure::new(day, all.iter().map(|s| (*s).clone()));
            if let Some(cycle) = structure.cycle() {
                self.faults.insert(Fault::Circle { organisations: cycle.0 });
            }
            for orphan in structure.orphans() {
                self.faults.insert(Fault::Orphaned { organisation: orphan.organisation });
            }
        }
    }
}
