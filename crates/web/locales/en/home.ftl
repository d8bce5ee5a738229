# Front page and about

home-title = Neighbours help each other
home-find = Find help
home-find-text = Say what you need, or see what is offered in the community.
home-find-browse = See what is offered
home-give = Offer help
home-give-text = Your skill, time or rooms may be just what a neighbour needs.
home-give-browse = See who needs help
home-waiting = Waiting for you
home-waiting-more = { $count } more, see all
home-categories = Ten kinds of service
home-needs-open = { $count } open { $count ->
    [one] need
   *[other] needs
}
home-offers-open = { $count } open { $count ->
    [one] offer
   *[other] offers
}
home-news = What is going on
home-newest-needs = Newest needs
home-newest-offers = Newest offers
home-all-needs = All needs
home-all-offers = All offers
home-figures = The past year
home-deliveries = Services delivered
home-hours = Hours of service
home-givers = Members who helped
home-receivers = Members who were helped
home-rating = Mean rating
home-rating-note = of 5
home-figures-all = See all figures

about-title = About Tongxin
about-lead = Mutual help in one community: residents, units and social organisations both ask and give.
about-how = How it works
about-how-1 = Ask for help, or say what you offer. A social worker can do it for you.
about-how-2 = Somebody answers, or a social worker proposes who fits best by nearness, time and earlier help.
about-how-3 = Once it is accepted, both arrange a time, and the service takes place.
about-how-4 = Both confirm it, and who was served may rate it. What nobody confirms within seven days is checked and settled by a social worker.
about-who-sees = Who sees what
about-what = What
about-seen-by = Seen by
about-public = Needs and offers for everybody
about-public-by = Anyone; without signing in no person’s name is shown
about-members = Needs and offers for signed-in members
about-members-by = Members of this community who are signed in
about-staff = Needs and offers only for the parties and staff
about-staff-by = The member, the other party of a match, the area’s social workers and secretary, subdistrict staff
about-phone = Telephone numbers
about-phone-by = The member and the place’s staff; the other party once a match is accepted
about-groups = Whether somebody is older, a child, disabled or preferentially treated
about-groups-by = The member, the area’s social workers and secretary; every look is recorded
about-figures = Figures
about-figures-by = Anyone; they name nobody, and very small groups are left out
about-rules = Rules
about-rule-1 = Help is given freely. No selling, and no charge beyond what was agreed.
about-rule-2 = Say what is true. No telephone numbers, door numbers or other people’s private matters in titles and texts.
about-rule-3 = Keep what you arranged. If you can’t, cancel early and say why.
about-rule-4 = Nobody is scored or ranked; a rating is about one service only.
about-rule-5 = Every change is recorded: who, when and in which post. Tampering with it later is found.
