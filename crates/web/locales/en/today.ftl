# The day list

today-title = Day list
today-all = All matches
today-days = Choose a day
today-day = Day
today-go = Go
today-previous = Day before
today-next = Day after
today-back = Back to today
today-none = Nothing on this day
today-none-text = No visits, nothing overdue, no open proposals. You could look at open needs.
today-see-needs = See needs
today-visits = Visits of the day
today-visits-none = No visits are arranged for this day.
today-overdue = Overdue, not recorded
today-overdue-lead = The arranged time has passed and nobody recorded what happened.
today-unconfirmed = Unconfirmed for 7 days
today-unconfirmed-lead = Recorded, but one side has not confirmed for 7 days. After checking you can settle it.
today-unanswered = Waiting for an answer
today-unanswered-lead = Proposed, and not answered yet. A call may help.
today-receiver = Receives: { $name }
today-giver = Gives: { $name }
today-recorded = recorded { $when }
today-proposed = proposed { $when }
