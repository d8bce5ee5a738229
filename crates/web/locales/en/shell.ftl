# The frame around every page

app-name = Tongxin
app-mark = 同
app-lead = Find help, offer help, see your community: a home built and shared by residents and organisations.
language-own-name = English
language-choose = Choose a language
theme-toggle = Switch light and dark
skip-to-content = Skip to content
sign-in = Sign in
sign-out = Sign out
open-matters = Open matters

nav-main = Main
nav-workbench = Workbench
nav-quick = Quick navigation
nav-menu = Menu
nav-home = Home
nav-needs = Needs
nav-offers = Offers
nav-places = Places
nav-me = Mine
nav-today = Today
nav-runs = Matching
nav-members = Members
nav-organisations = Organisations
nav-overview = Overview
nav-records = Records
nav-accounts = Accounts

footer-about = About
footer-api = API
footer-line = Service first, built and shared by residents and organisations.

action-back = Back
action-save = Save
action-cancel = Cancel
action-search = Search
action-clear = Clear filters
action-withdraw = Withdraw
action-export-xlsx = Export to Excel
action-export-csv = Export as CSV
action-print = Print

confirm-question = Are you sure? This cannot be undone.

filter-title = Filter
filter-search = Keywords
filter-any = Any

pager-label = Pages
pager-prev = Previous
pager-next = Next
pager-go = Page { $number }
pager-page = Page { $number } of { $last }
pager-total = { $total ->
    [one] { $total } entry
   *[other] { $total } entries
}

form-optional = optional
form-choose = Please choose
form-errors-title = Please correct the following; what you typed is kept:
form-error-field = { $label }:{" "}
form-error-required = Please fill this in.
form-error-too-long = At most { $max } characters; there are { $length }. Please shorten it.
form-error-control = There are characters that cannot be shown. Please remove them.
form-error-number = Please enter a whole number from { $min } to { $max }.
form-error-choice = Please choose one of the options.
form-error-date = This is not a date. Please write it like 2026-11-24.
form-error-datetime = This is not a time. Please write it like 2026-11-24 09:30.
form-error-datetime-skipped = The clocks skip this time. Please choose another.
form-error-year = The year must lie between 1900 and 2200.

format-date = { $day } { $month } { $year }
format-date-short = { $weekday } { $day } { $month }
format-window = { $from } – { $until }
format-today = today
format-tomorrow = tomorrow
format-yesterday = yesterday
format-in-days = in { $days } days
format-days-ago = { $days } days ago
format-minutes = { $minutes } min
format-hours = { $hours } h
format-hours-minutes = { $hours } h { $minutes } min
format-none = –
format-month-1 = January
format-month-2 = February
format-month-3 = March
format-month-4 = April
format-month-5 = May
format-month-6 = June
format-month-7 = July
format-month-8 = August
format-month-9 = September
format-month-10 = October
format-month-11 = November
format-month-12 = December
format-weekday-1 = Mon
format-weekday-2 = Tue
format-weekday-3 = Wed
format-weekday-4 = Thu
format-weekday-5 = Fri
format-weekday-6 = Sat
format-weekday-7 = Sun

error-title-not-found = Not found
error-title-unauthorized = Please sign in
error-title-forbidden = Not allowed
error-title-conflict = Things have changed
error-title-server = Something went wrong
error-title-request = This cannot be done
error-bad-request = The request is not right. Please go back, check it and try again.
error-unauthorized = Please sign in to see or do this.
error-forbidden = Your present posts do not allow this. Please ask your residential area or the subdistrict.
error-csrf = The page is too old or comes from elsewhere; nothing was changed. Please go back, reload it and try again.
error-not-found = This page does not exist, or you may not see it.
error-method = This is not supported here.
error-timeout = This took too long and was stopped. Please try again later.
error-conflict = Things changed after you opened the page; nothing was changed now. Please reload it.
error-too-large = What you sent is too large. Please send less.
error-media-type = This kind of content is not supported.
error-invalid = Some fields are not right; nothing was changed.
error-too-many = Too many requests. Please try again later.
error-unavailable = The system cannot be used at the moment. Please try again later.
error-internal = Something went wrong on our side; it was logged. Please try again later.
