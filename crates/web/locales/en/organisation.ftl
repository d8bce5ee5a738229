# Organisations: line, territory, matrix

as-of = As of
as-of-show = Show this day
as-of-today = Back to today

organisation-tabs = Organisations
organisation-tab-structure = Structure
organisation-views = Views
organisation-view-list = List
organisation-view-line = By line
organisation-view-territory = By territory
organisation-view-matrix = Matrix
organisation-view-chart = Chart
organisation-view-changes = Before and after
organisation-title-on = { $title }, { $day }
organisation-list-title = Organisations
organisation-list-lead = Every organisation stands in a line and in a territory. See them as of any day.
organisation-file = organisations-{ $day }
organisation-new = Found an organisation
organisation-none = No such organisation
organisation-none-text = Try another filter or another day.
organisation-filter-line = In the line of
organisation-filter-place = Place
organisation-without-superior = No superior in the community
organisation-outside = { $name } (outside the community)
organisation-under = under { $name }
organisation-count = { $count ->
    [one] 1 organisation
   *[other] { $count } organisations
}
organisation-column-name = Name
organisation-column-kind = Kind
organisation-column-superior = Superior
organisation-column-outside = Superior outside
organisation-column-place = Place
organisation-column-below = Directly below
organisation-column-from = From
organisation-column-until = Until
organisation-days-always = Unchanged
organisation-days-since = since { $from }
organisation-days-until = until { $until }
organisation-days-between = { $from } to { $until }

organisation-line-title = Organisations by line
organisation-line-lead = From superiors down, level by level.
organisation-territory-title = Organisations by territory
organisation-territory-lead = What there is in the community, its areas, lanes and buildings.
organisation-shape = { $levels } levels, at most { $span } under one, { $count } in all
organisation-tree-up = Superiors
organisation-tree-all = All
organisation-tree-more = { $count } below, show them
organisation-open-all = Open all
organisation-close-all = Close all
organisation-alone = Organisations without anybody above or below them here

organisation-matrix-title = Matrix of lines and areas
organisation-matrix-lead = Rows are lines, columns are residential areas. A number opens to the organisations behind it.
organisation-matrix-line = Line
organisation-matrix-community = Subdistrict
organisation-matrix-total = Total
organisation-matrix-top = itself and directly under
organisation-matrix-alone = { $kind } (no superior)
organisation-matrix-cell = { $line }, { $area }: { $count }
organisation-matrix-close = Close

organisation-chart-title = Chart of the organisations
organisation-chart-lead = A box leads to its organisation, a circle opens and closes it. The chart zooms, moves and prints.
organisation-chart-by = Structure
organisation-chart-levels = { $levels ->
    [one] 1 level
   *[other] { $levels } levels
}
organisation-chart-cut = There are too many organisations for one chart. Choose one to see what is under it.
organisation-chart-tools = Tools of the chart
organisation-chart-of = Organisations on { $day }
organisation-chart-toggle = Open or close { $name }
organisation-zoom-in = Larger
organisation-zoom-out = Smaller
organisation-zoom-fit = Fit

organisation-changes-title = Before and after
organisation-changes-lead = Levels, spans and every organisation, compared between two days.
organisation-compare-with = Compared with
organisation-levels-and-spans = Levels and spans
organisation-figure = Figure
organisation-levels = Levels
organisation-widest-span = Most under one
organisation-in-all = Organisations
organisation-no-changes = Nothing changed between the two days
difference-founded = Founded
difference-closed = Closed
difference-renamed = Renamed
difference-other_kind = Of another kind
difference-line_moved = Moved in the line
difference-place_moved = Moved in the territory

organisation-change = Change
organisation-close = Close it
organisation-correct = Correct
organisation-as-member = As a member
organisation-not-yet = On { $day } it was not there yet; this is how it became.
organisation-gone = On { $day } it is no longer there; this is how it was last.
organisation-in-line = In the line
organisation-in-territory = In the territory
organisation-below = Directly below
organisation-none-below = Nothing is under it.
organisation-hosts = Host units and their branches
organisation-area-system = System of { $area }
organisation-posts = Posts
organisation-no-posts = It has no posts.
organisation-vacant = vacant
organisation-posts-sign-in = Sign in to see posts and who holds them.
organisation-history = History
organisation-shown-day = shown here
organisation-by-reorganisation = By a reorganisation

