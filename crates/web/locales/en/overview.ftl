# Overview

overview-title = Overview
overview-lead = { $place }, { $from } to { $to }
overview-file = overview-{ $place }-{ $from }-{ $to }
overview-place = Place
overview-from = From
overview-to = To
overview-look = Show
overview-month = This month
overview-quarter = Last 90 days
overview-year = This year
overview-needs = Needs
overview-offers = Offers
overview-deliveries = Deliveries
overview-hours = Hours delivered
overview-receivers = Receivers
overview-givers = Givers
overview-reciprocity = Reciprocity
overview-reciprocity-note = share of members who both gave and received
overview-satisfaction = Satisfaction, of 5
overview-ratings = { $count ->
    [one] { $count } rating
   *[other] { $count } ratings
}
overview-to-match = Time to match
overview-to-match-note = from request to acceptance, median
overview-to-deliver = Time to deliver
overview-to-deliver-note = from request to delivery, median
overview-days = { $days } days
overview-open = Open
overview-met = Met
overview-unmet = Unmet
overview-by-category = Needs by category
overview-by-area = Needs by residential area
overview-by-care-kind = Needs by kind of care
overview-by-care-group = Needs by care group
overview-by-member-kind = Needs by kind of member
overview-by-month = Deliveries per month
overview-small-groups = Groups with fewer than 3 needs are not shown, so that nobody can be picked out; a need of two groups counts in both.
overview-no-area = Whole community
overview-no-group = Other members
overview-chart = { $title } (chart; the figures are in the table beside it)
overview-column-what = Figure
overview-column-which = Of
overview-column-figure = Value
overview-column-month = Month
overview-column-time = Time
overview-month-of = { $month } { $year }
overview-nothing = There is nothing in this period.
overview-empty = No needs, offers or deliveries in this period
overview-empty-text = Choose another period or place.
overview-public = The overview is public. It holds totals only and names nobody.
overview-as-of = As of { $time }.
