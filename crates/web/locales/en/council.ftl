# Councils

charter-matter = { $matter ->
    [special] Special matters
    [election] Elections
    [charter_change] Changes of the charter
    [admission] Admissions
    [removal] Removals
   *[ordinary] Ordinary matters
}
invalid-charter_no_seats = Neither organisations nor persons have a seat; give at least one of them one.
invalid-charter_seats_range = Not fewer than the fewest seats, { $least }.
invalid-charter_duty_without_seats = The duty rotates among seats; a whole body has none.
invalid-charter_duty_longer_than_term = A turn can’t be longer than the term.
invalid-charter_no_duty = There is no duty rota, so nobody on duty can put an item.
invalid-charter_no_chair = There is no chair who could put an item.
invalid-charter_casting_without_chair = There is no chair who could give the casting vote.
invalid-charter_more_backers_than_seats = There are { $max } seats at most; ask for no more backers.
invalid-charter_ordinary_twice = Ordinary matters have their rule already.
invalid-charter_share_zero = { charter-matter }: a share of nothing is always reached; give a greater one.
invalid-charter_share_impossible = { charter-matter }: more than all can’t be reached; say “at least”.
invalid-charter_measure_unfit = { charter-matter }: this can’t be counted in this body: seats in a council, heads and area among owners, heads elsewhere.
invalid-charter_condition_twice = { charter-matter }: this condition is there twice; keep one.
invalid-charter_represented_without_proxies = { charter-matter }: nobody is represented where no proxies are allowed.
invalid-charter_no_majority = { charter-matter }: say how much has to agree.
invalid-charter_weaker_than_ordinary = { charter-matter } can’t ask for less than ordinary matters do.
invalid-charter_secret_by_area = { charter-matter }: a vote by area can’t be secret: the area shows whose it is.
invalid-charter_secret_by_hands = { charter-matter }: a show of hands is not secret; allow another way.
invalid-charter_window_range = Not shorter than the shortest, { $least } hours.
invalid-charter_change_not_online = Only a vote that is cast online can be changed.
invalid-charter_written_without_paper = Written opinions need the way “paper”.
invalid-charter_not_resolved = A charter is changed by a resolution on it that passed.
invalid-charter_before_resolution = It was resolved on { $day }; it can’t be in force before.
invalid-charter_before_last = A version is in force from { $day } on; choose a later day.

invalid-seat_not_for_kind = By the charter, members of this kind hold no seat.
invalid-seat_member_full = From { $day } on this member would hold more than { $max }.
invalid-seat_council_full = From { $day } on there would be more than { $max } seats.
invalid-seat_number_taken = Another seat has this number at that time.
invalid-seat_outside = Outside the days of the seat.
invalid-seat_holder_sits = Who holds the seat represents it; name others as substitutes.
invalid-seat_represented = The seat has a representative from { $day } on already.
invalid-seat_substitutes_full = A seat has { $max } substitutes at most.
invalid-seat_sits_already = This person speaks for a seat at that time already.

invalid-roll_twice = Somebody is on the roll twice.
invalid-roll_too_large = The numbers of the roll are too large to be counted; check the areas.

invalid-duty_nobody = On { $day } there is no seat to be on duty.
invalid-duty_too_long = At most { $max } turns are planned at once; choose an earlier end.
invalid-duty_no_swaps = The charter allows no swaps.
invalid-duty_no_such_turn = No turn begins on this day.
invalid-duty_turn_begun = The turn has begun already.
invalid-duty_own_turn = Both turns are of the same seat.
invalid-duty_not_yours = Only the seat whose turn it is can do this.
invalid-duty_swap_open = A swap of this turn is asked for already.
invalid-duty_swap_decided = This swap is decided already.
invalid-duty_turns_changed = The turns have changed since; ask for the swap anew.
invalid-duty_seat_gone = On { $day } one of the two seats is not there any more.
invalid-duty_not_begun = The turn begins on { $day }.

invalid-meeting_not_now = The meeting has moved on; this can’t be done now. Load the page again.
invalid-meeting_item_kind = The charter has no items of this kind; choose from the list.
invalid-meeting_no_items = The agenda is empty.
invalid-meeting_nobody = Nobody is invited.
invalid-meeting_notice_short = { $days ->
    [one] A meeting is called { $days } day before; the earliest day is { $earliest }.
   *[other] A meeting is called { $days } days before; the earliest day is { $earliest }.
}
invalid-meeting_too_early = It can be opened { $hours } hours before its time at the earliest.
invalid-meeting_no_such_item = This item is not on the agenda any more.
invalid-meeting_unsettled = { $count ->
    [one] An item has neither result nor follow-up: “{ $title }”.
   *[other] { $count } items have neither result nor follow-up, “{ $title }” the first.
}
invalid-meeting_not_invited = Not among those invited.
invalid-meeting_here_already = Signed in already.
invalid-meeting_not_here = Not signed in.

