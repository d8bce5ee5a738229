//! The matrix: lines against residential areas. Each organisation stands in one row by its line and in one column by its
//! territory (S15).

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    OrganisationKind,
    structure::{Standing, Structure},
};

/// What a row of the matrix holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Line {
    /// An organisation without a superior here, with those directly under it that have nothing under them.
    Top(Uuid),
    /// An organisation directly under such a one, with all that is under it.
    Body(Uuid),
    /// Organisations of one kind that have nobody above or below them here.
    Alone(OrganisationKind),
}

/// The organisations of one day by line and residential area; the area is none for the community as a whole.
#[derive(Debug, Clone)]
pub struct Matrix<'a> {
    /// The rows: each top with its bodies, then those that stand alone, by kind.
    pub lines: Vec<Line>,
    cells: HashMap<(Line, Option<Uuid>), Vec<&'a Standing>>,
}

impl<'a> Matrix<'a> {
    /// The matrix of a day's structure.
    #[must_use]
    pub fn new(structure: &'a Structure) -> Self {
        let mut matrix = Self { lines: Vec::new(), cells: HashMap::new() };
        let mut alone = Vec::new();
        for top in structure.tops() {
            if structure.below(top.organisation).next().is_none() {
                alone.push(top);
                continue;
            }
            let own = Line::Top(top.organisation);
            matrix.lines.push(own);
            matrix.put(own, top);
            for body in structure.below(top.organisation) {
                if structure.below(body.organisation).next().is_none() {
                    matrix.put(own, body);
                    continue;
                }
                let line = Line::Body(body.organisation);
                matrix.lines.push(line);
                for (_, standing) in structure.subtree(body.organisation) {
                    matrix.put(line, standing);
                }
            }
        }
        for standing in &alone {
            matrix.put(Line::Alone(standing.kind), standing);
        }
        let has = |kind: &OrganisationKind| alone.iter().any(|s| s.kind == *kind);
        matrix.lines.extend(OrganisationKind::ALL.iter().copied().filter(has).map(Line::Alone));
        matrix
    }

    fn put(&mut self, line: Line, standing: &'a Standing) {
        self.cells.entry((line, standing.location.area)).or_default().push(standing);
    }

    /// The organisations of a line in an area, in the order of the line.
    #[must_use]
    pub fn cell(&self, line: Line, area: Option<Uuid>) -> &[&'a Standing] {
        self.cells.get(&(line, area)).map_or(&[], Vec::as_slice)
    }
}