organisation-new-title = Found an organisation
organisation-new-lead = It is there from the given day on, and becomes a member of the community.
organisation-change-title = Change an organisation
organisation-change-lead = From the given day on, it is as follows; what was before stays.
organisation-correct-title = Correct an entry
organisation-correct-lead = Correct here what was entered wrongly for these days. What really changed is a change.
organisation-close-title = Close { $name }
organisation-close-text = It is then no longer an organisation of the community; what was stays to be seen. It can't be closed while something is under it or its posts last longer.
organisation-close-below = These have to be moved first:
organisation-field-name = Name
organisation-field-kind = Kind
organisation-field-line = Superior
organisation-field-line-outside = Superior outside the community
organisation-field-place = Place
organisation-field-from = From
organisation-field-until = Until
organisation-field-close-on = Closed from
organisation-hint-from = The first day on which it is so.
organisation-hint-until = The first day on which it is no longer so; empty while it lasts.
organisation-hint-line = The organisation of this community that it is under.
organisation-hint-line-outside = The name of a superior outside, such as a university’s Party committee.
organisation-hint-place = Where it is; its residential area coordinates it.
organisation-hint-close-on = The first day on which it is no longer there.
done-organisation-created = The organisation is founded.
done-organisation-changed = The change is entered.
done-organisation-corrected = Corrected.
done-organisation-closed = The organisation is closed.

organisation-area-lead = The Party organisation is the core, the residents’ committee the main body, the owners’ committee the foundation, the property company the support, station and social organisations the props.
organisation-system-whole = The system is whole.
organisation-system-missing = Missing from the system:
organisation-missing = missing
organisation-role-core = The area’s Party organisation
organisation-role-main_body = Residents’ committee
organisation-role-foundation = Owners’ committee
organisation-role-support = Property company
organisation-role-station = Social-work station
organisation-role-props = Social organisations
organisation-missing-core = no Party organisation of the area
organisation-missing-main_body = no residents’ committee
organisation-missing-foundation = no owners’ committee
organisation-missing-support = no property company
organisation-missing-station = no social-work station
organisation-missing-props = no social organisation
organisation-team = Four-in-one team
organisation-team-unfilled = Not filled: { $parts }
organisation-team-vacant = not filled
organisation-team-filled = filled
organisation-party-title = The three kinds of Party organisations in the area
organisation-none-here = None
organisation-persons-title = Legal and natural persons
organisation-persons-lead = Units in buildings and residents in homes, in one table.
organisation-natural = Natural persons
organisation-legal = Units
organisation-other = Other organisations
organisation-others-title = Units and groups of the area
system-role-core = Core
system-role-main_body = Main body
system-role-foundation = Foundation
system-role-support = Support
system-role-station = Prop
system-role-props = Props
party-side-residential = Of the residential area
party-side-two_new = Of two-new organisations
party-side-resident_unit = Of resident units
team-part-branch_officers = Officers of the general branch
team-part-party_mass_worker = Party-and-masses worker of two-new organisations
team-part-unit_representative = Representative of resident units
team-part-police_officer = Community police officer

invalid-standings_overlap = This overlaps another entry on { $day }.
invalid-superior_not_there = The superior { $name } is not there on { $day }; choose another superior or day.
invalid-has_below = { $name } is still under it on { $day }; move that one first.
invalid-line_circle = From { $day } on these would stand in a circle: { $names }.
invalid-line_itself = It can’t be under itself.
invalid-not_there_on_day = The organisation is not there on { $day }; choose another day.
invalid-later_change = A later change, of { $day }, is entered already; correct that one first.
invalid-no_such_standing = No entry begins on { $day }; it may have been corrected. Load the page again.
invalid-swallows_another = This would leave no day to the entry beside it; choose other days.
invalid-nothing_changes = Nothing would be otherwise.
invalid-posts_last_longer = { $count ->
    [one] One of its posts lasts
   *[other] { $count } of its posts last
} beyond { $day }; end { $count ->
    [one] it
   *[other] them
} first.