invalid-proposal_not_now = The proposal has moved on; this can’t be done now. Load the page again.
invalid-proposal_not_yours = Only who put it can do this.
invalid-proposal_backed_already = You back it already.
invalid-proposal_not_backed = You don’t back it.
invalid-proposal_own_backing = Who put it backs it; withdraw it instead.
invalid-proposal_open_amendments = { $count ->
    [one] An amendment is not decided yet.
   *[other] { $count } amendments are not decided yet.
}
invalid-amendment_decided = This amendment is decided already.
invalid-amendment_outdated = The text has changed since; the amendment has to be put anew.

invalid-vote_one_by_one = Candidates are voted on one by one: one question of yes or no.
invalid-vote_must_be_yes_no = Such matters are decided by yes or no.
invalid-vote_no_majority = The charter says no majority for it; let voters choose among candidates.
invalid-vote_way_not_allowed = The charter does not allow this way of voting.
invalid-vote_secret_by_hands = A show of hands is not secret; choose another way.
invalid-vote_window_hours = By the charter a vote lasts { $min } to { $max } hours.
invalid-vote_options_unneeded = A question of yes or no has no options.
invalid-vote_options_few = At least { $min } options.
invalid-vote_option_twice = “{ $option }” is there twice.
invalid-vote_empty_roll = Nobody is on the roll.
invalid-vote_no_quorum = { $measure ->
    [area] Owners of too little area are there to vote.
    [seats] { $got } seats are there; { $needed } are needed to vote.
   *[heads] { $got } are there; { $needed } are needed to vote.
}
invalid-vote_not_yet = The vote has not begun yet.
invalid-vote_over = The vote is over; no more ballots are taken.
invalid-vote_closed = The vote is closed; nothing of it can change.
invalid-vote_still_open = The vote lasts until its end; before, it can be closed only when everybody has voted.
invalid-vote_unconfirmed = { $count ->
    [one] An entry waits for its second person.
   *[other] { $count } entries wait for their second person.
}
invalid-vote_not_closed = The vote is not closed yet.
invalid-vote_no_tie = There is no tie that a casting vote could decide.
invalid-vote_casting_given = The casting vote was given already.
invalid-vote_not_secret = This vote is open; it has no receipts.
invalid-vote_not_online = This vote is not taken online.
invalid-vote_cast_already = The vote was cast already and can’t be changed.
invalid-vote_not_on_roll = { $count ->
    [one] One is not on the roll.
   *[other] { $count } are not on the roll.
}
invalid-ballot_answers = { $questions ->
    [one] Answer the question.
   *[other] Answer all { $questions } questions.
}
invalid-ballot_kind = This is no answer to the question.
invalid-ballot_unknown_option = This option does not exist; choose from the list.
invalid-ballot_option_twice = An option is chosen twice.
invalid-ballot_too_many = Choose { $max } at most.
invalid-ballot_score = { $max } points at most.

invalid-receipt_malformed = A receipt has 32 signs, digits and the letters a to f.
invalid-receipt_needed = A secret vote is changed with the receipt that was given for it.
invalid-receipt_unneeded = You have not voted yet; no receipt is needed.
invalid-receipt_unknown = No ballot of this vote has this receipt.

invalid-proxy_not_allowed = No proxy is allowed here.
invalid-proxy_own = One can’t give oneself a proxy.
invalid-proxy_given_already = The vote is given to another already.
invalid-proxy_too_many = One votes for { $max } others at most.
invalid-proxy_chain = A vote that was given away can’t be given on.
invalid-proxy_voted = The vote was cast already.

invalid-entry_kind = Open votes are entered with names, secret ones as sums.
invalid-entry_twice = { $count ->
    [one] One is named twice.
   *[other] { $count } are named twice.
}
invalid-entry_voted_already = { $count ->
    [one] One has voted already.
   *[other] { $count } have voted already.
}
invalid-entry_sums_differ = { $voters } handed in a paper, but { $papers } papers are counted.
invalid-entry_weights_differ = Their votes don’t weigh the same; enter them by name.
invalid-entry_absent = { $count ->
    [one] One is not signed in; only who is there raises a hand.
   *[other] { $count } are not signed in; only who is there raises a hand.
}
invalid-entry_time = It has to be handed in while the vote lasts.
invalid-entry_not_before = { $count ->
    [one] One is not there; the written opinion had to be handed in before the vote began.
   *[other] { $count } are not there; their written opinions had to be handed in before the vote began.
}
invalid-entry_decided = This entry was confirmed or discarded already.
invalid-entry_same_person = Another person than the one who entered it has to confirm it.

invalid-resolution_not_now = The resolution has moved on; this can’t be done now. Load the page again.
invalid-resolution_own_work = Another person than the one who reported it done has to accept it.
invalid-resolution_due_early = It was resolved on { $day }; the day can’t be before.
invalid-resolution_due_without_owner = Say who carries it out.
