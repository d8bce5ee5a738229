# Matters between parties

invalid-matter_not_now = The matter has moved on; this can’t be done now. Load the page again.
invalid-matter_one_party = At least two parties are needed.
invalid-matter_party_twice = This party is invited already.
invalid-matter_no_party = Not a party to this matter.
invalid-matter_no_follow_up = This follow-up is not there any more.
invalid-matter_done_already = This is done already.
invalid-matter_pending = { $count ->
    [one] One follow-up is not done yet.
   *[other] { $count } follow-ups are not done yet.
}
invalid-matter_not_due = What was agreed is still in time; it can be taken up again when something is overdue.
